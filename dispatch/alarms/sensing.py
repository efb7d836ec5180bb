"""A signal is decided: alarms are raised, restored, and what they mean for incidents and orders."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from devices import override
from devices.model import Device
from devices.rule import ALARM, PLAIN, PREALARM, Rise, Rule
from devices.signal import Signal
from dispatch.alarms import blackout, confirmation, damping, joining, lasting, tracking
from dispatch.facts import alarm
from dispatch.facts.alarm import AlarmEvent, AlarmKind, AlarmState, Finding, Held
from dispatch.facts.fact import (
    AlarmBlackout,
    AlarmChanged,
    AlarmGraded,
    AlarmHeld,
    AlarmJoined,
    AlarmRaised,
    AlarmTracked,
    IncidentOpened,
    Warned,
)
from dispatch.facts.kind import FIRE
from dispatch.facts.order import OrderKind
from dispatch.state import incident
from dispatch.state.state import Alarm, Incident, State
from dispatch.turn import Turn


def seen(state: State, signal: Signal, repeat_within: timedelta) -> bool:
    """True when this signal was decided before. An undated one is new again after `repeat_within` (CONTRACT 1)."""
    before = state.signals.get(signal.id)
    return before is not None and repeats(signal, before, repeat_within)


def repeats(signal: Signal, before: datetime, repeat_within: timedelta) -> bool:
    """True when this is the signal of the same id that was received at `before`."""
    return not signal.undated or signal.received_at - before < repeat_within


@dataclass(frozen=True, slots=True)
class Said:
    """What one signal says of one kind of alarm at its device. `device`: None where it is not registered."""

    signal: Signal
    finding: Finding
    rule: Rule
    device: Device | None
    drill: str | None

    @property
    def delay(self) -> timedelta:
        """How long the condition must last; explicit fires and manual calls wait for nothing."""
        if self.finding.explicit and self.finding.kind in alarm.FIRE_LIKE:
            return timedelta()
        delay_s = self.finding.delay_s
        return timedelta(seconds=self.rule.delay_s if delay_s is None else delay_s)


def decide(turn: Turn, signal: Signal) -> None:
    """The turn holds what the signal changes; nothing when it changes nothing."""
    registry = turn.world.registry
    device = registry.devices.get(signal.device) if "gateway" not in signal.flags else None
    profile = override.profile_of(registry, signal.device) if device is not None else None
    drill = _drill(turn, signal)
    for finding in alarm.findings(signal, profile):
        rule = profile.rule(finding.kind) if profile is not None else PLAIN
        said = Said(signal, finding, rule, device, drill)
        before = turn.state.alarm_of(signal.device, finding.kind, drill)
        if finding.rise is not None:
            _track(turn, said, finding.rise, before)
        elif finding.raised:
            _raise(turn, said, before)
        elif before is not None:
            _restore(turn, said, before)


def _drill(turn: Turn, signal: Signal) -> str | None:
    found = turn.state.drills.get(signal.drill) if signal.drill is not None else None
    if found is None or found.closed_at is not None or turn.now >= found.until or signal.device not in found.devices:
        return None
    return found.id


def _raise(turn: Turn, said: Said, before: Alarm | None) -> None:
    if before is None:
        _begin(turn, said, *_wait(turn, said))
        return
    match before.state:
        case AlarmState.PENDING:
            _insist(turn, said, before)
        case AlarmState.ACTIVE:
            _again(turn, said, before)
        case _ if (after := before.after(AlarmEvent.RAISE)) is not None:
            turn.add(AlarmChanged(alarm=before.id, state=after, ts=said.signal.ts, value=said.finding.value))
            sound(turn, before.id)
        case _ if before.gone:
            turn.add(AlarmHeld(alarm=before.id, ts=said.signal.ts))
        case _:
            return


def _begin(turn: Turn, said: Said, held: Held | None, until: datetime | None) -> Alarm:
    signal, finding, device = said.signal, said.finding, said.device
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
            drill=said.drill,
            flags=signal.flags,
            grids=turn.world.grids_of(place.grid if place is not None else None),
            level=finding.level,
            latching=said.rule.latching,
            held=held,
            until=until,
        )
    )
    if held is None:
        sound(turn, number)
    return turn.state.alarms[number]


def _wait(turn: Turn, said: Said) -> tuple[Held | None, datetime | None]:
    """For what, and until when, the alarm is only pending."""
    kind, unsure = said.finding.kind, said.finding.kind is AlarmKind.FIRE and not said.finding.explicit
    if unsure and said.rule.confirm is not None:
        place = said.device.place if said.device is not None else said.signal.place
        if confirmation.seconded(turn, said.rule, said.signal.device, place, said.drill):
            return None, None
    if said.delay:
        return Held.DELAY, turn.now + said.delay
    if unsure and said.rule.confirm is not None and kind is AlarmKind.FIRE:
        return Held.CONFIRM, turn.now + timedelta(seconds=said.rule.alone_s)
    return None, None


def _insist(turn: Turn, said: Said, before: Alarm) -> None:
    """A pending alarm is raised again, perhaps by something that waits for less."""
    if said.finding.level != before.level:
        _graded(turn, said, before)
    held, until = _wait(turn, said)
    if held is None:
        ripen(turn, before.id, "said", said.signal.ts)
    elif before.held is Held.RISE or (before.held is held is Held.DELAY and _sooner(until, before.held_until)):
        turn.add(AlarmHeld(alarm=before.id, held=held, until=until))


def _sooner(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one < other


def _again(turn: Turn, said: Said, before: Alarm) -> None:
    """An alarm that is on is raised again: its condition is not gone, and may have become graver or less so."""
    if before.gone:
        chattering = before.held is Held.CHATTERING
        until = turn.now + turn.world.policy.chatter_calm if chattering else None
        held = Held.CHATTERING if chattering else None
        turn.add(AlarmHeld(alarm=before.id, held=held, until=until, ts=said.signal.ts))
    _grade(turn, said, turn.state.alarms[before.id])
    if said.signal.event is not None:
        call(turn, turn.state.alarms[before.id])


def _grade(turn: Turn, said: Said, before: Alarm) -> None:
    if said.finding.level == before.level:
        if before.held is Held.LEVEL:
            turn.add(AlarmHeld(alarm=before.id))
    elif said.finding.level == PREALARM:
        if not before.grown and not said.finding.wavers:
            _graded(turn, said, before)
    elif before.held is not Held.LEVEL:
        if said.delay and before.held is None:
            turn.add(AlarmHeld(alarm=before.id, held=Held.LEVEL, until=turn.now + said.delay))
            return
        _graded(turn, said, before)
        call(turn, turn.state.alarms[before.id])


def _graded(turn: Turn, said: Said, before: Alarm) -> None:
    finding = said.finding
    turn.add(AlarmGraded(alarm=before.id, level=finding.level, column=finding.column, value=finding.value))


def _track(turn: Turn, said: Said, rise: Rise, before: Alarm | None) -> None:
    """The value is where its haste is watched: one that rises too fast is an alarm, whatever its level."""
    ts, value = said.signal.ts, said.signal.values[rise.column]
    if before is None:
        before = _begin(turn, said, Held.RISE, None)
    elif before.state not in (AlarmState.PENDING, AlarmState.RESTORED):
        return
    until = turn.now + tracking.patience(turn.world.registry, said.signal.device)
    if before.held is Held.DELAY and before.column in said.signal.values and not said.finding.wavers:
        turn.add(AlarmHeld(alarm=before.id, held=Held.RISE, until=until))  # the level itself has not lasted
    if tracking.hasty(before.samples, rise, ts, value):
        _raise(turn, replace(said, finding=replace(said.finding, raised=True, rise=None, delay_s=0.0)), before)
    elif tracking.telling(before.samples, rise, ts, value):
        turn.add(AlarmTracked(alarm=before.id, ts=ts, value=value, until=until))


def ripen(turn: Turn, id: str, reason: str, ts: datetime | None = None) -> None:
    """The pending alarm is on; somebody knows of it."""
    one = turn.state.alarms[id]
    after = one.after(AlarmEvent.RIPEN)
    if after is None:
        return
    turn.add(AlarmChanged(alarm=id, state=after, reason=reason, ts=ts))
    sound(turn, id)


def sound(turn: Turn, id: str) -> None:
    """What follows from an alarm that has just come on: its own timers, who is called, whom it confirms."""
    one = turn.state.alarms[id]
    lasting.await_growth(turn, one)
    lasting.await_staleness(turn)
    call(turn, one)
    damping.hold(turn, turn.state.alarms[id])
    for other in confirmation.waiting(turn, one):
        ripen(turn, other.id, "confirmed")


def call(turn: Turn, one: Alarm) -> None:
    """Somebody has been called for the alarm, unless it is only a prealarm, somebody is there already, or it is blacked
    out: then it says so, and a fire is shown to command.
    """
    dark = blackout.over(turn, one)
    if dark != one.blackout:
        turn.add(AlarmBlackout(alarm=one.id, blackout=dark))
    if one.level != ALARM:
        return
    if dark is None and (about := _only_shown(turn, one)) is not None:
        _bring(turn, one, about)
        return
    if not _without_incident(turn, one):
        return
    if dark is None:
        _call(turn, turn.state.alarms[one.id])
    elif one.kind in alarm.FIRE_LIKE:
        _show(turn, turn.state.alarms[one.id])


def hear(turn: Turn, one: Alarm) -> None:
    """The alarm, which a blackout kept from calling, calls as usual if it is still on."""
    if one.state is not AlarmState.ACTIVE:
        return
    if (about := _only_shown(turn, one)) is not None:
        _bring(turn, one, about)
    else:
        call(turn, one)


def _only_shown(turn: Turn, one: Alarm) -> Incident | None:
    """The alarm's incident, if it is one that command was shown and no crew was called to; whom command told of it by
    hand is no crew.
    """
    about = turn.state.incidents.get(one.incident or "")
    if about is None or not about.open or incident.harmless(about) or not incident.shown(about):
        return None
    crews = (OrderKind.RESPOND, OrderKind.RECTIFY)
    return None if any(each.drafted.kind in crews for each in turn.state.orders_of(about)) else about


def _bring(turn: Turn, one: Alarm, about: Incident) -> None:
    """Somebody is called to what was only shown; that it was stood down as such holds no longer."""
    if about.stood_down:
        turn.add(AlarmBlackout(alarm=one.id, again=True))
    turn.first_orders(about.id)


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
    """The shelving has run out: the alarm is on again until its device says otherwise, and somebody knows of it; one
    whose condition went before is over.
    """
    after = one.after(AlarmEvent.UNSHELVE)
    if after is None:
        return
    gone = one.gone
    turn.add(AlarmChanged(alarm=one.id, state=after))
    if gone:
        lasting.end(turn, turn.state.alarms[one.id], "off_delay")
        return
    lasting.await_growth(turn, turn.state.alarms[one.id])
    call(turn, turn.state.alarms[one.id])


def _call(turn: Turn, raised: Alarm) -> None:
    kind = incident.kind_for(raised.kind)
    if kind is None:
        return
    joined = joining.home(turn, kind, raised)
    if joined is None:
        turn.open_incident(_opened(turn, kind, raised), raised)
        return
    unheard = incident.unheard(joined)
    joining.join(turn, joined, raised)  # first: a further alarm ends that everybody was stood down
    if unheard:
        turn.first_orders(joined.id)


def _show(turn: Turn, raised: Alarm) -> None:
    """A fire that is blacked out is an incident that command sees; nobody is called to it."""
    about = joining.home(turn, FIRE, raised)
    if about is not None:
        severity = turn.severity_now(about, also=raised)
        turn.add(AlarmJoined(incident=about.id, alarm=raised.id, severity=severity, quiet=True))
        return
    opened = _opened(turn, FIRE, raised)
    turn.add(
        opened,
        AlarmJoined(incident=opened.incident, alarm=raised.id, severity=opened.severity),
        Warned(incident=opened.incident, code="blackout"),
    )


def _opened(turn: Turn, kind: str, raised: Alarm) -> IncidentOpened:
    place = turn.world.registry.places.get(raised.place)
    return IncidentOpened(
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
    )


def _restore(turn: Turn, said: Said, before: Alarm) -> None:
    signal = said.signal
    if signal.ts < (before.raised_ts or before.since):
        return
    if signal.event is None and before.column not in signal.values:
        return
    if before.state is AlarmState.ACTIVE and _stays(turn, said, before):
        return
    after = before.after(AlarmEvent.RESTORE)
    if after is not None:
        turn.add(AlarmChanged(alarm=before.id, state=after, ts=signal.ts, value=said.finding.value))


def _stays(turn: Turn, said: Said, before: Alarm) -> bool:
    """True when the alarm stays on although its condition is gone: it chatters, or must be gone for longer."""
    if before.gone:
        return True
    if before.held is Held.CHATTERING:
        held, time = Held.CHATTERING, turn.world.policy.chatter_calm
    elif said.rule.off_delay_s:
        held, time = Held.OFF_DELAY, timedelta(seconds=said.rule.off_delay_s)
    else:
        return False
    turn.add(AlarmHeld(alarm=before.id, held=held, until=turn.now + time, gone=True, ts=said.signal.ts))
    return True
