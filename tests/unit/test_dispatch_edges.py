"""Each rule of the desk held to on its own, so that breaking any one of them is noticed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from math import inf

import pytest
from stories import MIDNIGHT, NOON, Story, travel

from devices.model import Station
from devices.registry import Registry
from dispatch import escalation
from dispatch.facts.actor import Actor
from dispatch.facts.alarm import AlarmState
from dispatch.facts.entry import Content, seal
from dispatch.facts.fact import OrderChanged, StoodDown
from dispatch.facts.order import OrderState
from dispatch.policy.policy import Policy
from dispatch.presses import pressing
from dispatch.state import fold
from dispatch.state.state import Order, State

COMMAND = Actor("command", "command:main")


@pytest.fixture
def story(small_registry: Registry) -> Story:
    return Story(small_registry)


def _verdict(story: Story, verdict: str, incident: str = "I-000001") -> str | None:
    about = story.state.incidents[incident]
    return story.turn(lambda turn: pressing.give_verdict(turn, COMMAND, about, {"verdict": verdict}, None))


def _call(story: Story, recipient: str, incident: str = "I-000001") -> str | None:
    about = story.state.incidents[incident]
    return story.turn(lambda turn: pressing.call(turn, COMMAND, about, recipient))


def _drill(story: Story, device: str, minutes: float = 30) -> str:
    request = {"scenario": "kitchen-fire", "devices": [device], "minutes": minutes}
    story.turn(lambda turn: pressing.open_drill(turn, COMMAND, request))
    return f"D-{story.state.counters['D']:06d}"


def _of(story: Story, recipient: str) -> Order:
    return next(one for one in story.orders() if one.drafted.recipient == recipient)


def _frames(story: Story, subject: str) -> int:
    return sum(one.subject == subject for entry in story.entries for one in entry.content.frames)


def _backwards(place: tuple[float, float], stations: Sequence[Station]) -> list[tuple[float, str]]:
    return [(1000 - seconds, method) for seconds, method in travel(place, stations)]


def _first_cut_off(place: tuple[float, float], stations: Sequence[Station]) -> list[tuple[float, str]]:
    times = zip(stations, travel(place, stations), strict=True)
    return [(inf, how) if station.code in ("ST-1", "ST-U") else (s, how) for station, (s, how) in times]


# ---- who is chosen


def test_stations_are_ranked_by_when_they_can_be_there_not_by_their_names(story: Story) -> None:
    story.travel = _backwards
    story.event("fire", "S-4")
    assert story.told()[0] == ("station:ST-U", "respond", "soonest")
    assert [one.station for one in story.orders()[0].candidates] == ["ST-U", "ST-3", "ST-2", "ST-1", "BR-1"]


def test_a_station_no_road_leads_from_is_passed_over_but_a_units_own_is_called(story: Story) -> None:
    story.travel = _first_cut_off
    story.event("fire", "S-1")
    assert story.told()[:2] == [("station:ST-U", "respond", "own_unit"), ("station:ST-2", "respond", "soonest")]
    own = story.orders()[0].drafted
    assert (own.eta_s, own.eta_method) == (None, None)
    assert {one.station: one.verdict for one in own.candidates}["ST-1"] == "unreachable"


def test_a_units_own_station_is_called_though_it_is_busy(story: Story) -> None:
    story.event("fire", "S-4")
    assert _call(story, "station:ST-U") is None
    story.event("fire", "S-1")
    assert ("station:ST-U", "respond", "own_unit") in story.told()


def test_a_units_own_station_is_called_though_nobody_is_on_shift(small_registry: Registry) -> None:
    places = small_registry.places | {"P-1": replace(small_registry.places["P-1"], station="ST-2")}
    story = Story(replace(small_registry, places=places), now=MIDNIGHT)
    story.event("fire", "S-1")
    assert story.told()[:2] == [("station:ST-2", "respond", "own_unit"), ("station:ST-1", "respond", "soonest")]


def test_a_units_own_station_that_is_also_the_soonest_is_ordered_once(small_registry: Registry) -> None:
    places = small_registry.places | {"P-1": replace(small_registry.places["P-1"], station="ST-1")}
    story = Story(replace(small_registry, places=places))
    story.event("fire", "S-1")
    assert story.told() == [("station:ST-1", "respond", "own_unit"), ("person:L-3", "attend", "leader")]


def test_arrivals_count_from_the_opening_whenever_a_station_was_ordered(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(60)
    second = _of(story, "station:ST-2").drafted
    assert second.arrive_by == NOON + timedelta(seconds=180)
    assert second.support_by == NOON + timedelta(seconds=300)
    assert second.acknowledge_by == NOON + timedelta(seconds=120)


def test_a_place_that_is_registered_no_more_tells_command_instead_of_calling(small_registry: Registry) -> None:
    story = Story(replace(small_registry, places={}))
    story.event("fire", "S-1")
    assert story.orders() == []
    assert [one.code for one in story.incident().warnings] == ["nobody_on_duty", "no_leader"]


def test_a_registry_without_the_ordered_station_still_escalates(story: Story) -> None:
    story.event("fire", "S-4")
    stations = {code: one for code, one in story.registry.stations.items() if code != "ST-1"}
    story.registry = replace(story.registry, stations=stations, people={}, duties=())
    story.pass_time(60)
    assert ("station:ST-2", "respond", "not_acknowledged") in story.told()


# ---- who may be called by a person


@pytest.mark.parametrize(
    ("recipient", "says"),
    [
        ("station:BR-1", "not ordered"),
        ("station:ST-9", "no station"),
        ("person:NOBODY", "of the registry"),
        ("control_room:P-1", "of the registry"),
        ("station:ST-1", "open order"),
    ],
)
def test_a_call_that_cannot_be_is_refused_with_a_reason(story: Story, recipient: str, says: str) -> None:
    story.event("fire", "S-4")
    before = len(story.orders())
    assert says in str(_call(story, recipient))
    assert len(story.orders()) == before


def test_a_station_is_not_called_to_a_place_nobody_knows(small_registry: Registry) -> None:
    story = Story(replace(small_registry, places={}))
    story.event("fire", "S-1")
    assert "no position" in str(_call(story, "station:ST-1"))
    assert _call(story, "person:L-3") is None


def test_who_was_called_after_a_false_alarm_and_does_not_answer_is_not_replaced(story: Story) -> None:
    story.event("fire", "S-1")
    story.press("station:ST-U", "arrive")
    _verdict(story, "false")
    _call(story, "station:ST-3")
    before = len(story.orders())
    story.pass_time(61)
    assert _of(story, "station:ST-3").state is OrderState.LAPSED
    assert len(story.orders()) == before


# ---- one incident or two


@pytest.mark.parametrize("device", ["S-1", "S-3"])
def test_a_fire_after_a_false_alarm_is_an_incident_of_its_own_though_a_crew_is_still_there(
    story: Story, device: str
) -> None:
    story.event("fire", "S-1")
    story.press("station:ST-U", "arrive")
    _verdict(story, "false")
    story.event("fire", device)
    assert len(story.state.incidents) == 2
    assert ("station:ST-1", "respond", "soonest") in story.told()[3:]


def test_a_closed_incident_takes_no_alarm_in(small_registry: Registry) -> None:
    story = Story(replace(small_registry, stations={}))
    story.event("fire", "S-1")
    _verdict(story, "real")
    story.press("person:L-3", "acknowledge")
    story.press("person:L-3", "close")
    assert not story.incident().open
    story.event("fire", "S-2")
    assert len(story.state.incidents) == 2


def test_each_alarm_begins_the_window_anew(story: Story) -> None:
    story.event("fire", "S-1")
    story.press("station:ST-1", "acknowledge")
    for device in ("S-2", "S-3"):
        story.now += timedelta(minutes=20)
        story.event("fire", device)
    assert len(story.state.incidents) == 1


def test_a_fire_and_electrical_danger_at_one_place_are_two_incidents(story: Story) -> None:
    story.reading("E-1", residual_ma=400.0)
    story.event("fire", "S-1")
    assert [one.kind for one in story.state.incidents.values()] == ["electrical", "fire"]


def test_a_drills_mark_does_not_count_once_its_time_is_up_or_it_was_closed(story: Story) -> None:
    drill = _drill(story, "S-4", minutes=1)
    story.now += timedelta(minutes=1)
    story.event("fire", "S-4", drill=drill)
    second = _drill(story, "S-1")
    story.turn(lambda turn: pressing.close_drill(turn, "command:main", turn.state.drills[second]))
    story.event("fire", "S-1", drill=second)
    assert [one.drill for one in story.state.alarms.values()] == [None, None]


# ---- how grave it is


def test_two_detectors_of_one_floor_are_graver_than_one_and_a_second_floor_graver_still(story: Story) -> None:
    story.event("fire", "S-1")
    grave = [story.incident().severity]
    for device in ("S-2", "S-3"):
        story.event("fire", device)
        grave.append(story.incident().severity)
    assert grave == [2, 3, 4]


def test_a_fire_reported_by_a_person_is_not_made_less_grave_by_a_detector(story: Story) -> None:
    request = {"kind": "fire", "source": "119", "place": "P-1"}
    story.turn(lambda turn: pressing.open_by_hand(turn, COMMAND, request, None))
    story.event("fire", "S-1")
    assert len(story.incident().alarms) == 1
    assert story.incident().severity == 3


def test_a_fire_confirmed_on_the_spot_is_the_gravest_and_everybody_still_on_it_is_told(story: Story) -> None:
    story.event("fire", "S-1")
    story.press("person:L-3", "acknowledge")
    story.press("person:L-3", "close")
    before = _frames(story, _of(story, "person:L-3").id)
    story.press("station:ST-1", "arrive")
    story.press("station:ST-1", "confirm_fire")
    assert (story.incident().verification, story.incident().severity) == ("confirmed", 4)
    assert _frames(story, _of(story, "station:ST-U").id) == 2
    assert _frames(story, _of(story, "person:L-3").id) == before
    story.press("station:ST-1", "report_false")
    assert story.incident().verification == "confirmed"
    assert [one.code for one in story.incident().warnings if one.code == "contradiction"] == ["contradiction"]


# ---- what a press leaves behind


def test_steps_nobody_pressed_are_recorded_as_skipped(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    changed = [one for one in story.entries[-1].content.facts if isinstance(one, OrderChanged)][-1]
    assert changed.skipped == ("acknowledged", "turned_out")
    events = [step.event for step in _of(story, "station:ST-1").history]
    assert events[-3:] == ["acknowledged_skipped", "turned_out_skipped", "arrived"]


@pytest.mark.parametrize(("person", "by"), [("W-1", "person:W-1"), ("SOMEBODY", "station:ST-1")])
def test_only_a_registered_person_is_named_as_who_pressed(story: Story, person: str, by: str) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "acknowledge", {"person": person})
    assert _of(story, "station:ST-1").history[-1].by == by


def test_a_press_is_remembered_by_its_ref_and_a_lapse_has_none(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "acknowledge")
    story.pass_time(60)
    assert list(story.state.refs) == ["station:ST-1 ref"]


def test_an_order_that_lapsed_cannot_be_acknowledged_once_the_incident_is_closed(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    story.pass_time(200)
    story.press("station:ST-1", "close")
    _verdict(story, "real")
    assert not story.incident().open
    lapsed = _of(story, "person:L-3")
    actor = Actor("person", "person:L-3")
    assert lapsed.state is OrderState.LAPSED
    refused = story.turn(lambda turn: pressing.press(turn, actor, lapsed, "acknowledge", "late", None, None))
    assert refused == "the incident is closed"


def test_standing_down_an_incident_that_has_its_verdict_closes_it(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    _verdict(story, "real")
    about = story.incident()
    assert about.open
    story.turn(lambda turn: pressing.stand_down(turn, COMMAND, about))
    assert not story.incident().open


@pytest.mark.parametrize("seconds", [None, 0, -1])
def test_a_shelving_ends_in_the_future(story: Story, seconds: int | None) -> None:
    story.reading("E-1", residual_ma=400.0)
    (one,) = story.state.alarms.values()
    until = None if seconds is None else story.now + timedelta(seconds=seconds)
    assert story.turn(lambda turn: pressing.act_on_alarm(turn, COMMAND, one, "shelve", until)) is not None


def test_a_fire_is_never_shelved(story: Story) -> None:
    story.event("manual_call", "S-4")
    (one,) = story.state.alarms.values()
    until = story.now + timedelta(hours=1)
    assert "cannot be shelved" in str(
        story.turn(lambda turn: pressing.act_on_alarm(turn, COMMAND, one, "shelve", until))
    )


# ---- what is told


def test_an_alarm_that_joins_later_is_told_with_the_entry_that_says_so(story: Story) -> None:
    story.event("fire", "S-1")
    story.now += timedelta(seconds=5)
    story.event("fire", "S-2")
    told = [one.recipient for one in story.entries[-1].content.frames]
    assert sorted(told) == ["command:main", "person:L-3", "station:ST-1", "station:ST-U"]


def test_whose_order_has_ended_is_not_told_of_further_alarms(story: Story) -> None:
    story.event("fire", "S-1")
    story.press("station:ST-U", "acknowledge")
    story.pass_time(61)
    lapsed = _of(story, "station:ST-1").id
    before = _frames(story, lapsed)
    story.event("fire", "S-2")
    assert lapsed not in story.state.untold
    assert _frames(story, lapsed) == before


# ---- when time is up


def test_drills_and_shelvings_end_when_their_time_is_up_and_not_before(story: Story) -> None:
    drill = _drill(story, "S-1", minutes=10)
    story.reading("E-1", residual_ma=400.0)
    (one,) = story.state.alarms.values()
    until = story.now + timedelta(minutes=10)
    story.turn(lambda turn: pressing.act_on_alarm(turn, COMMAND, one, "shelve", until))
    policy = story.world().policy
    kinds = ("drill_over", "unshelve")
    early = escalation.due(story.state, policy, until - timedelta(milliseconds=1))
    assert not [one for one in early if one.kind in kinds]
    ripe = {one.kind: one for one in escalation.due(story.state, policy, until)}
    assert {kind: ripe[kind].about for kind in kinds} == {"drill_over": {"drill": drill}, "unshelve": {"alarm": one.id}}
    story.now = until
    story.tick()
    assert story.state.drills[drill].closed_at == until
    assert story.state.alarms[one.id].state is AlarmState.ACTIVE
    assert not [key for key in story.state.timers if key.startswith(kinds)]


# ---- what is kept


def test_an_entry_of_another_ledger_is_not_taken_in(story: Story) -> None:
    story.event("fire", "S-4")
    state = State()
    first = story.entries[0]
    fold.apply(state, first)
    content = Content(n=2, at=NOON, kind="story", cause={}, facts=())
    with pytest.raises(ValueError, match="does not follow"):
        fold.apply(state, seal(content, bytes(32)))
    with pytest.raises(ValueError, match="does not follow"):
        fold.apply(state, first)
    fold.apply(state, seal(content, first.digest))


def test_only_what_ended_before_the_limit_is_forgotten(story: Story) -> None:
    story.event("fire", "S-4")
    story.event("fault", "S-2")
    story.event("fault_restore", "S-2")
    story.press("station:ST-1", "acknowledge")
    _verdict(story, "test")
    story.press("station:ST-1", "arrive")
    story.event("fire", "S-1")
    closed = story.now
    story.now += timedelta(hours=1)
    fold.forget(story.state, lambda _: True, closed, closed)
    assert set(story.state.incidents) == {"I-000002"}
    assert {one.device for one in story.state.alarms.values()} == {"S-4", "S-2", "S-1"}
    assert list(story.state.refs) == ["station:ST-1 ref"]
    assert len(story.state.signals) == 4
    fold.forget(story.state, lambda _: True, story.now, story.now)
    assert {one.device for one in story.state.alarms.values()} == {"S-4", "S-1"}
    assert story.state.refs == {}
    assert story.state.signals == {}


def test_a_cleared_alarm_is_kept_as_long_as_its_incident(story: Story) -> None:
    story.reading("E-1", residual_ma=400.0)
    story.reading("E-1", residual_ma=0.0)
    later = story.now + timedelta(days=2)
    fold.forget(story.state, lambda _: False, later, later)
    assert len(story.state.alarms_of(story.incident())) == 1


def test_nothing_is_owed_about_a_forgotten_incident(story: Story) -> None:
    story.event("fire", "S-4")
    _verdict(story, "test")
    fold.forget(story.state, lambda _: True, story.now, story.now)
    story.event("fire_restore", "S-4")
    assert story.state.untold == {}
    assert not escalation.frames_owed(story.state, Policy(), story.now + timedelta(days=1))


# ---- who answers for a grid, and what a restore says


def test_a_deputy_answers_for_a_grid_without_leader(story: Story) -> None:
    duties = tuple(one for one in story.registry.duties if one.person != "L-3")
    story.registry = replace(story.registry, duties=duties)
    story.event("fire", "S-4")
    assert story.told()[-1] == ("person:D-3", "attend", "leader")


def test_who_leads_two_levels_is_asked_once_and_the_third_is_informed(story: Story) -> None:
    duties = tuple(replace(one, person="L-3") if one.person == "L-2" else one for one in story.registry.duties)
    story.registry = replace(story.registry, duties=duties)
    story.event("fire", "S-4")
    story.pass_time(60)
    assert [one[:2] for one in story.told() if one[0].startswith("person:")] == [
        ("person:L-3", "attend"),
        ("person:L-1", "inform"),
        ("person:D-3", "attend"),
    ]


def test_a_restored_fire_ends_its_early_warning(story: Story) -> None:
    story.event("prealarm", "S-4")
    story.event("fire_restore", "S-4")
    assert [one.state for one in story.state.alarms.values()] == ["cleared"]
    assert story.orders() == []


def test_who_stood_down_and_who_called_and_why_stands_in_the_ledger(story: Story) -> None:
    story.event("fire")
    about, why = story.incident(), "a" * 64
    assert story.turn(lambda turn: pressing.call(turn, COMMAND, about, "person:W-1", why)) is None
    drafted = story.orders()[-1].drafted
    assert (drafted.recipient, drafted.by, drafted.note) == ("person:W-1", "command:main", why)
    assert [one.by for one in (each.drafted for each in story.orders()[:-1])] == [None] * (len(story.orders()) - 1)
    assert story.turn(lambda turn: pressing.stand_down(turn, COMMAND, story.incident(), why)) is None
    (said,) = [one for one in story.entries[-1].content.facts if isinstance(one, StoodDown)]
    assert (said.by, said.note) == ("command:main", why)


def test_whoever_stands_an_incident_down_before_anybody_could_be_called_is_heard(story: Story) -> None:
    complete = story.registry
    alone = {code: replace(one, grid=None, station=None) for code, one in complete.places.items()}
    story.registry = replace(complete, stations={}, duties=(), places=alone)
    story.event("fire")
    assert story.orders() == []
    story.turn(lambda turn: pressing.stand_down(turn, COMMAND, story.incident(), None))
    story.registry = complete
    story.pass_time(90)
    assert story.orders() == []
