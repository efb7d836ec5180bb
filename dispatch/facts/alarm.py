"""An alarm's life, and what a signal says about alarms. One alarm per (device, kind) at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from devices.profile import Level, Profile
from devices.rule import ALARM, Rise, Rule
from devices.signal import Signal


class AlarmState(StrEnum):
    """CONTRACT section 3. Only `cleared` has ended."""

    PENDING = "pending"
    ACTIVE = "active"
    RESTORED = "restored"
    CLEARED = "cleared"
    SHELVED = "shelved"


class AlarmEvent(StrEnum):
    """What can happen to an alarm."""

    RAISE = "raise"
    RESTORE = "restore"
    RESET = "reset"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    RIPEN = "ripen"
    """What it waited for has come: it is an alarm."""


class Held(StrEnum):
    """What an alarm waits for before it changes: `delay`, `confirm`, `rise` while pending, the others while it is on.

    A delay of its kind; a second detector; readings that show how fast a value rises; a graver level that must last;
    the end of its condition that must last; an end to its chattering.
    """

    DELAY = "delay"
    CONFIRM = "confirm"
    RISE = "rise"
    LEVEL = "level"
    OFF_DELAY = "off_delay"
    CHATTERING = "chattering"


class AlarmKind(StrEnum):
    """CONTRACT section 3."""

    FIRE = "fire"
    MANUAL = "manual"
    PREALARM = "prealarm"
    RESIDUAL = "residual"
    CABLE_TEMPERATURE = "cable_temperature"
    ARC = "arc"
    OVERCURRENT = "overcurrent"
    VOLTAGE = "voltage"
    FAULT = "fault"
    TAMPER = "tamper"
    LOW_BATTERY = "low_battery"
    CONTAMINATION = "contamination"
    OFFLINE = "offline"


LATCHING = frozenset({AlarmKind.FIRE, AlarmKind.MANUAL, AlarmKind.ARC})
"""A restore marks the condition gone; a person's reset clears (GB 31252 4.3.1 for electrical, CONTRACT section 3)."""

FIRE_LIKE = frozenset({AlarmKind.FIRE, AlarmKind.MANUAL})
ELECTRICAL = frozenset(
    {
        AlarmKind.RESIDUAL,
        AlarmKind.CABLE_TEMPERATURE,
        AlarmKind.ARC,
        AlarmKind.OVERCURRENT,
        AlarmKind.VOLTAGE,
    }
)

PRIORITY: dict[AlarmKind, int] = {
    AlarmKind.FIRE: 1,
    AlarmKind.MANUAL: 1,
    AlarmKind.RESIDUAL: 2,
    AlarmKind.CABLE_TEMPERATURE: 2,
    AlarmKind.ARC: 2,
    AlarmKind.OVERCURRENT: 2,
    AlarmKind.VOLTAGE: 2,
    AlarmKind.PREALARM: 3,
    AlarmKind.FAULT: 4,
    AlarmKind.TAMPER: 4,
    AlarmKind.LOW_BATTERY: 4,
    AlarmKind.CONTAMINATION: 4,
    AlarmKind.OFFLINE: 4,
}
"""CONTRACT section 3: 1 fire, 2 electrical danger, 3 prealarm, 4 fault."""

_A, _R, _C, _S = AlarmState.ACTIVE, AlarmState.RESTORED, AlarmState.CLEARED, AlarmState.SHELVED
_PENDING: dict[tuple[AlarmState, AlarmEvent], AlarmState] = {
    (AlarmState.PENDING, AlarmEvent.RIPEN): _A,
    (AlarmState.PENDING, AlarmEvent.RESTORE): _C,
    (AlarmState.PENDING, AlarmEvent.RESET): _C,
}
_LATCHED: dict[tuple[AlarmState, AlarmEvent], AlarmState] = {
    **_PENDING,
    (_A, AlarmEvent.RESTORE): _R,
    (_A, AlarmEvent.RESET): _C,
    (_A, AlarmEvent.SHELVE): _S,
    (_R, AlarmEvent.RAISE): _A,
    (_R, AlarmEvent.RESET): _C,
    (_R, AlarmEvent.SHELVE): _S,
    (_S, AlarmEvent.RESET): _C,
    (_S, AlarmEvent.UNSHELVE): _A,
}
_PLAIN: dict[tuple[AlarmState, AlarmEvent], AlarmState] = {
    **_PENDING,
    (_A, AlarmEvent.RESTORE): _C,
    (_A, AlarmEvent.RESET): _C,
    (_A, AlarmEvent.SHELVE): _S,
    (_S, AlarmEvent.RESTORE): _C,
    (_S, AlarmEvent.RESET): _C,
    (_S, AlarmEvent.UNSHELVE): _A,
}


