import hypothesis.strategies as st
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ingest.outbox import LARGEST_ID, Item, Outbox


def item(number: int) -> Item[int]:
    return Item("t", b"", number)


def sent(outbox: Outbox[int]) -> list[tuple[int, int]]:
    return [(sending.packet_id, sending.item.token) for sending in outbox.ready()]


def test_nothing_is_sent_before_the_connection_and_then_no_more_than_the_window() -> None:
    outbox: Outbox[int] = Outbox(10)
    assert all(outbox.add(item(number)) for number in range(4))
    assert sent(outbox) == []
    assert outbox.connected(3, resumed=False) == []
    assert sent(outbox) == [(1, 0), (2, 1), (3, 2)]
    assert sent(outbox) == []
    assert outbox.acknowledged(2) == item(1)
    assert outbox.acknowledged(2) is None
    assert sent(outbox) == [(4, 3)]


def test_a_resumed_session_is_sent_what_was_in_flight_again_under_the_same_ids() -> None:
    outbox: Outbox[int] = Outbox(10)
    outbox.connected(2, resumed=False)
    for number in range(3):
        outbox.add(item(number))
    assert sent(outbox) == [(1, 0), (2, 1)]
    outbox.disconnected()
    assert sent(outbox) == []
    again = outbox.connected(2, resumed=True)
    assert [(each.packet_id, each.item.token, each.again) for each in again] == [(1, 0, True), (2, 1, True)]
    outbox.acknowledged(1)
    assert sent(outbox) == [(3, 2)]


def test_a_new_session_gets_what_was_in_flight_as_new_and_in_order() -> None:
    outbox: Outbox[int] = Outbox(10)
    outbox.connected(2, resumed=False)
    for number in range(3):
        outbox.add(item(number))
    sent(outbox)
    assert outbox.connected(10, resumed=False) == []
    assert [token for _, token in sent(outbox)] == [0, 1, 2]


def test_a_full_outbox_takes_nothing_more() -> None:
    outbox: Outbox[int] = Outbox(2)
    assert [outbox.add(item(number)) for number in range(3)] == [True, True, False]
    assert [each.token for each in outbox.drop()] == [0, 1]
    assert len(outbox) == 0


@given(st.integers(1, 70_000))
def test_ids_start_anew_after_the_largest_and_skip_those_in_flight(window: int) -> None:
    outbox: Outbox[int] = Outbox(200_000)
    outbox.connected(window, resumed=False)
    outbox._last_id = LARGEST_ID - 1
    for number in range(5):
        outbox.add(item(number))
    ids = [packet_id for packet_id, _ in sent(outbox)]
    assert ids == [LARGEST_ID, 1, 2, 3, 4][: min(window, 5)]


class Sessions(RuleBasedStateMachine):
    """A broker that loses connections and sessions: every item arrives, in order, and none is forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox: Outbox[int] = Outbox(1000)
        self.added = 0
        self.flying: dict[int, int] = {}
        self.done: set[int] = set()

    @rule(count=st.integers(1, 5))
    def add(self, count: int) -> None:
        for _ in range(count):
            self.outbox.add(item(self.added))
            self.added += 1
        self.write()

    @rule(window=st.integers(1, 4), resumed=st.booleans())
    def connect(self, *, window: int, resumed: bool) -> None:
        before = dict(self.flying)
        again = self.outbox.connected(window, resumed=resumed)
        self.flying = {each.packet_id: each.item.token for each in again}
        assert self.flying == (before if resumed else {})
        self.write()

    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        if self.flying:
            packet_id = data.draw(st.sampled_from(sorted(self.flying)))
            found = self.outbox.acknowledged(packet_id)
            assert found is not None
            assert found.token == self.flying.pop(packet_id)
            self.done.add(found.token)
            self.write()

    @rule()
    def disconnect(self) -> None:
        self.outbox.disconnected()
        assert sent(self.outbox) == []

    def write(self) -> None:
        for packet_id, token in sent(self.outbox):
            assert packet_id not in self.flying
            self.flying[packet_id] = token

    @invariant()
    def nothing_is_lost(self) -> None:
        assert {each.token for each in self.outbox.items()} | self.done == set(range(self.added))


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
