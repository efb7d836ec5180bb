"""What an order carries: for whom it is, while it is open, and nowhere it could be read by others."""

from dataclasses import replace

import msgspec
import pytest
from districts import peopled, small
from hypothesis import given
from hypothesis import strategies as st
from stories import Story

from devices.nearby import NearbyLanes
from devices.registry import Registry
from dispatch.alarms import joining
from dispatch.facts.actor import Actor
from dispatch.facts.order import CHECKLIST, LINKAGE, OrderEvent, OrderKind, OrderState
from dispatch.ledger import projection
from dispatch.presses import pressing
from dispatch.state.state import Order
from dispatch.views import placefile, view

COMMAND = Actor("command", "command:main")
LANES = list(small().lanes.values())
SECRETS = ("cannot walk", "name of W-2", "plans/P-2.pdf", "gas bottles")


@pytest.fixture
def story() -> Story:
    return Story(peopled())


def _of(story: Story, recipient: str) -> Order:
    return next(one for one in reversed(story.orders()) if one.drafted.recipient == recipient)


def _file(story: Story, recipient: str) -> dict[str, object] | None:
    return placefile.of(story.state, story.registry, _of(story, recipient))


def test_a_crew_learns_what_it_must_know_before_it_goes_in(story: Story) -> None:
    story.event("fire", "S-4")
    file = _file(story, "station:ST-1")
    assert file is not None
    assert {name: file[name] for name in ("plan", "risk", "hazards", "vulnerable", "keyholder")} == {
        "plan": "plans/P-2.pdf",
        "risk": "high",
        "hazards": "gas bottles",
        "vulnerable": "cannot walk, 5th floor",
        "keyholder": "W-1",
    }
    assert file["contacts"] == [
        {"duty": "keyholder", "code": "W-1", "name": "name of W-1", "phone": "000-2"},
        {"duty": "warden", "code": "W-2", "name": "name of W-2", "phone": "000-2"},
    ]
    assert file["equipment"] == [{"item": "hose", "count": 4, "checked_on": "2026-11-01", "expires_on": None}]
    assert file["lanes"] == [{"code": "L-1", "name": "yard", "state": "blocked", "width_m": 4, "distance_m": 48}]
    assert file["checklist"] is None


def test_water_is_the_nearest_three_and_what_is_out_of_order_before_them_is_marked(story: Story) -> None:
    story.event("fire", "S-4")
    file = _file(story, "station:ST-1")
    assert file is not None
    told = [(one["code"], one["usable"]) for one in file["water"]]  # type: ignore[attr-defined]
    assert told == [("H-1", False), ("H-2", True), ("H-3", True), ("H-4", None)]


def test_a_leader_is_given_the_checklist_and_no_equipment(story: Story) -> None:
    story.event("fire", "S-4")
    file = _file(story, "person:L-3")
    assert file is not None
    assert file["equipment"] is None
    assert file["checklist"] == [{"task": task, "done": False} for task in CHECKLIST]
    assert file["vulnerable"] == "cannot walk, 5th floor"


@pytest.mark.parametrize("kind", OrderKind)
@pytest.mark.parametrize("state", OrderState)
def test_who_may_read_it_is_a_matter_of_kind_and_state(story: Story, kind: OrderKind, state: OrderState) -> None:
    story.event("fire", "S-4")
    one = _of(story, "station:ST-1")
    drafted = msgspec.structs.replace(one.drafted, kind=kind)
    file = placefile.of(story.state, story.registry, msgspec.structs.replace(one, drafted=drafted, state=state))
    ended = state in ("closed", "declined", "lapsed", "cancelled")
    assert (file is None) == (ended or kind is OrderKind.INFORM)
    if file is not None:
        going_in = kind in ("respond", "attend", "verify")
        assert [file[name] is not None for name in ("vulnerable", "keyholder", "contacts")] == 3 * [going_in]
        assert [file[name] is not None for name in ("water", "lanes")] == 2 * [kind in ("respond", "attend")]
        assert (file["hazards"], file["plan"]) == ("gas bottles", "plans/P-2.pdf")


def test_of_a_fire_that_reached_a_neighbour_both_places_are_told(small_registry: Registry) -> None:
    places = small_registry.places | {"P-2": replace(small_registry.places["P-2"], lat=30.0002)}
    story = Story(replace(small_registry, places=places))
    story.event("fire", "S-1")
    story.event("fire", "S-4")
    file = _file(story, "station:ST-1")
    assert file is not None
    assert file["vulnerable"] is None
    assert [(one["code"], one["vulnerable"]) for one in file["further"]] == [  # type: ignore[attr-defined]
        ("P-2", "cannot walk, 5th floor")
    ]


def test_it_is_what_the_registry_says_when_it_is_read(story: Story) -> None:
    story.event("fire", "S-4")
    moved = replace(story.registry.places["P-2"], vulnerable=None, keyholder="the guard")
    story.registry = replace(story.registry, places=story.registry.places | {"P-2": moved})
    file = _file(story, "station:ST-1")
    assert file is not None
    assert (file["vulnerable"], file["keyholder"]) == (None, "the guard")