def advance(kind: AlarmKind, state: AlarmState, event: AlarmEvent, *, latching: bool = False) -> AlarmState | None:
    """The state after `event`, or None when the event changes nothing in this state. `latching` as the profile says;
    some kinds always do.
    """
    table = _LATCHED if latching or kind in LATCHING else _PLAIN
    return table.get((state, event))


@dataclass(frozen=True, slots=True)
class Finding:
    """A signal says: this kind of alarm is on (`raised`) or gone at its device. `column` is what was measured.

    `level`: how grave, `prealarm` or `alarm`; with `wavers` a value has not left an alarm's level for good.
    The condition must last `delay_s` seconds (None: as its kind's rule says). With `rise`, a value is where its haste
    is watched, and nothing else says that the alarm is on. `explicit`: the device itself said so.
    """

    kind: AlarmKind
    raised: bool
    value: float | None = None
    column: str | None = None
    level: str = ALARM
    wavers: bool = False
    delay_s: float | None = None
    rise: Rise | None = None
    explicit: bool = False


_EVENTS: dict[str, tuple[tuple[AlarmKind, bool], ...]] = {
    "fire": ((AlarmKind.FIRE, True),),
    "fire_restore": ((AlarmKind.FIRE, False), (AlarmKind.PREALARM, False)),
    "prealarm": ((AlarmKind.PREALARM, True),),
    "fault": ((AlarmKind.FAULT, True),),
    "fault_restore": ((AlarmKind.FAULT, False),),
    "tamper": ((AlarmKind.TAMPER, True),),
    "low_battery": ((AlarmKind.LOW_BATTERY, True),),
    "manual_call": ((AlarmKind.MANUAL, True),),
    "offline": ((AlarmKind.OFFLINE, True),),
    "online": ((AlarmKind.OFFLINE, False),),
    "test": (),
    "silence": (),
}
_SAID: dict[str, tuple[Finding, ...]] = {
    event: tuple(Finding(kind, raised=raised, explicit=True) for kind, raised in found)
    for event, found in _EVENTS.items()
}


def findings(signal: Signal, profile: Profile | None) -> tuple[Finding, ...]:
    """What `signal` says about its device's alarms, fires first. A reading says nothing of columns it lacks."""
    if signal.event is not None:
        return _SAID.get(signal.event, ())
    if profile is None:
        return ()
    found = _from_values(profile, signal.values)
    return tuple(sorted(found, key=lambda finding: PRIORITY[finding.kind]))


def _from_values(profile: Profile, values: Mapping[str, float]) -> Iterator[Finding]:
    by_kind: dict[str, list[Level]] = {}
    for level in profile.levels:
        if level.column in values:
            by_kind.setdefault(level.alarm, []).append(level)
    rises = {one.alarm: one for one in profile.rises if one.column in values}
    for name in dict.fromkeys([*by_kind, *rises]):
        found = _from_levels(profile.rule(name), AlarmKind(name), by_kind.get(name, []), values, rises.get(name))
        if found is not None:
            yield found


def _from_levels(
    rule: Rule, kind: AlarmKind, measured: list[Level], values: Mapping[str, float], rise: Rise | None
) -> Finding | None:
    """None between a level and where it is left: then it is as it was."""
    reached = [one for one in measured if one.reached(values[one.column])]
    if reached:
        wavers = any(one.level == ALARM and not one.left(values[one.column]) for one in measured)
        graver = [one for one in reached if one.level == ALARM] or reached
        return Finding(
            kind,
            raised=True,
            value=values[graver[0].column],
            column=graver[0].column,
            level=graver[0].level,
            wavers=wavers,
            delay_s=min(rule.delay_s if one.delay_s is None else one.delay_s for one in graver),
        )
    left = all(one.left(values[one.column]) for one in measured)
    if rise is not None and values[rise.column] >= rise.watch_from:
        return Finding(kind, raised=False, value=values[rise.column], column=rise.column, wavers=not left, rise=rise)
    if not left:
        return None
    column = measured[0].column if measured else rise.column if rise is not None else None
    return Finding(kind, raised=False, value=values.get(column or ""), column=column)
