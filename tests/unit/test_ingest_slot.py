"""Slots: whose they are, and who operates them; the kernel's locks on real files."""

from contextlib import ExitStack
from pathlib import Path

from ingest import slot


def test_workers_settle_in_the_lowest_free_slots(tmp_path: Path) -> None:
    with slot.settle(tmp_path) as first:
        with slot.settle(tmp_path) as second, slot.settle(tmp_path) as third:
            assert (first, second, third) == (0, 1, 2)
        with slot.settle(tmp_path) as again:
            assert again == 1
    assert slot.numbers(tmp_path) == [0, 1, 2]


def test_a_slot_has_one_operator_at_a_time(tmp_path: Path) -> None:
    with slot.settle(tmp_path) as number, slot.operate(tmp_path, number) as own:
        assert own is not None
        with slot.operate(tmp_path, number) as other:
            assert other is None
    with slot.operate(tmp_path, number) as other:
        assert other is not None


def test_a_slot_is_vacant_when_it_is_nobodys_home_and_nobody_operates_it(tmp_path: Path) -> None:
    with ExitStack() as home:
        number = home.enter_context(slot.settle(tmp_path))
        assert slot.is_home(tmp_path, number)
        assert slot.vacant(tmp_path) == []
        with slot.operate(tmp_path, number):
            home.close()
            assert not slot.is_home(tmp_path, number)
            assert slot.vacant(tmp_path) == []
        assert slot.vacant(tmp_path) == [number]


def test_an_adopted_slot_can_be_made_a_home_again_before_it_is_handed_over(tmp_path: Path) -> None:
    with slot.settle(tmp_path):
        pass
    with slot.operate(tmp_path, 0), slot.settle(tmp_path) as number:
        assert number == 0
        assert slot.is_home(tmp_path, 0)


def test_client_ids_are_the_slots_own_and_last_and_no_other_folder_has_them(tmp_path: Path) -> None:
    def ids(folder: Path) -> list[str]:
        with slot.operate(folder, 0) as first, slot.operate(folder, 1) as second:
            assert first is not None
            assert second is not None
            return [first.client_id, second.client_id]

    for folder in ("one", "two"):
        for number in (0, 1):
            (tmp_path / folder / f"slot-{number}").mkdir(parents=True)
    one, two = ids(tmp_path / "one"), ids(tmp_path / "two")
    assert ids(tmp_path / "one") == one
    assert len({*one, *two}) == 4


def test_a_slot_remembers_that_its_sessions_exist(tmp_path: Path) -> None:
    with slot.settle(tmp_path) as number, slot.operate(tmp_path, number) as own:
        assert own is not None
        assert not own.had_session("telemetry")
        own.has_session("telemetry")
        assert (own.had_session("telemetry"), own.had_session("event")) == (True, False)
