"""Rules at the edges: who is called again, what time and verdicts may not stop, and what an exercise may not touch."""

from datetime import timedelta

import pytest
from stories import NOON, Story

from devices.registry import Registry
from dispatch.alarms import sensing
from dispatch.facts.actor import Actor
from dispatch.facts.alarm import AlarmKind, AlarmState
from dispatch.facts.order import OrderState
from dispatch.policy.policy import Policy
from dispatch.presses import pressing
from dispatch.state import fold

COMMAND = Actor("command", "command:main")


@pytest.fixture
def story(small_registry: Registry) -> Story:
    return Story(small_registry)


def _verdict(story: Story, verdict: str, incident: str = "I-000001") -> str | None:
    about = story.state.incidents[incident]
    return story.turn(lambda turn: pressing.give_verdict(turn, COMMAND, about, {"verdict": verdict}, None))


def _drill(story: Story, *devices: str) -> str:
    request = {"scenario": "kitchen-fire", "devices": list(devices)}
    story.turn(lambda turn: pressing.open_drill(turn, COMMAND, request))
    return f"D-{story.state.counters['D']:06d}"


def _end_drill(story: Story, drill: str) -> None:
    story.turn(lambda turn: pressing.close_drill(turn, "command:main", turn.state.drills[drill]))


# ---- calling on


def test_a_fire_found_real_goes_on_calling_while_nobody_answers(story: Story) -> None:
    story.event("fire", "S-4")
    _verdict(story, "real")
    story.pass_time(60)
    assert ("station:ST-2", "respond", "not_acknowledged") in story.told()
    assert ("person:L-2", "inform", "escalated") in story.told()


def test_a_real_fire_whose_crew_has_come_back_calls_nobody_more(story: Story) -> None:
    story.event("fire", "S-4")
    for action in ("arrive", "close"):
        story.press("station:ST-1", action)
    _verdict(story, "real")
    before = len(story.orders())
    story.pass_time(60)
    assert len(story.orders()) == before
    assert not story.incident().open


def test_a_fire_found_false_calls_nobody_more(story: Story) -> None:
    story.event("fire")
    for recipient in ("station:ST-U", "person:L-3"):
        story.press(recipient, "arrive")
    _verdict(story, "false")
    before = len(story.orders())
    story.pass_time(120)
    assert len(story.orders()) == before


def test_an_alarm_after_the_crew_has_left_calls_a_crew_again(story: Story) -> None:
    story.event("fire", "S-4")
    for action in ("arrive", "close"):
        story.press("station:ST-1", action)
    story.now += timedelta(minutes=5)
    story.event("fire", "S-4")
    assert len(story.state.incidents) == 2
    assert story.told()[-2:] == [("station:ST-1", "respond", "soonest"), ("person:L-3", "attend", "leader")]


def test_another_detector_after_everybody_was_stood_down_calls_a_crew_again(story: Story) -> None:
    story.event("fire", "S-1")
    about = story.incident()
    story.turn(lambda turn: pressing.stand_down(turn, COMMAND, about))
    story.now += timedelta(minutes=1)
    story.event("fire", "S-3")
    assert [one[0] for one in story.told()] == 2 * ["station:ST-U", "station:ST-1", "person:L-3"]


def test_another_detector_while_enough_people_are_on_their_way_joins_and_calls_nobody(story: Story) -> None:
    story.event("fire", "S-1")
    story.press("station:ST-1", "turn_out")
    before = len(story.orders())
    story.event("fire", "S-2")
    assert len(story.orders()) == before
    assert len(story.state.incidents) == 1


def test_a_joined_alarm_looks_for_a_crew_where_none_could_be_ordered(story: Story) -> None:
    stations = story.registry.stations.copy()
    story.registry.stations.clear()
    story.event("fire", "S-1")
    story.event("fire", "S-2")
    assert [one.code for one in story.incident().warnings] == ["nobody_on_duty"]
    story.registry.stations.update(stations)
    story.event("fire", "S-3")
    assert len(story.state.incidents) == 1
    assert [one for one in story.told() if one[1] == "respond"] == [
        ("station:ST-U", "respond", "own_unit"),
        ("station:ST-1", "respond", "soonest"),
        ("station:ST-2", "respond", "strength"),
        ("station:ST-3", "respond", "strength"),
    ]


def test_electrical_trouble_after_the_repair_calls_the_manager_again(story: Story) -> None:
    story.reading("E-1", residual_ma=300.0)
    for action in ("acknowledge", "close"):
        story.press("person:M-1", action)
    story.reading("E-1", residual_ma=10.0)
    story.now += timedelta(minutes=5)
    story.reading("E-1", residual_ma=400.0)
    assert [one[0] for one in story.told() if one[1] == "rectify"] == ["person:M-1", "person:M-1"]


