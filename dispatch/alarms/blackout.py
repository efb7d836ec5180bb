"""Whether an alarm is blacked out: works or a test are going on, and its device calls nobody."""

from collections.abc import Iterator

from dispatch.facts.alarm import FIRE_LIKE
from dispatch.state.state import Alarm, Blackout, shade
from dispatch.turn import Turn


def over(turn: Turn, one: Alarm) -> str | None:
    """The blackout that keeps the alarm from calling; None where it calls. An exercise is played all the same."""
    if one.drill is not None or not turn.state.dark:
        return None
    covering = (found for found in _of(turn, one) if found.start <= turn.now < found.until)
    return next((found.id for found in covering if found.fire or one.kind not in FIRE_LIKE), None)


def _of(turn: Turn, one: Alarm) -> Iterator[Blackout]:
    state = turn.state
    device = turn.world.registry.devices.get(one.device)
    gateway = device.gateway if device is not None else one.device
    for key in (shade("device", one.device), shade("gateway", gateway), shade("place", one.place)):
        yield from (state.blackouts[id] for id in state.dark.get(key, ()))
