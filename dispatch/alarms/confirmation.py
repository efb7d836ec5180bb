"""Two detectors that agree: whether a fire by its level has been seconded, and which ones wait for that (EN 54-2 7.12
type A to C, from memory).
"""

from collections.abc import Iterator
from datetime import timedelta

from devices.rule import FLOOR, ROOM, Rule
from dispatch.facts.alarm import AlarmKind, AlarmState, Held
from dispatch.state.state import Alarm, hint
from dispatch.turn import Turn

BURNS = (AlarmKind.FIRE, AlarmKind.MANUAL, AlarmKind.PREALARM)
"""Kinds that second a fire."""


def seconded(turn: Turn, rule: Rule, device: str, place: str, drill: str | None) -> bool:
    """True when another device near enough says that it may burn, or said so lately enough."""
    since = turn.now - timedelta(seconds=rule.confirm_within_s)
    return any(
        other != device and (at >= since or _burns(turn, other, drill)) and _near(turn, rule, device, other)
        for other, at in turn.state.hints.get(hint(place, drill), {}).items()
    )


def waiting(turn: Turn, one: Alarm) -> Iterator[Alarm]:
    """The pending fires that `one`, which has just come on, seconds."""
    if one.kind not in BURNS:
        return
    for other in list(turn.state.hints.get(hint(one.place, one.drill), {})):
        found = turn.state.alarm_of(other, AlarmKind.FIRE, one.drill)
        if found is None or other == one.device or found.state is not AlarmState.PENDING or found.held is Held.RISE:
            continue
        rule = turn.world.rule(other, AlarmKind.FIRE)
        if rule.confirm is not None and _near(turn, rule, other, one.device):
            yield found


def _burns(turn: Turn, device: str, drill: str | None) -> bool:
    """True while it has an alarm that seconds a fire: a latched one may have been restored long ago, and counts not."""
    found = (turn.state.alarm_of(device, kind, drill) for kind in BURNS)
    return any(one is not None and one.state is not AlarmState.RESTORED and one.held is not Held.RISE for one in found)


def _near(turn: Turn, rule: Rule, one: str, other: str) -> bool:
    """True on the same floor (in the same room) where both are known; else all of the place is near."""
    here, there = (turn.world.registry.devices.get(device) for device in (one, other))
    if here is None or there is None or here.floor is None or there.floor is None or rule.confirm not in (ROOM, FLOOR):
        return True
    if here.floor != there.floor:
        return False
    return rule.confirm == FLOOR or here.room is None or there.room is None or here.room == there.room
