"""Alarms of neighbouring places are one fire; a person says that they are two, or that two are one."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import Story

from devices.geometry import distance_m
from devices.model import Place
from devices.nearby import Nearby
from devices.registry import Registry
from dispatch.alarms import joining, maintenance
from dispatch.facts.actor import Actor
from dispatch.facts.order import OrderState
from dispatch.ledger import projection
from dispatch.presses import pressing, verification
from dispatch.state import fold
from dispatch.state.state import Incident, State
from dispatch.views import view
from dispatch.ways import neighbours

COMMAND = Actor("command", "command:main")


@pytest.fixture
def story(small_registry: Registry) -> Story:
    return Story(small_registry)


def _split(story: Story, incident: str, *alarms: str) -> str | None:
    about = story.state.incidents[incident]
    return story.turn(lambda turn: joining.split(turn, COMMAND, about, alarms, None))


def _merge(story: Story, incident: str, into: str) -> str | None:
    one, other = story.state.incidents[incident], story.state.incidents[into]
    return story.turn(lambda turn: joining.merge(turn, COMMAND, one, other, None))


def _verdict(story: Story, incident: str, verdict: str) -> str | None:
    about = story.state.incidents[incident]
    return story.turn(lambda turn: pressing.give_verdict(turn, COMMAND, about, {"verdict": verdict}, None))


def _report(story: Story, **where: object) -> None:
    request = {"kind": "fire", "source": "119", **where}
    story.turn(lambda turn: pressing.open_by_hand(turn, COMMAND, request, None))


def _frames(story: Story, recipient: str) -> list[str]:
    return [one.subject for one in story.entries[-1].content.frames if one.recipient == recipient]


def _apart(registry: Registry, place: str, **position: float) -> Registry:
    return replace(registry, places=registry.places | {place: replace(registry.places[place], **position)})


def _told(story: Story, incident: str = "I-000001") -> list[tuple[str, str, str]]:
    about: Incident = story.state.incidents[incident]
    kept = [one.drafted for one in story.state.orders_of(about)]
    return [(one.recipient, one.kind.value, one.reason) for one in kept]


# ---- neighbours


def test_a_fire_takes_in_the_alarm_of_a_place_beside_it_and_is_graver_for_it(story: Story) -> None:
    story.event("fire", "S-1")
    story.event("fire", "S-9")
    assert story.state.places_of(story.incident()) == ["P-1", "P-4"]
    assert story.incident().severity == 4


def test_everybody_on_the_fire_is_told_of_the_further_place_at_once(story: Story) -> None:
    story.event("fire", "S-1")
    story.event("fire", "S-9")
    orders = story.state.open_orders("station:ST-1")
    assert _frames(story, "station:ST-1") == [orders[0].id]
    shown = view.order(story.state, story.registry, orders[0])
    assert [(one["code"], one["name"], one["floor"]) for one in shown["places"]] == [
        ("P-1", "mall", 1),
        ("P-4", "annex", 1),
    ]
    assert shown["place"] == shown["places"][0]


def test_the_further_places_own_station_and_leader_are_called_too(story: Story) -> None:
    story.event("fire", "S-1")
    story.event("fire", "S-9")
    assert ("station:ST-3", "respond", "own_unit") in story.told()
    assert ("person:L-2", "attend", "leader") in story.told()
    before = len(story.orders())
    story.event("manual_call", "S-9")
    assert len(story.orders()) == before, "they are called once"


@pytest.mark.parametrize(("lat", "incidents"), [(30.00022, 1), (30.00023, 2)])
def test_beside_means_within_twenty_five_metres(small_registry: Registry, lat: float, incidents: int) -> None:
    story = Story(_apart(small_registry, "P-4", lat=lat))
    story.event("fire", "S-1")
    story.event("fire", "S-9")
    assert len(story.state.incidents) == incidents


def test_a_row_of_houses_is_not_one_fire_from_end_to_end(small_registry: Registry) -> None:
    story = Story(_apart(small_registry, "P-2", lat=30.0004))  # 22 m beyond P-4, 44 m from P-1
    for device in ("S-1", "S-9", "S-4"):
        story.event("fire", device)
    assert [one.place for one in story.state.incidents.values()] == ["P-1", "P-2"]


def test_an_alarm_joins_the_fire_of_its_own_place_before_a_neighbours(small_registry: Registry) -> None:
    story = Story(small_registry)
    story.event("fire", "S-9")
    _report(story, place="P-1")
    story.event("fire", "S-1")
    assert story.state.incidents["I-000002"].alarms == ("A-000002",)


def test_electrical_danger_takes_in_nothing_from_beside_it(small_registry: Registry) -> None:
    story = Story(_apart(small_registry, "P-3", lat=30.0002))
    story.reading("E-1", residual_ma=400.0)
    story.reading("E-3", residual_ma=400.0)
    story.event("fire", "S-9")
    assert len(story.state.incidents) == 3


def test_an_alarm_joins_a_fire_reported_at_a_point_of_the_map_beside_it(story: Story) -> None:
    _report(story, lon=120.0, lat=30.0001)
    story.event("fire", "S-1")
    assert story.incident().alarms == ("A-000001",)
    assert ("station:ST-U", "respond", "own_unit") in story.told()
    shown = view.incident(story.state, story.registry, story.incident())
    assert [one["code"] for one in shown["places"]] == [None, "P-1"]


def test_an_exercise_takes_in_no_real_alarm_from_beside_it(story: Story) -> None:
    request = {"scenario": "kitchen-fire", "devices": ["S-1"], "minutes": 10}
    story.turn(lambda turn: pressing.open_drill(turn, COMMAND, request))
    story.event("fire", "S-1", drill="D-000001")
    story.event("fire", "S-9")
    assert [one.drill for one in story.state.incidents.values()] == ["D-000001", None]


def test_a_neighbours_alarm_after_the_crew_has_left_is_a_fire_of_its_own(story: Story) -> None:
    story.event("fire", "S-1")
    for recipient in ("station:ST-U", "station:ST-1"):
        for action in ("arrive", "close"):
            story.press(recipient, action)
    story.event("fire", "S-9")
    assert len(story.state.incidents) == 2


degrees = st.floats(-0.003, 0.003)


@given(st.lists(st.tuples(degrees, degrees), max_size=30), st.floats(0, 400), st.sampled_from([0.0, 31.2, 64.9]))
def test_the_neighbours_are_those_that_a_look_at_every_place_finds(
    points: list[tuple[float, float]], within_m: float, lat: float
) -> None:
    placed = [(f"P-{n}", 121.4 + east, lat + north) for n, (east, north) in enumerate(points)]
    found = Nearby(placed).within(121.4, lat, within_m)
    every = [(distance_m((121.4, lat), (lon, at)), code) for code, lon, at in placed]
    assert found == sorted(one for one in every if one[0] <= within_m)


def test_a_place_that_is_not_registered_has_no_neighbours(small_registry: Registry) -> None:
    assert neighbours.beside(small_registry, "P-9", 50) == ()
    assert neighbours.beside(small_registry, "P-1", 50) == ("P-4",)
    assert neighbours.beside(small_registry, "P-1", 0) == ()


# ---- two, not one


def test_split_alarms_are_an_incident_with_a_crew_of_its_own(story: Story) -> None:
    for device in ("S-1", "S-9"):
        story.event("fire", device)
    story.now += timedelta(seconds=5)
    assert _split(story, "I-000001", "A-000002") is None
    one, other = story.state.incidents.values()
    assert (one.alarms, other.alarms) == (("A-000001",), ("A-000002",))
    assert (one.severity, other.severity) == (2, 2)
    assert (other.place, other.grid, other.split_from) == ("P-4", "G3-2", "I-000001")
    assert story.state.alarms["A-000002"].incident == other.id
    assert {recipient for recipient, kind, _ in _told(story, other.id) if kind == "respond"} == {
        "station:ST-3",
        "station:ST-2",
    }
    assert "station:ST-1" in {one.recipient for one in story.entries[-1].content.frames}
    assert [one.id for one in story.state.incidents_at("P-4")] == [other.id]
    assert [one.id for one in story.state.incidents_at("P-1")] == ["I-000001"]


@pytest.mark.parametrize(
    ("alarms", "says"),
    [
        (["A-000009"], "no alarm 'A-000009' of I-000001: it has A-000001, A-000002"),
        ([], "at least one alarm"),
        (["A-000001", "A-000002"], "one alarm at least must stay"),
    ],
)
def test_a_split_that_cannot_be_is_refused(story: Story, alarms: list[str], says: str) -> None:
    for device in ("S-1", "S-3"):
        story.event("fire", device)
    before = len(story.entries)
    assert says in str(_split(story, "I-000001", *alarms))
    assert len(story.entries) == before


def test_a_split_off_alarm_is_not_taken_back_by_a_further_one(story: Story) -> None:
    for device in ("S-1", "S-2"):
        story.event("fire", device)
    _split(story, "I-000001", "A-000002")
    story.event("fire", "S-3")
    assert story.state.alarms["A-000003"].incident == "I-000002", "the latest opened of its place"


def test_the_only_alarm_of_an_incident_reported_by_hand_may_leave_it(story: Story) -> None:
    _report(story, place="P-1")
    story.event("fire", "S-1")
    assert _split(story, "I-000001", "A-000001") is None
    assert story.state.incidents["I-000001"].severity == 3


def test_nobody_is_called_by_splitting_what_is_closed_or_a_drill_that_is_over(story: Story) -> None:
    request = {"scenario": "kitchen-fire", "devices": ["S-1", "S-3"], "minutes": 10}
    story.turn(lambda turn: pressing.open_drill(turn, COMMAND, request))
    for device in ("S-1", "S-3"):
        story.event("fire", device, drill="D-000001")
    story.turn(lambda turn: pressing.close_drill(turn, "command:main", turn.state.drills["D-000001"]))
    assert "drill is over" in str(_split(story, "I-000001", "A-000001"))
    story.turn(lambda turn: pressing.stand_down(turn, COMMAND, story.incident()))
    _verdict(story, "I-000001", "test")
    assert _split(story, "I-000001", "A-000001") == "the incident is closed"


# ---- one, not two


def test_a_merged_incidents_alarms_and_open_orders_are_the_others_and_it_is_closed(story: Story) -> None:
    story.event("fire", "S-1")
    story.event("fire", "S-4")
    story.press("station:ST-2", "turn_out")
    ours = [one.id for one in story.orders() if one.drafted.incident == "I-000002" and one.open]
    assert _merge(story, "I-000002", "I-000001") is None
    one, other = story.state.incidents.values()
    assert one.alarms == ("A-000001", "A-000002")
    assert set(ours) < set(one.orders)
    assert (other.open, other.merged_into, other.alarms, other.orders) == (False, "I-000001", (), ())
    assert (one.severity, story.state.alarms["A-000002"].incident) == (4, "I-000001")
    moved = next(each for each in story.orders() if each.drafted.recipient == "station:ST-2")
    assert (moved.state, moved.drafted.incident) == (OrderState.TURNED_OUT, "I-000001")
    assert [each.id for each in story.state.incidents_at("P-2")] == ["I-000001"]


def test_everybody_concerned_hears_of_a_merger_at_once(story: Story) -> None:
    story.event("fire", "S-1")
    story.event("fire", "S-4")
    story.now += timedelta(seconds=2)
    _merge(story, "I-000002", "I-000001")
    heard = {one.recipient for one in story.entries[-1].content.frames}
    assert heard == {"station:ST-U", "station:ST-1", "station:ST-2", "station:ST-3", "person:L-3", "command:main"}
    assert {"I-000001", "I-000002"} <= set(_frames(story, "command:main"))
    drop = projection.project(story.state, story.registry, story.entries[-1:], ())
    assert {row["id"]: row["incident"] for row in drop.alarms} == {"A-000002": "I-000001"}
    assert {row["incident"] for row in drop.orders} == {"I-000001"}
    assert {row["id"]: row["state"] for row in drop.incidents} == {"I-000001": "open", "I-000002": "closed"}
    assert {about for about, _ in drop.touched} == {"I-000001", "I-000002"}


def test_an_order_that_lapsed_before_the_merger_can_still_be_answered(story: Story) -> None:
    story.event("fire", "S-1")
    story.event("fire", "S-4")
    story.press("station:ST-1", "acknowledge")
    story.press("station:ST-U", "acknowledge")
    lapsed = next(one.id for one in story.orders() if one.drafted.recipient == "station:ST-2")
    story.pass_time(61)
    assert story.state.orders[lapsed].state is OrderState.LAPSED
    _merge(story, "I-000002", "I-000001")
    actor, late = Actor("station", "station:ST-2"), story.state.orders[lapsed]
    assert story.turn(lambda turn: pressing.press(turn, actor, late, "acknowledge", "late", None, None)) is None


def test_what_somebody_confirmed_stays_confirmed_in_the_other(story: Story) -> None:
    story.event("fire", "S-1")
    story.event("fire", "S-4")
    story.press("station:ST-2", "arrive")
    story.press("station:ST-2", "confirm_fire")
    _merge(story, "I-000002", "I-000001")
    assert story.state.incidents["I-000001"].verification == "confirmed"


def test_timers_of_a_merged_incident_are_over_and_those_of_its_orders_go_on(story: Story) -> None:
    story.event("fire", "S-1")
    story.event("fire", "S-4")
    _merge(story, "I-000002", "I-000001")
    assert not [key for key in story.state.timers if key.endswith("I-000002")]
    before = len(story.state.incidents["I-000001"].orders)
    story.pass_time(61)
    assert len(story.state.incidents["I-000001"].orders) > before, "who does not answer is followed by the next"
    assert story.state.incidents["I-000002"].orders == ()


def test_that_119_was_called_for_either_is_known_of_both(story: Story) -> None:
    story.event("fire", "S-1")
    story.event("fire", "S-4")
    for order, action in (("station:ST-U", "arrive"), ("station:ST-U", "confirm_fire")):
        story.press(order, action)
    one, other = (story.state.incidents[id] for id in ("I-000001", "I-000002"))
    assert one.brigade is not None
    assert one.brigade.reported_at is None
    story.turn(lambda turn: verification.tell_brigade(turn, other, "command:main", "119-7", None))
    assert _merge(story, "I-000002", "I-000001") is None
    kept = story.state.incidents["I-000001"].brigade
    assert kept is not None
    assert (kept.reported_by, kept.case_number) == ("command:main", "119-7")


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("I-000001", "I-000001", "into itself"),
        ("I-000001", "I-000002", "merge I-000002 into I-000001"),
        ("I-000001", "I-000003", "never merged"),
        ("I-000003", "I-000001", "never merged"),
        ("I-000001", "I-000004", "I-000004 is closed"),
        ("I-000004", "I-000001", "I-000004 is closed"),
        ("I-000001", "I-000005", "judged false"),
    ],
)
def test_a_merger_that_cannot_be_is_refused(story: Story, one: str, other: str, says: str) -> None:
    request = {"scenario": "kitchen-fire", "devices": ["S-3"], "minutes": 10}
    story.turn(lambda turn: pressing.open_drill(turn, COMMAND, request))
    story.event("fire", "S-1")
    story.reading("E-1", residual_ma=400.0)
    story.event("fire", "S-3", drill="D-000001")
    for _ in range(2):
        _report(story, place="P-3")
    story.turn(lambda turn: pressing.stand_down(turn, COMMAND, story.state.incidents["I-000004"]))
    _verdict(story, "I-000004", "unfounded")
    there = next(each for each in story.state.orders_of(story.state.incidents["I-000005"]))
    actor = Actor("station", there.drafted.recipient)
    story.turn(lambda turn: pressing.press(turn, actor, there, "arrive", "r", None, None))
    _verdict(story, "I-000005", "false")
    before = len(story.entries)
    assert says in str(_merge(story, one, other))
    assert len(story.entries) == before


def test_electrical_danger_that_became_a_fire_is_merged_into_it(story: Story) -> None:
    story.reading("E-1", residual_ma=400.0)
    story.event("fire", "S-1")
    assert _merge(story, "I-000001", "I-000002") is None
    assert ("person:M-1", "rectify", "manager") in _told(story, "I-000002")


def test_after_split_and_merger_the_fold_of_the_entries_is_the_state(story: Story) -> None:
    for device in ("S-1", "S-9", "S-4"):
        story.event("fire", device)
    _split(story, "I-000001", "A-000002")
    _merge(story, "I-000003", "I-000002")
    story.pass_time(61)
    again = State()
    for entry in story.entries:
        fold.apply(again, entry)
    assert again == story.state


def test_an_earlier_versions_snapshot_is_given_its_index_of_places(story: Story) -> None:
    story.event("fire", "S-1")
    story.event("fire", "S-9")
    known, story.state.open_at = story.state.open_at, {}
    fold.rearm(story.state)
    assert story.state.open_at == known == {"P-1": {"I-000001"}, "P-4": {"I-000001"}}


def test_a_place_far_from_any_is_looked_up_once_for_each_registry(small_registry: Registry) -> None:
    first = neighbours.beside(small_registry, "P-1", 50)
    nearer = Place("P-5", "kiosk", "shop", "1b Road", 120.0, 30.0001, 1, "G3-1")
    assert neighbours.beside(small_registry, "P-1", 50) is first
    assert neighbours.beside(replace(small_registry, places=small_registry.places | {"P-5": nearer}), "P-1", 50) == (
        "P-5",
        "P-4",
    )


# ---- what a blackout keeps quiet


def test_a_fire_that_was_only_shown_calls_somebody_when_an_alarm_that_is_heard_is_merged_into_it(story: Story) -> None:
    request = {"noun": "place", "code": "P-1", "why": "works", "start": None, "fire": True}
    request["until"] = story.now + timedelta(hours=1)
    assert story.turn(lambda turn: maintenance.begin(turn, COMMAND, request, None)) is None
    story.event("fire", "S-1")
    assert story.orders() == []
    story.event("fire", "S-4")
    story.turn(lambda turn: pressing.stand_down(turn, COMMAND, story.state.incidents["I-000002"]))
    assert _merge(story, "I-000002", "I-000001") is None
    assert ("station:ST-U", "respond", "own_unit") in _told(story)


def test_split_off_alarms_that_are_all_blacked_out_are_shown_and_call_nobody(story: Story) -> None:
    request = {"noun": "device", "code": "S-3", "why": "works", "start": None, "fire": True}
    request["until"] = story.now + timedelta(hours=1)
    story.turn(lambda turn: maintenance.begin(turn, COMMAND, request, None))
    story.event("fire", "S-1")
    story.event("fire", "S-3")
    assert _split(story, "I-000001", "A-000002") is None
    assert _told(story, "I-000002") == []
    assert [one.code for one in story.state.incidents["I-000002"].warnings] == ["blackout"]
