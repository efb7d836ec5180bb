"""An alarm's table, and what a signal says about alarms."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from devices.profile import Level
from devices.registry import Registry
from devices.rule import Rise, Rule
from devices.signal import Signal
from dispatch.facts.alarm import LATCHING, AlarmEvent, AlarmKind, AlarmState, advance, findings

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _reading(device: str, **values: float) -> Signal:
    return Signal(id="r:1", gateway="GW-1", device=device, place="P-1", ts=AT, received_at=AT, values=values)


def _event(name: str) -> Signal:
    return Signal(id="e:1", gateway="GW-1", device="S-1", place="P-1", ts=AT, received_at=AT, event=name)


@pytest.mark.parametrize(("kind", "state", "latching"), list(itertools.product(AlarmKind, AlarmState, [False, True])))
def test_a_latching_alarm_clears_by_reset_only(kind: AlarmKind, state: AlarmState, latching: bool) -> None:  # noqa: FBT001 - parametrized
    clearing = {event for event in AlarmEvent if advance(kind, state, event, latching=latching) is AlarmState.CLEARED}
    latches = latching or kind in LATCHING
    if state is AlarmState.CLEARED or (not latches and state is AlarmState.RESTORED):
        assert clearing == set()
    elif state is AlarmState.PENDING:
        assert clearing == {AlarmEvent.RESTORE, AlarmEvent.RESET}
    elif latches:
        assert clearing == {AlarmEvent.RESET}
    else:
        assert AlarmEvent.RESET in clearing
        assert clearing <= {AlarmEvent.RESET, AlarmEvent.RESTORE}


@pytest.mark.parametrize(("kind", "event"), list(itertools.product(AlarmKind, AlarmEvent)))
def test_only_what_was_waited_for_makes_a_pending_alarm_active(kind: AlarmKind, event: AlarmEvent) -> None:
    becomes_active = advance(kind, AlarmState.PENDING, event) is AlarmState.ACTIVE
    assert becomes_active == (event is AlarmEvent.RIPEN)
    assert event is not AlarmEvent.RIPEN or not [
        state for state in AlarmState if state is not AlarmState.PENDING and advance(kind, state, event) is not None
    ]


@pytest.mark.parametrize(("kind", "event"), list(itertools.product(AlarmKind, AlarmEvent)))
def test_a_cleared_alarm_never_moves(kind: AlarmKind, event: AlarmEvent) -> None:
    assert advance(kind, AlarmState.CLEARED, event) is None


def test_fire_manual_and_arc_latch() -> None:
    for kind in (AlarmKind.FIRE, AlarmKind.MANUAL, AlarmKind.ARC):
        assert advance(kind, AlarmState.ACTIVE, AlarmEvent.RESTORE) is AlarmState.RESTORED
        assert advance(kind, AlarmState.RESTORED, AlarmEvent.RAISE) is AlarmState.ACTIVE
    assert advance(AlarmKind.RESIDUAL, AlarmState.ACTIVE, AlarmEvent.RESTORE) is AlarmState.CLEARED


def test_smoke_at_the_level_is_a_fire_and_below_it_is_a_restore(small_registry: Registry) -> None:
    profile = small_registry.profiles["smoke-photo"]
    (at,) = findings(_reading("S-1", smoke_db_m=0.15), profile)
    (below,) = findings(_reading("S-1", smoke_db_m=0.149), profile)
    assert (at.kind, at.raised, at.value) == (AlarmKind.FIRE, True, 0.15)
    assert (below.kind, below.raised) == (AlarmKind.FIRE, False)


def test_a_reading_says_nothing_of_columns_it_lacks(small_registry: Registry) -> None:
    profile = small_registry.profiles["electric-3p"]
    (only,) = findings(_reading("E-1", residual_ma=12.0), profile)
    assert only.kind is AlarmKind.RESIDUAL
    assert findings(_reading("E-1", rssi_dbm=-70.0), profile) == ()


def test_one_hot_channel_of_several_keeps_the_alarm(small_registry: Registry) -> None:
    profile = small_registry.profiles["electric-3p"]
    (one,) = findings(_reading("E-1", cable_temperature_1_c=30.0, cable_temperature_2_c=88.0), profile)
    assert one.raised
    assert one.value == 88.0
    assert one.column == "cable_temperature_2_c"


def test_events_say_what_they_are_named_for() -> None:
    assert [(one.kind, one.raised) for one in findings(_event("fire"), None)] == [(AlarmKind.FIRE, True)]
    assert (AlarmKind.FIRE, False) in [(one.kind, one.raised) for one in findings(_event("fire_restore"), None)]
    assert findings(_event("test"), None) == ()
    assert [one.kind for one in findings(_event("manual_call"), None)] == [AlarmKind.MANUAL]


def test_a_value_between_its_level_and_where_it_is_left_says_nothing(small_registry: Registry) -> None:
    chamber = Level("chamber_pct", "contamination", at_least=100, clear_below=90)
    profile = replace(small_registry.profiles["smoke-photo"], levels=(chamber,))
    said = [findings(_reading("S-1", chamber_pct=value), profile) for value in (100.0, 99.0, 90.0, 89.9)]
    assert [[one.raised for one in found] for found in said] == [[True], [], [], [False]]


def test_two_sided_levels_are_left_in_the_middle_only(small_registry: Registry) -> None:
    volts = Level("voltage_l1_v", "voltage", at_least=253, at_most=187, clear_below=250, clear_above=190)
    profile = replace(small_registry.profiles["electric-3p"], levels=(volts,))
    said = [findings(_reading("E-1", voltage_l1_v=value), profile) for value in (253.0, 251.0, 220.0, 189.0, 187.0)]
    assert [[one.raised for one in found] for found in said] == [[True], [], [False], [], [True]]


def test_the_gravest_level_that_is_reached_counts(small_registry: Registry) -> None:
    levels = (
        Level("residual_ma", "residual", at_least=200, level="prealarm", delay_s=5),
        Level("residual_ma", "residual", at_least=300, clear_below=280),
    )
    profile = replace(small_registry.profiles["electric-3p"], levels=levels, rules={"residual": Rule(delay_s=9)})
    said = [findings(_reading("E-1", residual_ma=value), profile)[0] for value in (250.0, 290.0, 300.0, 100.0)]
    assert [(one.raised, one.level, one.wavers) for one in said[:3]] == [
        (True, "prealarm", False),
        (True, "prealarm", True),
        (True, "alarm", True),
    ]
    assert [one.delay_s for one in said[:3]] == [5, 5, 9]
    assert not said[3].raised


def test_where_haste_is_watched_nothing_is_over_yet(small_registry: Registry) -> None:
    profile = replace(
        small_registry.profiles["smoke-photo"],
        levels=(Level("temperature_c", "fire", at_least=58, latching=True),),
        rises=(Rise("temperature_c", "fire", per_minute=10, watch_from=40),),
    )
    said = [findings(_reading("S-1", temperature_c=value), profile)[0] for value in (58.0, 57.0, 40.0, 39.0)]
    assert [(one.raised, one.rise is not None) for one in said] == [
        (True, False),
        (False, True),
        (False, True),
        (False, False),
    ]
