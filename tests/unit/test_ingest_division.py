"""Gateways divided among slots: evenly, stably, and never left before somebody else reads them."""

from collections import Counter

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ingest import division, topic
from ingest.division import Division
from ingest.interest import Retained, Subscription
from ingest.topic import Channel

PREFIX = "fg/v1"
GATEWAYS = [f"GW-{number:03}" for number in range(1000)]


def divided(own: int, slots: list[int], gateways: list[str], group: str | None = None) -> Division:
    return Division(PREFIX, own, slots, division.owners(gateways, slots), group)


def test_one_slot_reads_all_through_the_filters_that_match_every_gateway() -> None:
    assert divided(3, [3], GATEWAYS).filters() == {"fg/v1/+/telemetry", "fg/v1/+/status"}


@pytest.mark.parametrize("slots", [[0, 1], [0, 1, 2], [0, 2, 5, 7]])
def test_every_gateway_has_one_reader_and_the_readers_have_much_the_same_number(slots: list[int]) -> None:
    shares = [divided(own, slots, GATEWAYS).filters() for own in slots]
    assert Counter(each for share in shares for each in share) == Counter(
        topic.of(PREFIX, gateway, channel) for gateway in GATEWAYS for channel in division.CHANNELS
    )
    fair = 2 * len(GATEWAYS) / len(slots)
    assert all(0.8 * fair < len(share) < 1.2 * fair for share in shares)


def test_a_gateways_telemetry_and_status_have_the_same_reader() -> None:
    for share in (divided(own, [0, 1, 2], GATEWAYS).filters() for own in range(3)):
        readers = {channel: {each.split("/")[2] for each in share if each.endswith(channel)} for channel in Channel}
        assert readers[Channel.TELEMETRY] == readers[Channel.STATUS]


@settings(deadline=None)
@given(st.sets(st.integers(0, 60), min_size=1, max_size=8), st.integers(61, 64))
def test_a_new_slot_takes_its_share_and_nothing_else_moves(slots: set[int], new: int) -> None:
    before = division.owners(GATEWAYS, sorted(slots))
    after = division.owners(GATEWAYS, [*sorted(slots), new])
    assert {after[gateway] for gateway in GATEWAYS if after[gateway] != before[gateway]} == {new}


@given(st.permutations(range(6)))
def test_the_order_in_which_slots_and_gateways_are_named_changes_nothing(slots: list[int]) -> None:
    assert division.owners(GATEWAYS[:50], list(slots)) == division.owners(GATEWAYS[:50], list(range(6)))


def test_without_gateways_there_is_nothing_to_divide() -> None:
    assert divided(0, [0, 1], []).filters() == frozenset()


def test_with_a_group_every_slot_reads_telemetry_through_it_and_the_first_one_status() -> None:
    assert divided(1, [1, 2], GATEWAYS, "g").filters() == {"$share/g/fg/v1/+/telemetry", "fg/v1/+/status"}
    assert divided(2, [1, 2], GATEWAYS, "g").filters() == {"$share/g/fg/v1/+/telemetry"}
    assert divided(2, [2], GATEWAYS, "g").filters() == {"$share/g/fg/v1/+/telemetry", "fg/v1/+/status"}


def test_old_readings_are_not_wanted_and_states_are() -> None:
    assert division.subscription("fg/v1/GW-1/telemetry") == Subscription("fg/v1/GW-1/telemetry", 1, Retained.NEVER)
    assert division.subscription("$share/g/fg/v1/+/telemetry").retained is Retained.NEVER
    assert division.subscription("fg/v1/+/status").retained is Retained.ALWAYS


def test_the_filter_for_every_gateway_is_left_once_each_gateway_has_its_reader() -> None:
    own = divided(0, [0, 1], GATEWAYS[:20])
    shares = {slot: divided(slot, [0, 1], GATEWAYS[:20]).filters() for slot in (0, 1)}
    wild = ["fg/v1/+/telemetry"]
    assert own.leavable(wild, shares) == wild
    for slot in (0, 1):
        for missing in [each for each in shares[slot] if each.endswith("telemetry")]:
            assert own.leavable(wild, {**shares, slot: shares[slot] - {missing}}) == []


def test_a_gateway_that_is_registered_no_longer_is_left_at_once() -> None:
    assert divided(0, [0, 1], ["GW-1"]).leavable(["fg/v1/GW-2/telemetry"], {}) == ["fg/v1/GW-2/telemetry"]


def test_a_group_is_left_for_shares_and_shares_for_a_group_only_when_they_are_there() -> None:
    gateways, shared = GATEWAYS[:9], "$share/g/fg/v1/+/telemetry"
    shares = {slot: divided(slot, [0, 1], gateways).filters() for slot in (0, 1)}
    assert divided(0, [0, 1], gateways).leavable([shared], {0: shares[0], 1: frozenset()}) == []
    assert divided(0, [0, 1], gateways).leavable([shared], shares) == [shared]
    mine = sorted(each for each in shares[1] if each.endswith("telemetry"))
    assert divided(1, [0, 1], gateways, "g").leavable(mine, {0: frozenset([shared])}) == []
    assert divided(1, [0, 1], gateways, "g").leavable(mine, {1: frozenset([shared])}) == mine


class Workers(RuleBasedStateMachine):
    """Slots that come, see one another late, and take and leave at any time, by what they once read of the others: no
    gateway is ever without a reader.
    """

    gateways = GATEWAYS[:7]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[int, frozenset[str]] = {}
        self.known: dict[int, list[int]] = {}
        self.read: dict[int, dict[int, frozenset[str]]] = {}

    @initialize()
    def begin(self) -> None:
        self.held[0], self.known[0] = divided(0, [0], self.gateways).filters(), [0]

    @rule()
    def come(self) -> None:
        if len(self.held) < 4:
            self.held[len(self.held)] = frozenset()
            self.known[len(self.known)] = list(range(len(self.held)))

    @rule(slot=st.integers(0, 3))
    def look(self, slot: int) -> None:
        if slot in self.known:
            self.known[slot] = sorted(self.held)

    @rule(slot=st.integers(0, 3))
    def take(self, slot: int) -> None:
        if slot in self.held:
            self.held[slot] |= self.view(slot).filters()

    @rule(slot=st.integers(0, 3))
    def ask(self, slot: int) -> None:
        self.read[slot] = dict(self.held)

    @rule(slot=st.integers(0, 3))
    def leave(self, slot: int) -> None:
        if slot in self.held:
            view = self.view(slot)
            surplus = self.held[slot] - view.filters()
            self.held[slot] -= frozenset(view.leavable(surplus, self.read.get(slot, {})))

    def view(self, slot: int) -> Division:
        return divided(slot, self.known[slot], self.gateways)

    @invariant()
    def everybody_is_read(self) -> None:
        held = frozenset().union(*self.held.values())
        for gateway in self.gateways:
            for channel in division.CHANNELS:
                assert {topic.of(PREFIX, gateway, channel), topic.filters(PREFIX, channel)} & held

    def teardown(self) -> None:
        for step in (self.look, self.take, self.ask, self.leave):
            for slot in self.held:
                step(slot)
        for slot in self.held:
            assert self.held[slot] == self.view(slot).filters()


TestWorkers = Workers.TestCase
