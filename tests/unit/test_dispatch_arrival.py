"""When a crew is expected, from the draft to its arrival."""

from datetime import timedelta
from math import inf, nan

import pytest
from stories import NOON, Story

from devices.registry import Registry
from dispatch.facts.fact import EtaRevised
from dispatch.state import fold
from dispatch.state.state import State
from dispatch.views import view

# ST-1 musters in 30 s and then travels 100 s
DRAFTED = NOON + timedelta(seconds=130)


@pytest.fixture
def story(small_registry: Registry) -> Story:
    told = Story(small_registry)
    told.event("fire", "S-4")
    return told


def _shown(story: Story) -> tuple[int | None, str | None, str | None]:
    order = view.order(story.state, story.registry, story.orders()[0])
    return order["eta_s"], order["eta_at"], order["eta_method"]


def test_an_order_says_when_its_crew_is_expected(story: Story) -> None:
    assert _shown(story) == (130, "2026-11-21T12:02:10.000Z", "line")


def test_a_crew_that_turns_out_late_is_expected_as_much_later(story: Story) -> None:
    story.now += timedelta(seconds=50)
    story.press("station:ST-1", "acknowledge")
    assert _shown(story)[0] == 130
    story.now += timedelta(seconds=10)
    story.press("station:ST-1", "turn_out")
    assert _shown(story) == (160, "2026-11-21T12:02:40.000Z", "line")
    (revised,) = [one for entry in story.entries for one in entry.content.facts if isinstance(one, EtaRevised)]
    assert (revised.arrive_at, revised.by) == (NOON + timedelta(seconds=160), "station:ST-1")


def test_a_position_is_where_the_way_goes_on_from(story: Story) -> None:
    story.now += timedelta(seconds=20)
    story.press("station:ST-1", "turn_out", {"lon": 120.0004, "lat": 30.0})
    assert _shown(story)[0] == 20 + 40


def test_a_position_told_before_turning_out_comes_after_what_is_left_of_the_muster(story: Story) -> None:
    story.now += timedelta(seconds=20)
    story.press("station:ST-1", "acknowledge", {"lon": 120.0004, "lat": 30.0})
    assert _shown(story)[0] == 20 + 10 + 40


def test_a_crews_own_estimate_goes_before_ours(story: Story) -> None:
    story.now += timedelta(seconds=20)
    story.press("station:ST-1", "turn_out", {"eta_s": 300, "lon": 120.0004, "lat": 30.0})
    assert _shown(story) == (320, "2026-11-21T12:05:20.000Z", "reported")


@pytest.mark.parametrize(
    "value",
    [{"eta_s": -1}, {"eta_s": 1e9}, {"eta_s": True}, {"eta_s": "soon"}, {"eta_s": nan}, {"lon": 500, "lat": 30.0},
     {"lon": 120.0}, {"lon": inf, "lat": 30.0}, {"lon": "120", "lat": "30"}, None],
)  # fmt: skip
def test_what_is_no_position_and_no_estimate_hinders_nobody(story: Story, value) -> None:
    story.now += timedelta(seconds=20)
    assert story.press("station:ST-1", "turn_out", value) is None
    assert _shown(story) == (120, "2026-11-21T12:02:00.000Z", "line")


def test_who_has_arrived_is_expected_no_more(story: Story) -> None:
    story.press("station:ST-1", "turn_out")
    story.now += timedelta(seconds=90)
    story.press("station:ST-1", "arrive", {"eta_s": 300})
    assert _shown(story) == (100, None, "line")
    assert story.orders()[0].arrive_at == NOON + timedelta(seconds=100)


def test_persons_are_not_reckoned(story: Story) -> None:
    story.press("person:L-3", "turn_out", {"eta_s": 300, "lon": 120.0, "lat": 30.0})
    assert story.orders()[1].arrive_at is None


def test_revisions_are_in_the_ledger(story: Story) -> None:
    story.press("station:ST-1", "turn_out", {"eta_s": 300})
    again = State()
    for entry in story.entries:
        fold.apply(again, entry)
    assert again.orders == story.state.orders
