"""A signal is decided: alarms are raised, restored, and what they mean for incidents and orders."""

from datetime import datetime, timedelta

from devices.model import Device
from devices.signal import Signal
from dispatch import alarm, incident, joining
from dispatch.alarm import AlarmEvent, AlarmState, Finding
from dispatch.fact import AlarmChanged, AlarmRaised, IncidentOpened
from dispatch.state import Alarm, State
from dispatch.turn import Turn


def seen(state: State, signal: Signal, repeat_within: timedelta) -> bool:
    """True when this signal was decided before. An undated one is new again after `repeat_within` (CONTRACT 1)."""
    before = state.signals.get(signal.id)
    return before is not None and repeats(signal, before, repeat_within)


def repeats(signal: Signal, before: datetime, repeat_within: timedelta) -> bool:
    """True when this is the signal of the same id that was received at `before`."""
    return not signal.undated or signal.received_at - before < repeat_within


def decide(turn: Turn, signal: Signal) -> None:
    """The turn holds what the signal changes; nothing when it changes nothing."""
    registry = turn.world.registry
    device = registry.devices.get(signal.device) if "gateway" not in signal.flags else None
    profile = registry.profiles.get(device.profile) if device is not None else None
    drill = _drill(turn, signal)
    for finding in alarm.findings(signal, profile):
        if finding.raised:
            _raise(turn, signal, finding, device, drill)
        else:
            _restore(turn, signal, finding, drill)


def _drill(turn: Turn, signal: Signal) -> str | None:
    found = turn.state.drills.get(signal.drill) if signal.drill is not None else None
    if found is None or found.closed_at is not None or turn.now >= found.until or signal.device not in found.devices:
        return None
    return found.id


def _raise(turn: Turn, signal: Signal, finding: Finding, device: Device | None, drill: str | None) -> None:
    before = turn.state.alarm_of(signal.device, finding.kind, drill)
    if before is None:
        number, where = turn.number("A"), device.place if device is not None else signal.place
        place = turn.world.registry.places.get(where)
        turn.add(
            AlarmRaised(
                alarm=number,
                device=signal.device,
                kind=finding.kind,
                place=where,
                since=signal.ts,
                floor=device.floor if device is not None else None,
                room=device.room if device is not None else None,
                column=finding.column,
                value=finding.value,
                drill=drill,
                flags=signal.flags,
                grids=turn.world.grids_of(place.grid if place is not None else None),
            )
        )
        _call(turn, turn.state.alarms[number])
        return
    after = alarm.advance(finding.kind, before.state, AlarmEvent.RAISE)
    if after is not None:
        turn.add(AlarmChanged(alarm=before.id, state=after, ts=signal.ts, value=finding.value))
    elif signal.event is None or before.state is not AlarmState.ACTIVE:
        return
    if _without_incident(turn, before):
        _call(turn, turn.state.alarms[before.id])


def _without_incident(turn: Turn, one: Alarm) -> bool:
    """True when the alarm's incident has been closed, judged no fire or left: a new raise must call somebody again."""
    about = turn.state.incidents.get(one.incident) if one.incident is not None else None
    return (
        about is None or not about.open or incident.harmless(about) or incident.left(about, turn.state.orders_of(about))
    )


def unshelve_overdue(turn: Turn, id: str) -> None:
    """The alarm's shelving ends, if it has run out."""
    one = turn.state.alarms.get(id)
    if one is not None and one.shelved_until is not None and one.shelved_until <= turn.now:
        unshelve(turn, one)


def unshelve(turn: Turn, one: Alarm) -> None:
    """The shelving has run out: the alarm is on again until its device says otherwise, and somebody knows of it."""
    after = alarm.advance(one.kind, one.state, AlarmEvent.UNSHELVE)
    if after is None:
        return
    turn.add(AlarmChanged(alarm=one.id, state=after))
    if _without_incident(turn, one):
        _call(turn, turn.state.alarms[one.id])


def _call(turn: Turn, raised: Alarm) -> None:
    kind = incident.kind_for(raised.kind)
    if kind is None:
        return
    joined = joining.home(turn, kind, raised)
    if joined is not None:
        joining.join(turn, joined, raised)
        return
    place = turn.world.registry.places.get(raised.place)
    turn.open_incident(
        IncidentOpened(
            incident=turn.number("I"),
            kind=kind,
            source="device",
            severity=incident.severity(kind, [raised], confirmed=False),
            place=raised.place,
            lon=place.lon if place is not None else None,
            lat=place.lat if place is not None else None,
            grid=place.grid if place is not None else None,
            drill=raised.drill,
            grids=turn.world.grids_of(place.grid if place is not None else None),
            category=place.category if place is not None else None,
        ),
        raised,
    )


def _restore(turn: Turn, signal: Signal, finding: Finding, drill: str | None) -> None:
    before = turn.state.alarm_of(signal.device, finding.kind, drill)
    if before is None or signal.ts < (before.raised_ts or before.since):
        return
    if signal.event is None and before.column not in signal.values:
        return
    after = alarm.advance(finding.kind, before.state, AlarmEvent.RESTORE)
    if after is not None:
        turn.add(AlarmChanged(alarm=before.id, state=after, ts=signal.ts, value=finding.value))