def test_chattering_trouble_nobody_answers_stays_one_incident_with_one_alarm_a_device(story: Story) -> None:
    for _ in range(30):
        story.reading("E-1", residual_ma=400.0)
        story.pass_time(10)
        story.reading("E-1", residual_ma=10.0)
    assert len(story.state.incidents) == 1
    assert len(story.incident().alarms) == 1
    assert len(story.orders()) < 8


def test_asking_for_help_when_nobody_is_left_tells_command_once(story: Story) -> None:
    story.event("fire", "S-4")
    story.press("station:ST-1", "arrive")
    for _ in range(10):
        story.press("station:ST-1", "request_help")
    assert [one.code for one in story.incident().warnings] == ["nobody_left"]


def test_a_lapsed_order_is_acknowledged_late_and_its_station_is_engaged_again(story: Story) -> None:
    story.event("fire", "S-4")
    story.pass_time(60)
    assert story.state.engagements(drills=True).get("ST-1") is None
    first = story.orders()[0]
    actor = Actor("station", "station:ST-1")
    assert story.turn(lambda turn: pressing.press(turn, actor, first, "acknowledge", "late", None, None)) is None
    assert story.state.engagements(drills=True)["ST-1"] == 1
    assert story.state.orders[first.id].ended_at is None


def test_a_lapsed_order_cannot_be_acknowledged_once_the_fire_was_found_false(story: Story) -> None:
    story.event("fire", "S-1")
    story.press("station:ST-U", "arrive")
    story.pass_time(60)
    _verdict(story, "false")
    lapsed = next(one for one in story.orders() if one.drafted.recipient == "station:ST-1")
    actor = Actor("station", "station:ST-1")
    assert lapsed.state is OrderState.LAPSED
    assert story.incident().open
    assert story.turn(lambda turn: pressing.press(turn, actor, lapsed, "acknowledge", "late", None, None)) is not None
    story.press("station:ST-U", "close")
    assert not story.incident().open


# ---- time and what it may not do


def test_a_fire_is_never_dropped_though_its_devices_clock_went_backwards(story: Story) -> None:
    story.event("fire", "S-4")
    story.event("fire_restore", "S-4")
    _verdict(story, "false")
    story.now += timedelta(minutes=5)
    story.event("fire", "S-4", ts=NOON - timedelta(days=2000), flags=("late",))
    (alarm,) = story.state.alarms.values()
    assert alarm.state is AlarmState.ACTIVE
    assert len(story.state.incidents) == 2


def test_a_clear_older_than_the_latest_raise_is_ignored(story: Story) -> None:
    for seconds, event in ((0, "fire"), (10, "fire_restore"), (20, "fire")):
        story.event(event, "S-4", ts=NOON + timedelta(seconds=seconds))
    story.event("fire_restore", "S-4", ts=NOON + timedelta(seconds=15))
    (alarm,) = story.state.alarms.values()
    assert alarm.state is AlarmState.ACTIVE


def test_a_reading_without_the_value_that_raised_the_alarm_does_not_clear_it(story: Story) -> None:
    story.reading("E-1", cable_temperature_1_c=85.0)
    story.reading("E-1", cable_temperature_2_c=30.0)
    assert [one.state for one in story.state.alarms.values()] == ["active"]
    story.reading("E-1", cable_temperature_1_c=30.0)
    assert [one.state for one in story.state.alarms.values()] == ["cleared"]


def test_an_undated_repeat_is_judged_by_when_it_was_received_not_by_when_it_was_decided(story: Story) -> None:
    within = Policy().undated_repeat
    story.event("fire", "S-4", id="e:undated", undated=True, received_at=NOON - timedelta(minutes=10))
    again = story.signal("fire", "S-4", id="e:undated", undated=True, received_at=NOON - timedelta(minutes=8))
    assert not sensing.seen(story.state, again, within)
    soon = story.signal("fire", "S-4", id="e:undated", undated=True, received_at=NOON - timedelta(seconds=570))
    assert sensing.seen(story.state, soon, within)


def test_a_shelving_that_runs_out_over_a_live_danger_calls_again(story: Story) -> None:
    story.reading("E-1", residual_ma=400.0)
    (alarm,) = story.state.alarms.values()
    until = story.now + timedelta(hours=1)
    story.turn(lambda turn: pressing.act_on_alarm(turn, COMMAND, alarm, "shelve", until))
    _verdict(story, "unfounded")
    story.now = until
    story.turn(lambda turn: sensing.unshelve(turn, turn.state.alarms[alarm.id]))
    assert story.state.alarms[alarm.id].state is AlarmState.ACTIVE
    assert [one[0] for one in story.told() if one[1] == "rectify"] == ["person:M-1", "person:M-1"]


