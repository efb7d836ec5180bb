"""Facts about alarms, folded: a part of `dispatch.state.fold`, which alone calls it."""

from datetime import datetime
from typing import Any, assert_never

from msgspec.structs import replace

from dispatch.facts import fact
from dispatch.facts.alarm import FIRE_LIKE, AlarmKind, AlarmState, Held
from dispatch.state import mark
from dispatch.state.state import Alarm, State, hint, slot

AlarmFact = (
    fact.AlarmRaised
    | fact.AlarmChanged
    | fact.AlarmAcknowledged
    | fact.AlarmHeld
    | fact.AlarmGraded
    | fact.AlarmTracked
    | fact.AlarmStale
    | fact.AlarmBlackout
)
"""What is only about an alarm."""


def take(state: State, one: AlarmFact, at: datetime) -> None:
    """The state has taken the fact in, which became true at `at`."""
    match one:
        case fact.AlarmRaised():
            _raised(state, one, at)
        case fact.AlarmChanged():
            _changed(state, one, at)
        case fact.AlarmAcknowledged():
            _change(state, one.alarm, at, acknowledged_by=one.by)
        case fact.AlarmHeld():
            _held(state, one, at)
        case fact.AlarmGraded():
            _graded(state, one, at)
        case fact.AlarmTracked():
            _tracked(state, one)
        case fact.AlarmStale():
            _change(state, one.alarm, at, stale=True)
        case fact.AlarmBlackout():
            _change(state, one.alarm, at, blackout=one.blackout)
        case _:
            assert_never(one)


def forget(state: State, before: datetime) -> None:
    """What alarms said before then, and nobody asks for any more, is no longer held."""
    state.flips = {key: times for key, times in state.flips.items() if times[-1] >= before}
    for key, devices in list(state.hints.items()):
        state.hints[key] = {device: at for device, at in devices.items() if at >= before}
        if not state.hints[key]:
            del state.hints[key]


_PENDING = frozenset({Held.DELAY, Held.CONFIRM, Held.RISE})
"""What an alarm that is not on yet waits for."""
_BURNS = FIRE_LIKE | {AlarmKind.PREALARM}
_FLIPS_KEPT = 8
_SAMPLES_KEPT = 3


def _raised(state: State, one: fact.AlarmRaised, at: datetime) -> None:
    mark.count(state, one.alarm)
    pending = one.held in _PENDING
    state.alarms[one.alarm] = raised = Alarm(
        id=one.alarm,
        device=one.device,
        kind=one.kind,
        place=one.place,
        state=AlarmState.PENDING if pending else AlarmState.ACTIVE,
        since=one.since,
        raised_at=at,
        floor=one.floor,
        room=one.room,
        column=one.column,
        value=one.value,
        drill=one.drill,
        flags=one.flags,
        grids=one.grids,
        level=one.level,
        latching=one.latching,
        held=one.held,
        held_until=one.until,
        active_at=None if pending else at,
        escalated_from=one.escalated_from,
    )
    state.on[slot(one.device, one.kind, one.drill)] = one.alarm
    mark.wait(state, "hold", one.alarm, one.until)
    if one.drill is None:
        mark.alarmed(state, at)
    if not pending:
        _came_on(state, raised, at)
    if one.held is not Held.RISE:
        _hinted(state, raised, at)


def _came_on(state: State, one: Alarm, at: datetime) -> None:
    key = slot(one.device, one.kind, one.drill)
    state.flips[key] = (*state.flips.get(key, ())[1 - _FLIPS_KEPT :], at)


def _hinted(state: State, one: Alarm, at: datetime) -> None:
    if one.kind in _BURNS:
        state.hints.setdefault(hint(one.place, one.drill), {})[one.device] = at


def _changed(state: State, one: fact.AlarmChanged, at: datetime) -> None:
    before = state.alarms[one.alarm]
    changes: dict[str, Any] = {"state": one.state, "shelved_until": one.until, "held": None, "held_until": None}
    changes["gone"] = before.gone and one.state is AlarmState.SHELVED
    if one.value is not None:
        changes["value"] = one.value
    if one.state is AlarmState.RESTORED:
        changes |= {"restored_ts": one.ts or before.restored_ts, "restored_at": at}
    if one.state is AlarmState.ACTIVE and one.ts is not None:
        changes["raised_ts"] = one.ts
    on_anew = one.state is AlarmState.ACTIVE and before.state is not AlarmState.SHELVED
    if on_anew:
        changes |= {"active_at": at, "stale": False}
    if one.state is AlarmState.CLEARED:
        changes["cleared_at"] = at
    _change(state, one.alarm, at, **changes)
    mark.wait(state, "unshelve", one.alarm, one.until)
    mark.wait(state, "hold", one.alarm, None)
    changed = state.alarms[one.alarm]
    if on_anew:
        _came_on(state, changed, at)
        _hinted(state, changed, at)
    else:
        mark.wait(state, "grow", one.alarm, None)
    if one.state is AlarmState.CLEARED:
        state.on.pop(slot(changed.device, changed.kind, changed.drill), None)


def _held(state: State, one: fact.AlarmHeld, at: datetime) -> None:
    changes: dict[str, Any] = {"held": one.held, "held_until": one.until, "gone": one.gone}
    if one.ts is not None:
        changes["restored_ts" if one.gone else "raised_ts"] = one.ts
    if state.alarms[one.alarm].held is Held.RISE:
        _hinted(state, state.alarms[one.alarm], at)
    _change(state, one.alarm, at, **changes)
    mark.wait(state, "hold", one.alarm, one.until)


def _graded(state: State, one: fact.AlarmGraded, at: datetime) -> None:
    changes: dict[str, Any] = {"level": one.level, "grown": one.reason == "duration"}
    if one.value is not None:
        changes |= {"value": one.value, "column": one.column}
    _change(state, one.alarm, at, **changes)


def _tracked(state: State, one: fact.AlarmTracked) -> None:
    before = state.alarms[one.alarm]
    samples = (*before.samples[1 - _SAMPLES_KEPT :], (one.ts, one.value))
    if before.held is not Held.RISE:
        state.alarms[one.alarm] = replace(before, samples=samples)
        return
    state.alarms[one.alarm] = replace(before, samples=samples, held_until=one.until)
    mark.wait(state, "hold", one.alarm, one.until)


def _change(folded: State, alarm: str, at: datetime, **changes: object) -> None:
    folded.alarms[alarm] = changed = replace(folded.alarms[alarm], **changes)
    if changed.incident in folded.incidents:
        folded.untold.setdefault(changed.incident, at)
