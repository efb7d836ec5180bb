"""An alarm's table, and what a signal says about alarms."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from devices.profile import Level
from devices.registry import Registry
from devices.signal import Signal
from dispatch.alarm import LATCHING, AlarmEvent, AlarmKind, AlarmState, advance, findings

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _reading(device: str, **values: float) -> Signal:
    return Signal(id="r:1", gateway="GW-1", device=device, place="P-1", ts=AT, received_at=AT, values=values)


def _event(name: str) -> Signal:
    return Signal(id="e:1", gateway="GW-1", device="S-1", place="P-1", ts=AT, received_at=AT, event=name)


@pytest.mark.parametrize(("kind", "state"), list(itertools.product(AlarmKind, AlarmState)))
def test_a_latching_alarm_clears_by_reset_only(kind: AlarmKind, state: AlarmState) -> None:
    clearing = {event for event in AlarmEvent if advance(kind, state, event) is AlarmState.CLEARED}
    if state in (AlarmState.CLEARED, AlarmState.PENDING) or (kind not in LATCHING and state is AlarmState.RESTORED):
        assert clearing == set()
    elif kind in LATCHING:
        assert clearing == {AlarmEvent.RESET}
    else:
        assert AlarmEvent.RESET in clearing
        assert clearing <= {AlarmEvent.RESET, AlarmEvent.RESTORE}


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
