"""An alarm's life, and what a signal says about alarms. One alarm per (device, kind) at a time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from devices.profile import Level, Profile
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
_LATCHED: dict[tuple[AlarmState, AlarmEvent], AlarmState] = {
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
    (_A, AlarmEvent.RESTORE): _C,
    (_A, AlarmEvent.RESET): _C,
    (_A, AlarmEvent.SHELVE): _S,
    (_S, AlarmEvent.RESTORE): _C,
    (_S, AlarmEvent.RESET): _C,
    (_S, AlarmEvent.UNSHELVE): _A,
}


def advance(kind: AlarmKind, state: AlarmState, event: AlarmEvent) -> AlarmState | None:
    """The state after `event`, or None when the event changes nothing in this state."""
    table = _LATCHED if kind in LATCHING else _PLAIN
    return table.get((state, event))


@dataclass(frozen=True, slots=True)
class Finding:
    """A signal says: this kind of alarm is on (`raised`) or gone at its device. `column` is what was measured."""

    kind: AlarmKind
    raised: bool
    value: float | None = None
    column: str | None = None


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


def findings(signal: Signal, profile: Profile | None) -> tuple[Finding, ...]:
    """What `signal` says about its device's alarms, fires first. A reading says nothing of columns it lacks."""
    if signal.event is not None:
        return tuple(Finding(kind, raised) for kind, raised in _EVENTS.get(signal.event, ()))
    if profile is None:
        return ()
    found = _from_levels(profile.levels, signal.values)
    return tuple(sorted(found, key=lambda finding: PRIORITY[finding.kind]))


def _from_levels(levels: Iterable[Level], values: Mapping[str, float]) -> Iterator[Finding]:
    by_kind: dict[str, list[Level]] = {}
    for level in levels:
        if level.column in values:
            by_kind.setdefault(level.alarm, []).append(level)
    for name, measured in by_kind.items():
        reached = [level for level in measured if level.reached(values[level.column])]
        if not reached and not all(level.left(values[level.column]) for level in measured):
            continue  # between the level and where it is left: as it was
        shown = (reached or measured)[0]
        yield Finding(AlarmKind(name), raised=bool(reached), value=values[shown.column], column=shown.column)
