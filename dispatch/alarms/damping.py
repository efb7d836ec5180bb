"""Chattering: an alarm that comes and goes is held on and told once (ISA-18.2). A fire is never damped."""

from datetime import timedelta

from dispatch.facts.alarm import FIRE_LIKE, AlarmState, Held
from dispatch.facts.fact import AlarmHeld, Warned
from dispatch.state.state import Alarm, slot
from dispatch.turn import Turn

CHANGES, WITHIN = 3, timedelta(minutes=1)
"""What comes on so often within this chatters (ISA-18.2: three times a minute)."""


def hold(turn: Turn, one: Alarm) -> None:
    """An alarm that came on once too often is held on until it has been calm; command is told once an incident."""
    if one.kind in FIRE_LIKE or one.state is not AlarmState.ACTIVE:
        return
    lately = turn.state.flips.get(slot(one.device, one.kind, one.drill), ())
    if sum(turn.now - at < WITHIN for at in lately) < CHANGES:
        return
    turn.add(AlarmHeld(alarm=one.id, held=Held.CHATTERING, until=turn.now + turn.world.policy.chatter_calm))
    about = turn.state.incidents.get(one.incident or "")
    if about is not None and about.open and all(told.code != "chattering" for told in about.warnings):
        turn.add(Warned(incident=about.id, code="chattering"))
