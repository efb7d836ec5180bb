"""When steps and milestones were reached, as statistics count them."""

from dataclasses import replace as copy_of
from datetime import timedelta

import pytest
from msgspec.structs import replace
from prometheus_client import REGISTRY
from stories import NOON, Story

from devices.registry import Registry
from dispatch import metrics
from dispatch.alarms import joining
from dispatch.facts.actor import Actor
from dispatch.facts.fact import CallingPlanned, Grids, PlannedTier
from dispatch.ledger.projection import project
from dispatch.presses import pressing
from dispatch.state.state import Incident
from dispatch.views import milestone
from dispatch.views.milestone import Milestones


@pytest.fixture
def story(small_registry: Registry) -> Story:
    return Story(small_registry)


def _after(story: Story, seconds: float) -> None:
    story.now = NOON + timedelta(seconds=seconds)


def _milestones(story: Story, about: Incident | None = None) -> Milestones:
    about = about or story.incident()
    return milestone.of(about, story.state.orders_of(about))


def _judge(story: Story, verdict: str) -> None:
    about, actor = story.incident(), Actor("command", "command:main")
    story.turn(lambda turn: pressing.give_verdict(turn, actor, about, {"verdict": verdict}, None))


def test_nobody_has_come_yet(story: Story) -> None:
    story.event("fire", "S-1")
    known = _milestones(story)
    assert known.own
    assert (known.own_responded_at, known.first_arrival_at, known.second_arrival_at) == (None, None, None)
    assert [known.respond_by, known.arrive_by, known.support_by] == [
        NOON + timedelta(seconds=after) for after in (60, 180, 300)
    ]


def test_a_place_without_a_station_of_its_own_has_no_first_milestone(story: Story) -> None:
    story.event("fire", "S-4")
    assert not _milestones(story).own


def test_who_arrives_without_having_acknowledged_has_responded_when_it_arrived(story: Story) -> None:
    story.event("fire", "S-1")
    _after(story, 40)
    story.press("station:ST-U", "arrive")
    assert _milestones(story).own_responded_at == NOON + timedelta(seconds=40)


def test_the_own_station_has_responded_by_its_answer_also_where_it_is_the_first_crew(small_registry: Registry) -> None:
    places = small_registry.places | {"P-1": copy_of(small_registry.places["P-1"], station="ST-1")}
    story = Story(copy_of(small_registry, places=places))
    story.event("fire", "S-1")
    assert story.orders()[0].drafted.tier == "first"  # which means on scene, by minute 3
    _after(story, 20)
    story.press("station:ST-1", "acknowledge")
    for verdict in (None, "false"):  # also when nobody more is called
        if verdict is not None:
            _judge(story, verdict)
        known = _milestones(story)
        assert (known.own_responded_at, known.respond_by) == tuple(
            NOON + timedelta(seconds=after) for after in (20, 60)
        )
        assert known.arrive_by == NOON + timedelta(seconds=180)


def test_the_second_arrival_is_another_stations(story: Story) -> None:
    story.event("fire", "S-1")
    _after(story, 50)
    story.press("station:ST-U", "arrive")
    _after(story, 60)
    story.press("station:ST-U", "control")
    assert _milestones(story).second_arrival_at is None
    _after(story, 90)
    story.press("station:ST-1", "control")
    known = _milestones(story)
    assert known.first_arrival_at == NOON + timedelta(seconds=50)
    assert known.second_arrival_at == NOON + timedelta(seconds=90)


def test_a_station_that_declined_after_arriving_nowhere_counts_as_no_arrival(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "decline", {"reason": "no_crew"})
    assert _milestones(story).first_arrival_at is None
    declined = story.orders()[0]
    assert declined.decline_reason == "no_crew"
    assert milestone.first(declined, "declined") == NOON


def test_what_was_denied_and_then_confirmed_was_never_harmless(story: Story) -> None:
    story.event("fire", "S-1")
    story.press("station:ST-U", "acknowledge")
    story.press("station:ST-1", "acknowledge")
    _after(story, 20)
    story.press("station:ST-1", "arrive")
    story.press("station:ST-U", "arrive")
    story.press("station:ST-U", "report_false")
    assert _milestones(story).harmless_at == NOON + timedelta(seconds=20)
    _after(story, 30)
    story.press("station:ST-1", "confirm_fire")
    assert _milestones(story).harmless_at is None
    assert story.incident().confirmed_at == NOON + timedelta(seconds=30)


