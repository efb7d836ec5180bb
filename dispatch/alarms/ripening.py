"""A timer says that an alarm's waiting is over, or that it has lasted long enough to be graver."""

from datetime import timedelta

from devices.rule import ALARM
from dispatch.alarms import confirmation, lasting, sensing
from dispatch.facts.alarm import AlarmEvent, AlarmKind, AlarmState, Held
from dispatch.facts.fact import AlarmChanged, AlarmGraded, AlarmHeld, AlarmRaised, Awaited
from dispatch.state.state import Alarm
from dispatch.turn import Turn


def hold_over(turn: Turn, id: str) -> None:
    """What the alarm waited for has come or its time is up, if it still waits."""
    one = turn.state.alarms.get(id)
    if one is None or one.held_until is None or one.held_until > turn.now:
        return
    match one.held:
        case Held.DELAY:
            _lasted(turn, one)
        case Held.CONFIRM:
            sensing.ripen(turn, id, "alone")
        case Held.RISE:
            turn.add(AlarmChanged(alarm=id, state=AlarmState.CLEARED, reason="silent"))
        case Held.LEVEL:
            turn.add(AlarmHeld(alarm=id), AlarmGraded(alarm=id, level=ALARM, reason="delay"))
            sensing.call(turn, turn.state.alarms[id])
        case Held.OFF_DELAY:
            lasting.end(turn, one, "off_delay")
        case Held.CHATTERING if one.gone:
            lasting.end(turn, one, "calm")
        case _:
            turn.add(AlarmHeld(alarm=id))


def _lasted(turn: Turn, one: Alarm) -> None:
    """The condition has lasted; a fire by its level may still have to be seconded."""
    rule = turn.world.rule(one.device, one.kind)
    alone = one.raised_at + timedelta(seconds=rule.alone_s)
    if (
        one.kind is AlarmKind.FIRE
        and rule.confirm is not None
        and alone > turn.now
        and not confirmation.seconded(turn, rule, one.device, one.place, one.drill)
    ):
        turn.add(AlarmHeld(alarm=one.id, held=Held.CONFIRM, until=alone))
        return
    sensing.ripen(turn, one.id, "delay")


def grow(turn: Turn, id: str) -> None:
    """The alarm has lasted so long that it is graver, if it is still on."""
    one = turn.state.alarms.get(id)
    if one is None or one.state is not AlarmState.ACTIVE:
        return
    rule = turn.world.rule(one.device, one.kind)
    if one.gone and one.held_until is not None:
        turn.add(Awaited(kind="grow", subject=id, at=one.held_until + timedelta(seconds=1)))
    elif rule.escalates_to is not None:
        _set_fire(turn, one)
    elif lasting.grows(one, rule):
        turn.add(AlarmGraded(alarm=id, level=ALARM, reason="duration"))
        sensing.call(turn, turn.state.alarms[id])


def _set_fire(turn: Turn, one: Alarm) -> None:
    """The device has a fire alarm, and somebody is called for it."""
    burning = turn.state.alarm_of(one.device, AlarmKind.FIRE, one.drill)
    if burning is None:
        number = turn.number("A")
        turn.add(
            AlarmRaised(
                alarm=number,
                device=one.device,
                kind=AlarmKind.FIRE,
                place=one.place,
                since=turn.now,
                floor=one.floor,
                room=one.room,
                column=one.column,
                value=one.value,
                drill=one.drill,
                flags=one.flags,
                escalated_from=one.id,
            )
        )
        sensing.sound(turn, number)
    elif burning.state is AlarmState.PENDING:
        sensing.ripen(turn, burning.id, "duration")
    elif (after := burning.after(AlarmEvent.RAISE)) is not None:
        turn.add(AlarmChanged(alarm=burning.id, state=after, reason="duration"))
        sensing.sound(turn, burning.id)
