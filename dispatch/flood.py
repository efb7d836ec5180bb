"""A flood of alarms begins when more come than people can answer, and ends when they can again (ISA-18.2)."""

from datetime import timedelta

from dispatch.facts.fact import AlarmRaised, Awaited, FloodBegan, FloodEnded
from dispatch.state.state import FLOOD
from dispatch.turn import Turn
from dispatch.views.summary import lately

LOOK = timedelta(seconds=30)
"""How often it is looked whether a flood is over."""


def watch(turn: Turn) -> None:
    """The flood has begun if the alarm this turn raised makes one: more than so many for each command screen."""
    if turn.state.flood is not None or not any(isinstance(one, AlarmRaised) for one in turn.facts):
        return
    alarms, operators = lately(turn.state, turn.now), _operators(turn)
    if alarms > turn.world.policy.flood_above * operators:
        turn.add(FloodBegan(alarms=alarms, operators=operators))
        turn.add(Awaited(kind=FLOOD, subject=FLOOD, at=turn.now + LOOK))


def look(turn: Turn, _subject: str) -> None:
    """The flood is over once fewer alarms come than end one, or is looked at again."""
    if turn.state.flood is None:
        return
    alarms, operators = lately(turn.state, turn.now), _operators(turn)
    if alarms < turn.world.policy.flood_below * operators:
        turn.add(FloodEnded(alarms=alarms, operators=operators))
    else:
        turn.add(Awaited(kind=FLOOD, subject=FLOOD, at=turn.now + LOOK))


def _operators(turn: Turn) -> int:
    return max(1, turn.world.screens("command:main"))