@pytest.mark.parametrize(("verdict", "harmless"), [("real", False), ("false", True), ("test", True)])
def test_a_verdict_says_whether_anybody_had_to_come(story: Story, verdict: str, *, harmless: bool) -> None:
    story.event("fire", "S-1")
    _after(story, 70)
    _judge(story, verdict)
    assert _milestones(story).harmless_at == (story.now if harmless else None)


def test_grids_are_those_of_the_time_of_the_alarm(story: Story, small_registry: Registry) -> None:
    story.event("fire", "S-1")
    before = Grids("G3-1", "G2", "G1")
    assert story.state.alarms["A-000001"].grids == story.incident().grids == before
    moved = small_registry.places["P-1"]
    object.__setattr__(moved, "grid", "G3-2")
    drop = project(story.state, small_registry, story.entries, ())
    rows = [*drop.alarms, *drop.incidents, *drop.orders, *drop.changes]
    assert {(one["grid_small"], one["grid_middle"], one["grid_large"]) for one in rows} == {("G3-1", "G2", "G1")}


def _counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_steps_lapses_and_declines_are_counted_once(story: Story) -> None:
    step = {"step": "acknowledged", "kind": "respond"}
    before = _counted("firegrid_order_step_seconds_sum", **step), _counted("firegrid_order_step_seconds_count", **step)
    lapsed = _counted("firegrid_orders_lapsed_total", kind="respond")
    declined = _counted("firegrid_orders_declined_total", kind="respond", reason="other")
    story.event("fire", "S-1")
    _after(story, 7)
    story.press("station:ST-1", "acknowledge")
    story.press("station:ST-1", "decline", {"reason": "of_my_own"})
    story.pass_time(60)
    for entry in story.entries:
        metrics.count(entry, story.state)
    after = _counted("firegrid_order_step_seconds_sum", **step), _counted("firegrid_order_step_seconds_count", **step)
    assert after[0] - before[0] == pytest.approx(7.0, abs=1e-9)  # what other tests have counted is in the sum
    assert after[1] - before[1] == 1.0
    assert _counted("firegrid_orders_declined_total", kind="respond", reason="other") == declined + 1
    assert _counted("firegrid_orders_lapsed_total", kind="respond") > lapsed


def test_milestones_are_those_of_the_policys_tiers(story: Story) -> None:
    story.event("fire", "S-1")
    opened, about = NOON, story.incident()
    tiers = (
        PlannedTier("own", "on_scene", opened + timedelta(seconds=90), 0, "satisfied"),
        PlannedTier("first", "on_scene", opened + timedelta(seconds=240), 1, "waiting"),
        PlannedTier("support", "fighting_together", opened + timedelta(seconds=600), 0, "empty"),
    )
    planned = replace(about, calling=CallingPlanned(incident=about.id, tiers=tiers))
    _after(story, 30)
    story.press("station:ST-U", "acknowledge")
    known = _milestones(story, planned)
    assert [known.respond_by, known.arrive_by, known.support_by] == [one.milestone_at for one in tiers]
    assert known.own_responded_at is None  # this policy counts an arrival
    assert not known.together
    more = (*tiers[:2], replace(tiers[2], strength=6))
    assert _milestones(story, replace(about, calling=CallingPlanned(incident=about.id, tiers=more))).together


def test_what_a_crew_did_before_the_incident_it_was_merged_into_began_was_done_when_it_began(story: Story) -> None:
    story.event("fire", "S-1")
    for seconds, action in ((5, "acknowledge"), (20, "turn_out"), (40, "arrive")):
        _after(story, seconds)
        story.press("station:ST-1", action)
    _after(story, 60)
    command = Actor("command", "command:main")
    request = {"kind": "fire", "source": "119", "place": "P-2"}
    story.turn(lambda turn: pressing.open_by_hand(turn, command, request, None))
    before, later = story.state.incidents.values()
    story.turn(lambda turn: joining.merge(turn, command, before, later, None))
    merged = story.state.incidents[later.id]
    known = _milestones(story, merged)
    opened = NOON + timedelta(seconds=60)
    assert (known.acknowledged_at, known.turned_out_at, known.first_arrival_at) == (opened, opened, opened)
