"""Delays, levels, confirmation, growth, haste, chattering, staleness: an alarm by its rules, as stories."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import districts
import pytest
from stories import NOON, Story

from devices.profile import Level, Profile
from devices.registry import Registry
from devices.rule import Rise, Rule
from dispatch.facts.actor import Actor
from dispatch.facts.alarm import AlarmState, Held
from dispatch.presses import pressing
from dispatch.state.state import Alarm

COMMAND = Actor("command", "command:main")


def story(profile: str = "electric-3p", **changes: Any) -> Story:
    """A desk whose devices of this profile have other rules."""
    registry = districts.small()
    profiles = {**registry.profiles, profile: replace(registry.profiles[profile], **changes)}
    return Story(replace(registry, profiles=profiles))


def only(told: Story) -> Alarm:
    (one,) = told.state.alarms.values()
    return one


def facts(told: Story) -> list[str]:
    return [type(one).__name__ for entry in told.entries for one in entry.content.facts]


# ---- delays


def test_a_condition_that_lasts_becomes_an_alarm_by_the_clock_though_its_device_says_no_more() -> None:
    told = story(rules={"residual": Rule(delay_s=10)})
    told.reading("E-1", residual_ma=400.0)
    assert only(told).state is AlarmState.PENDING
    assert not told.orders()
    assert told.state.watched() == {"E-1"}
    told.pass_time(9)
    assert only(told).state is AlarmState.PENDING
    told.pass_time(1)
    assert only(told).state is AlarmState.ACTIVE
    assert [one for one in told.told() if one[1] == "rectify"]


def test_a_condition_that_does_not_last_calls_nobody() -> None:
    told = story(rules={"residual": Rule(delay_s=10)})
    told.reading("E-1", residual_ma=400.0)
    told.pass_time(5)
    told.reading("E-1", residual_ma=10.0)
    assert only(told).state is AlarmState.CLEARED
    told.pass_time(60)
    assert not told.orders()
    assert not told.state.timers


def test_a_repeated_reading_does_not_begin_the_delay_anew() -> None:
    told = story(rules={"residual": Rule(delay_s=10)})
    for _ in range(4):
        told.reading("E-1", residual_ma=400.0)
        told.pass_time(3)
    assert only(told).state is AlarmState.ACTIVE


def test_a_graver_level_waits_for_less() -> None:
    levels = (Level("residual_ma", "residual", at_least=300), Level("residual_ma", "residual", at_least=800, delay_s=1))
    told = story(rules={"residual": Rule(delay_s=60)}, levels=levels)
    told.reading("E-1", residual_ma=400.0)
    told.pass_time(5)
    told.reading("E-1", residual_ma=900.0)
    told.pass_time(1)
    assert only(told).state is AlarmState.ACTIVE


@pytest.mark.parametrize("event", ["fire", "manual_call"])
def test_an_explicit_fire_waits_for_nothing(event: str) -> None:
    told = story("smoke-photo", rules={"fire": Rule(delay_s=60, confirm="place", latching=True)})
    told.event(event)
    assert only(told).state is AlarmState.ACTIVE
    assert told.orders()


def test_an_explicit_fire_ends_the_waiting_of_a_level() -> None:
    told = story("smoke-photo", rules={"fire": Rule(delay_s=60, latching=True)})
    told.reading("S-1", smoke_db_m=0.2)
    told.event("fire")
    assert only(told).state is AlarmState.ACTIVE
    assert told.orders()


def test_an_alarm_is_over_only_when_its_condition_has_been_gone_for_long_enough() -> None:
    told = story(rules={"residual": Rule(off_delay_s=30)})
    told.reading("E-1", residual_ma=400.0)
    told.pass_time(5)
    told.reading("E-1", residual_ma=10.0)
    told.pass_time(29)
    assert (only(told).state, only(told).held, only(told).gone) == (AlarmState.ACTIVE, Held.OFF_DELAY, True)
    told.pass_time(1)
    assert only(told).state is AlarmState.CLEARED


def test_a_condition_that_comes_back_in_time_is_the_same_alarm() -> None:
    told = story(rules={"residual": Rule(off_delay_s=30)})
    told.reading("E-1", residual_ma=400.0)
    told.reading("E-1", residual_ma=10.0)
    told.pass_time(20)
    told.reading("E-1", residual_ma=400.0)
    told.pass_time(60)
    assert (only(told).state, only(told).held, only(told).gone) == (AlarmState.ACTIVE, None, False)


def test_a_restore_older_than_the_return_of_the_condition_is_ignored() -> None:
    told = story(rules={"residual": Rule(off_delay_s=30)})
    told.reading("E-1", residual_ma=400.0)
    told.reading("E-1", residual_ma=10.0)
    told.pass_time(20)
    told.reading("E-1", residual_ma=400.0)
    told.reading("E-1", told.now - timedelta(seconds=10), residual_ma=10.0)
    assert not only(told).gone


# ---- levels


def _graded(**rule: Any) -> Story:
    levels = (
        Level("residual_ma", "residual", at_least=200, level="prealarm"),
        Level("residual_ma", "residual", at_least=300, clear_below=280),
    )
    return story(levels=levels, rules={"residual": Rule(**rule)})


def test_a_prealarm_calls_nobody_and_an_alarm_of_the_same_kind_does() -> None:
    told = _graded()
    told.reading("E-1", residual_ma=250.0)
    assert (only(told).state, only(told).level) == (AlarmState.ACTIVE, "prealarm")
    assert not told.orders()
    told.reading("E-1", residual_ma=300.0)
    assert only(told).level == "alarm"
    assert told.orders()


def test_an_alarm_becomes_a_prealarm_again_below_where_its_level_is_left() -> None:
    told = _graded()
    told.reading("E-1", residual_ma=300.0)
    told.reading("E-1", residual_ma=290.0)
    assert only(told).level == "alarm"
    told.reading("E-1", residual_ma=250.0)
    assert (only(told).level, only(told).state) == ("prealarm", AlarmState.ACTIVE)
    told.reading("E-1", residual_ma=100.0)
    assert only(told).state is AlarmState.CLEARED


def test_a_graver_level_of_an_alarm_that_is_on_must_last_as_well() -> None:
    told = _graded(delay_s=10)
    told.reading("E-1", residual_ma=250.0)
    told.pass_time(10)
    told.reading("E-1", residual_ma=350.0)
    assert (only(told).level, only(told).held) == ("prealarm", Held.LEVEL)
    told.reading("E-1", residual_ma=250.0)
    told.pass_time(20)
    assert (only(told).level, only(told).held) == ("prealarm", None)
    told.reading("E-1", residual_ma=350.0)
    told.pass_time(10)
    assert (only(told).level, only(told).held) == ("alarm", None)
    assert told.orders()


# ---- growth


def test_a_prealarm_that_lasts_becomes_an_alarm_and_calls() -> None:
    told = _graded(escalates_after_s=600)
    told.reading("E-1", residual_ma=250.0)
    told.pass_time(599)
    assert not told.orders()
    told.pass_time(1)
    assert (only(told).level, only(told).grown) == ("alarm", True)
    assert told.orders()
    told.reading("E-1", residual_ma=250.0)
    assert only(told).level == "alarm"


def test_a_prealarm_that_ends_in_time_does_not_grow() -> None:
    told = _graded(escalates_after_s=600)
    told.reading("E-1", residual_ma=250.0)
    told.pass_time(500)
    told.reading("E-1", residual_ma=10.0)
    told.reading("E-1", residual_ma=250.0)
    told.pass_time(599)
    assert not told.orders()


def test_a_prealarm_of_smoke_that_lasts_becomes_a_fire() -> None:
    told = story("smoke-photo", rules={"prealarm": Rule(escalates_after_s=300, escalates_to="fire")})
    told.event("prealarm")
    told.pass_time(300)
    first, fire = told.state.alarms.values()
    assert (fire.kind.value, fire.state, fire.escalated_from) == ("fire", AlarmState.ACTIVE, first.id)
    assert [one for one in told.told() if one[1] == "respond"]
    told.event("fire_restore")
    assert [one.state for one in told.state.alarms.values()] == [AlarmState.CLEARED, AlarmState.RESTORED]


# ---- two detectors


def _sure(**rule: Any) -> Story:
    return story("smoke-photo", rules={"fire": Rule(latching=True, **{"confirm": "place", **rule})})


def test_a_fire_by_its_level_waits_for_a_second_detector_and_then_both_call() -> None:
    told = _sure()
    told.reading("S-1", smoke_db_m=0.2)
    assert (only(told).state, only(told).held) == (AlarmState.PENDING, Held.CONFIRM)
    assert not told.orders()
    told.pass_time(20)
    told.reading("S-3", smoke_db_m=0.2)
    assert [one.state for one in told.state.alarms.values()] == [AlarmState.ACTIVE] * 2
    assert len(told.incident().alarms) == 2
    assert [one for one in told.told() if one[1] == "respond"]


def test_a_fire_that_nobody_seconds_calls_alone_by_the_clock() -> None:
    told = _sure(alone_s=90)
    told.reading("S-1", smoke_db_m=0.2)
    told.pass_time(89)
    assert not told.orders()
    told.pass_time(1)
    assert only(told).state is AlarmState.ACTIVE
    assert told.orders()


@pytest.mark.parametrize("event", ["fire", "manual_call", "prealarm"])
def test_what_another_device_says_itself_seconds_a_fire(event: str) -> None:
    told = _sure()
    told.reading("S-1", smoke_db_m=0.2)
    told.event(event, "S-2")
    assert AlarmState.PENDING not in {one.state for one in told.state.alarms.values()}


def test_the_same_detector_does_not_second_itself() -> None:
    told = _sure()
    told.reading("S-1", smoke_db_m=0.2)
    told.event("prealarm", "S-1")
    told.reading("S-1", smoke_db_m=0.9)
    assert not told.orders()


def test_another_floor_is_too_far_where_the_rule_says_floor() -> None:
    told = _sure(confirm="floor")
    told.reading("S-1", smoke_db_m=0.2)
    told.reading("S-3", smoke_db_m=0.2)
    assert not told.orders()
    told.reading("S-2", smoke_db_m=0.2)
    assert {one.state for one in told.state.alarms.values() if one.floor == 1} == {AlarmState.ACTIVE}
    assert {one.state for one in told.state.alarms.values() if one.floor == 3} == {AlarmState.PENDING}


def test_a_detector_that_answered_shortly_before_seconds_though_its_smoke_has_gone() -> None:
    told = _sure(confirm_within_s=60)
    told.reading("S-1", smoke_db_m=0.2)
    told.reading("S-1", smoke_db_m=0.0)
    told.pass_time(59)
    told.reading("S-2", smoke_db_m=0.2)
    assert told.orders()


def test_a_detector_that_answered_too_long_ago_does_not() -> None:
    told = _sure(confirm_within_s=60)
    told.reading("S-1", smoke_db_m=0.2)
    told.reading("S-1", smoke_db_m=0.0)
    told.pass_time(61)
    told.reading("S-2", smoke_db_m=0.2)
    assert not told.orders()


def test_a_fire_that_has_lasted_its_delay_still_waits_for_the_second_detector() -> None:
    told = _sure(delay_s=10, alone_s=60)
    told.reading("S-1", smoke_db_m=0.2)
    told.pass_time(30)
    assert only(told).held is Held.CONFIRM
    told.pass_time(30)
    assert only(told).state is AlarmState.ACTIVE


# ---- haste


HEAT = Profile(
    "smoke-photo",
    "heat",
    districts.small().profiles["smoke-photo"].kind,
    {"temperature_c": (-40, 200)},
    (Level("temperature_c", "fire", at_least=58, latching=True),),
    rules={"fire": Rule(latching=True)},
    rises=(Rise("temperature_c", "fire", per_minute=10, watch_from=40),),
)


def _heat(*values: float, every_s: float = 60, rules: dict[str, Rule] | None = None) -> Story:
    told = Story(replace(districts.small(), profiles={"smoke-photo": replace(HEAT, rules=rules or HEAT.rules)}))
    for value in values:
        told.reading("S-1", temperature_c=value)
        told.now += timedelta(seconds=every_s)
        told.tick()
    return told


def test_a_warm_detector_is_watched_and_calls_nobody() -> None:
    told = _heat(41.0, 43.0, 44.0, 45.0)
    assert (only(told).state, only(told).held) == (AlarmState.PENDING, Held.RISE)
    assert told.state.watched() == {"S-1"}
    assert not told.orders()


def test_a_fast_rise_is_a_fire_below_its_level() -> None:
    told = _heat(41.0, 51.5)
    assert only(told).state is AlarmState.ACTIVE
    assert told.orders()


def test_a_rise_is_seen_between_many_readings() -> None:
    told = _heat(*(40 + step * 2.0 for step in range(8)), every_s=10)
    assert only(told).state is AlarmState.ACTIVE


def test_a_jump_of_noise_within_a_second_is_no_rise() -> None:
    assert not _heat(41.0, 42.0, 41.5, 43.0, every_s=1).orders()


def test_a_detector_that_cools_is_watched_no_more() -> None:
    told = _heat(41.0, 39.0)
    assert only(told).state is AlarmState.CLEARED
    assert not told.state.watched()


def test_a_warm_detector_that_falls_silent_is_watched_no_more() -> None:
    told = _heat(41.0)
    told.pass_time(600)
    assert only(told).state is AlarmState.CLEARED
    assert not told.orders()


def test_a_slow_climb_is_a_fire_at_its_level_at_once() -> None:
    told = _heat(*(40.0 + step for step in range(19)))
    assert only(told).state is AlarmState.ACTIVE


def test_a_rise_waits_for_a_second_detector_where_the_rule_says_so() -> None:
    told = _heat(41.0, 52.0, rules={"fire": Rule(latching=True, confirm="place", alone_s=120)})
    assert only(told).held is Held.CONFIRM
    told.pass_time(60)
    assert told.orders()


def test_readings_out_of_order_are_no_rise() -> None:
    told = _heat(41.0)
    told.reading("S-1", NOON - timedelta(seconds=30), temperature_c=55.0)
    assert not told.orders()


def test_a_level_that_did_not_last_leaves_the_detector_watched() -> None:
    told = _heat(rules={"fire": Rule(latching=True, delay_s=100)})
    told.reading("S-1", temperature_c=58.0)
    told.pass_time(50)
    told.reading("S-1", temperature_c=50.0)
    told.pass_time(100)
    assert (only(told).state, only(told).held) == (AlarmState.PENDING, Held.RISE)
    assert not told.orders()


# ---- chattering


def _chatter(told: Story, times: int, *, every_s: int = 10) -> None:
    for _ in range(times):
        told.reading("E-1", residual_ma=400.0)
        told.pass_time(every_s)
        told.reading("E-1", residual_ma=10.0)


def test_what_comes_on_three_times_a_minute_is_held_on_and_told_once() -> None:
    told = story()
    _chatter(told, 10)
    assert len(told.state.alarms) == 3
    last = list(told.state.alarms.values())[-1]
    assert (last.state, last.held) == (AlarmState.ACTIVE, Held.CHATTERING)
    assert [one.code for one in told.incident().warnings].count("chattering") == 1


def test_a_chattering_alarm_is_released_after_a_calm_time() -> None:
    told = story()
    _chatter(told, 3)
    told.pass_time(119)
    last = list(told.state.alarms.values())[-1]
    assert last.state is AlarmState.ACTIVE
    told.pass_time(1)
    assert told.state.alarms[last.id].state is AlarmState.CLEARED


def test_a_chattering_alarm_whose_condition_is_there_when_it_is_calm_stays_on() -> None:
    told = story()
    _chatter(told, 3)
    told.reading("E-1", residual_ma=400.0)
    told.pass_time(200)
    last = list(told.state.alarms.values())[-1]
    assert (last.state, last.held) == (AlarmState.ACTIVE, None)


def test_a_chattering_alarm_judged_false_calls_nobody_again_while_it_chatters() -> None:
    told = story()
    _chatter(told, 3)
    about = told.incident()
    told.turn(lambda turn: pressing.give_verdict(turn, COMMAND, about, {"verdict": "false"}, None))
    _chatter(told, 5)
    assert len(told.state.incidents) == 1


def test_twice_a_minute_is_no_chattering() -> None:
    told = story()
    _chatter(told, 6, every_s=31)
    assert not [one for one in told.state.alarms.values() if one.held is not None]
    assert "chattering" not in [one.code for one in told.incident().warnings]


def test_a_fire_that_comes_and_goes_is_never_damped(small_registry: Registry) -> None:
    told = Story(small_registry)
    for _ in range(10):
        told.event("fire", "S-4")
        told.pass_time(2)
        told.event("fire_restore", "S-4")
    assert only(told).state is AlarmState.RESTORED
    assert "AlarmHeld" not in facts(told)


def test_a_fault_that_chatters_is_one_alarm_and_few_facts(small_registry: Registry) -> None:
    told = Story(small_registry)
    for _ in range(20):
        told.event("fault")
        told.pass_time(1)
        told.event("fault_restore")
    assert len(told.state.alarms) == 3


# ---- stale


def test_an_alarm_that_is_on_for_a_day_is_stale_and_is_told_once() -> None:
    told = story()
    told.reading("E-1", residual_ma=400.0)
    told.now += timedelta(hours=10)
    told.event("fault", "S-4")
    told.now += timedelta(hours=14) - timedelta(seconds=1)
    told.tick()
    assert not [one for one in told.state.alarms.values() if one.stale]
    told.pass_time(2)
    assert [one.device for one in told.state.alarms.values() if one.stale] == ["E-1"]
    told.now += timedelta(hours=48)
    told.tick()
    assert facts(told).count("AlarmStale") == 2


def test_all_alarms_share_one_timer_of_staleness(small_registry: Registry) -> None:
    told = Story(small_registry)
    for device in ("S-1", "S-2", "S-3", "S-4"):
        told.event("fault", device)
    assert list(told.state.timers) == ["stale all"]


# ---- latching by profile, shelving


def test_a_profile_may_let_other_kinds_latch() -> None:
    told = story(rules={"residual": Rule(latching=True)})
    told.reading("E-1", residual_ma=400.0)
    told.reading("E-1", residual_ma=10.0)
    assert only(told).state is AlarmState.RESTORED
    told.turn(lambda turn: pressing.act_on_alarm(turn, COMMAND, only(told), "reset", None))
    assert only(told).state is AlarmState.CLEARED


def test_an_alarm_whose_condition_went_while_it_was_shelved_is_over_when_that_ends() -> None:
    told = story(rules={"fault": Rule(off_delay_s=60)})
    told.event("fault", "E-1")
    told.event("fault_restore", "E-1")
    until: datetime = told.now + timedelta(seconds=30)
    told.turn(lambda turn: pressing.act_on_alarm(turn, COMMAND, only(told), "shelve", until))
    told.pass_time(90)
    assert only(told).state is AlarmState.CLEARED