# ---- what was forgotten


def test_an_alarm_outliving_its_forgotten_incident_can_still_change(story: Story) -> None:
    story.event("fire", "S-4")
    _verdict(story, "test")
    story.now += timedelta(days=2)
    fold.forget(story.state, lambda _: True, story.now, story.now)
    assert story.state.incidents == {}
    story.event("fire_restore", "S-4")
    assert [one.state for one in story.state.alarms.values()] == ["restored"]
    assert story.entries[-1].content.frames == ()
    story.event("fire", "S-4")
    assert len(story.state.incidents) == 1


# ---- exercises


def test_a_station_in_a_drill_is_free_for_a_real_fire(story: Story) -> None:
    drill = _drill(story, "S-1")
    story.event("fire", "S-1", drill=drill)
    story.event("fire", "S-4")
    real = [one.drafted for one in story.orders() if one.drafted.drill is None]
    assert next((one.recipient, one.reason) for one in real) == ("station:ST-1", "soonest")


def test_a_station_at_a_real_fire_is_not_free_for_a_drill(story: Story) -> None:
    drill = _drill(story, "S-4")
    story.event("fire", "S-1")
    story.event("fire", "S-4", drill=drill)
    played = [one.drafted for one in story.orders() if one.drafted.drill is not None]
    assert next((one.recipient, one.reason) for one in played) == ("station:ST-2", "soonest")


def test_a_drill_that_is_over_calls_nobody_more_and_leaves_no_alarm_on(story: Story) -> None:
    drill = _drill(story, "S-4")
    story.event("fire", "S-4", drill=drill)
    _end_drill(story, drill)
    before = len(story.orders())
    story.pass_time(120)
    assert len(story.orders()) == before
    assert story.state.watched() == set()


def test_nobody_is_called_to_a_drill_that_is_over_whoever_asks(story: Story) -> None:
    drill = _drill(story, "S-4")
    story.event("fire", "S-4", drill=drill)
    story.press("station:ST-1", "arrive")
    _end_drill(story, drill)
    before = len(story.orders())
    assert story.press("station:ST-1", "request_help") is None
    about = story.incident()
    assert story.turn(lambda turn: pressing.call(turn, COMMAND, about, "station:ST-2")) is not None
    assert len(story.orders()) == before


def test_a_drill_being_over_changes_nothing_about_a_real_fire_at_the_same_device(story: Story) -> None:
    drill = _drill(story, "S-4")
    story.event("fire", "S-4", drill=drill)
    story.event("fire", "S-4")
    _end_drill(story, drill)
    story.pass_time(60)
    assert story.state.watched() == {"S-4"}
    assert [one.drafted.recipient for one in story.orders() if one.drafted.reason == "not_acknowledged"] != []


# ---- what may stand in the ledger


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**30, -(10**400)])
def test_numbers_no_ledger_can_hold_are_left_out(story: Story, number: float) -> None:
    story.event("fire", "S-4")
    assert story.press("station:ST-1", "acknowledge", {"people": number, "ladders": 2}) is None
    assert b'"value":{"ladders":2}' in story.entries[-1].body


def test_a_drill_needs_codes_for_its_devices(story: Story) -> None:
    request = {"scenario": "kitchen-fire", "devices": ["S-1", {"not": "a code"}]}
    assert story.turn(lambda turn: pressing.open_drill(turn, COMMAND, request)) is not None


# ---- who is silent


def test_a_silent_device_is_an_alarm_that_calls_nobody_and_clears_when_it_is_heard(story: Story) -> None:
    story.event("offline", "S-1", ts=story.now - timedelta(seconds=600))
    (one,) = story.state.alarms.values()
    assert (one.kind, one.state, one.place, one.since) == (
        AlarmKind.OFFLINE, AlarmState.ACTIVE, "P-1", story.now - timedelta(seconds=600),
    )  # fmt: skip
    assert story.orders() == []
    assert not story.state.incidents
    story.event("online", "S-1", ts=story.now)
    assert [one.state for one in story.state.alarms.values()] == [AlarmState.CLEARED]


def test_a_silent_gateway_is_named_at_its_own_place_though_a_device_has_its_code(story: Story) -> None:
    story.event("offline", "S-3", flags=("gateway",))
    story.event("offline", "GW-1", flags=("gateway",))
    assert [(one.device, one.place, one.floor, one.flags) for one in story.state.alarms.values()] == [
        ("S-3", "P-1", None, ("gateway",)),
        ("GW-1", "P-1", None, ("gateway",)),
    ]
