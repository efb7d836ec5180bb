from ingest.repeats import Repeats


def test_each_signal_has_its_turn_the_oldest_first() -> None:
    repeats = Repeats()
    for number in range(5):
        repeats.hold(number, [b"%d" % number])
    assert repeats.some(2) == [b"0", b"1"]
    assert repeats.some(2) == [b"2", b"3"]
    assert repeats.some(2) == [b"4", b"0"]
    assert repeats.some(9) == [b"0", b"1", b"2", b"3", b"4"]


def test_what_the_database_has_is_said_no_more_and_the_others_keep_their_turn() -> None:
    repeats = Repeats()
    repeats.hold(1, [b"a", b"b"])
    repeats.hold(2, [b"c", b"d", b"e"])
    assert repeats.some(3) == [b"a", b"b", b"c"]
    repeats.forget(1)
    assert repeats.some(1) == [b"d"]
    repeats.forget(2)
    assert repeats.some(5) == []
    assert len(repeats) == 0


def test_too_many_are_not_held() -> None:
    repeats = Repeats(limit=3)
    assert repeats.hold(1, [b"a", b"b"])
    assert not repeats.hold(2, [b"c", b"d"])
    assert repeats.some(9) == [b"a", b"b", b"c"]
    repeats.forget(1)
    assert repeats.hold(3, [b"e"])
    assert repeats.some(9) == [b"c", b"e"]