def test_an_incident_at_a_point_of_the_map_has_water_and_no_place(story: Story) -> None:
    request = {"kind": "fire", "source": "119", "lon": 120.0, "lat": 30.01}
    story.turn(lambda turn: pressing.open_by_hand(turn, COMMAND, request, None))
    file = _file(story, "station:ST-1")
    assert file is not None
    assert (file["hazards"], file["contacts"], file["further"]) == (None, None, [])
    assert len(file["water"]) == 4  # type: ignore[arg-type]


def test_nobody_elses_view_no_row_and_no_entry_has_a_word_of_it(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "acknowledge")
    about = story.incident()
    drop = projection.project(story.state, story.registry, story.entries, ())
    shown = [
        view.incident(story.state, story.registry, about),
        [view.order(story.state, story.registry, one) for one in story.orders()],
        [frame for one in (*about.orders, about.id) for frame in view.frame(story.state, story.registry, one, 1)],
        [drop.orders, drop.incidents, drop.alarms],
    ]
    written = msgspec.json.encode(shown) + b"".join(entry.body for entry in story.entries)
    assert not [word for word in SECRETS if word.encode() in written]
    own = msgspec.json.encode(view.own(story.state, story.registry, _of(story, "station:ST-1")))
    assert all(word.encode() in own for word in SECRETS)


def test_it_is_joined_to_the_frame_about_its_order_and_the_frame_stays_json(story: Story) -> None:
    story.event("fire", "S-4", id='e:"file":null')
    one = _of(story, "station:ST-1")
    body, _ = view.frame(story.state, story.registry, one.id, 7)
    data = msgspec.json.encode(body)
    joined = msgspec.json.decode(placefile.joined(data, placefile.of(story.state, story.registry, one)))
    assert joined == {**body, "order": view.own(story.state, story.registry, one)}
    assert placefile.joined(data, None) == data


def test_a_merged_incidents_crew_is_told_of_the_place_it_goes_to_now_and_of_where_it_was_going(story: Story) -> None:
    story.event("fire", "S-4")
    story.event("fire", "S-1")
    one, other = (story.state.incidents[id] for id in ("I-000001", "I-000002"))
    story.turn(lambda turn: joining.merge(turn, COMMAND, one, other, None))
    file = placefile.of(story.state, story.registry, story.orders()[0])
    assert file is not None
    assert [each["code"] for each in file["further"]] == ["P-2"]


# ---- the checklist


def test_a_leader_ticks_off_what_is_done_and_it_is_recorded(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("person:L-3", "acknowledge")
    assert story.press("person:L-3", "checklist", {"checklist": ["wake", "cut_gas", "wake"]}) is None
    file = _file(story, "person:L-3")
    assert file is not None
    assert [one["task"] for one in file["checklist"] if one["done"]] == ["wake", "cut_gas"]  # type: ignore[attr-defined]
    shown = view.order(story.state, story.registry, _of(story, "person:L-3"))
    assert [(step["event"], step.get("done")) for step in shown["history"]][-2:] == [
        ("acknowledged", None),
        ("checklist", ["wake", "cut_gas"]),
    ]
    assert story.press("person:L-3", "checklist", {"checklist": []}) is None
    assert _of(story, "person:L-3").done == ()


@pytest.mark.parametrize("value", [None, {}, {"checklist": "wake"}, {"checklist": ["dance"]}, {"checklist": [3]}])
def test_a_checklist_of_unknown_tasks_is_refused_with_the_list(story: Story, value: dict[str, object] | None) -> None:
    story.event("fire", "S-4")
    story.press("person:L-3", "acknowledge")
    before = len(story.entries)
    assert "wake, evacuate, cut_power, cut_gas, open_barriers, guide_engines" in str(
        story.press("person:L-3", "checklist", value)
    )
    assert len(story.entries) == before


def test_only_who_attends_has_a_checklist_and_only_after_answering(story: Story) -> None:
    story.event("fire", "S-4")
    assert "not allowed" in str(story.press("person:L-3", "checklist", {"checklist": ["wake"]}))
    story.press("station:ST-1", "arrive")
    assert "only an order to attend" in str(story.press("station:ST-1", "checklist", {"checklist": ["wake"]}))
    assert OrderEvent.CHECKLIST == "checklist"


def test_a_control_room_ticks_off_its_linkage_at_once_and_a_household_has_none(story: Story) -> None:
    story.event("fire", "S-1")
    file = _file(story, "control_room:P-1")
    assert file is not None
    assert file["checklist"] == [{"task": task, "done": False} for task in LINKAGE]
    assert story.press("control_room:P-1", "checklist", {"checklist": ["automatic", "lifts"]}) is None
    assert _of(story, "control_room:P-1").done == ("automatic", "lifts")
    assert "automatic, brigade, plan" in str(story.press("control_room:P-1", "checklist", {"checklist": ["wake"]}))
    household = _file(story, "person:K-1")
    assert household is not None
    assert household["checklist"] is None
    assert "control room" in str(story.press("person:K-1", "checklist", {"checklist": ["wake"]}))


# ---- lanes


@given(st.floats(119.998, 120.004), st.floats(29.998, 30.022), st.floats(0, 300))
def test_a_lane_is_found_when_it_comes_near_enough(lon: float, lat: float, within_m: float) -> None:
    far = NearbyLanes(LANES).within(lon, lat, 5000)
    near = NearbyLanes(LANES).within(lon, lat, within_m)
    assert near == [one for one in far if one[0] <= within_m]
