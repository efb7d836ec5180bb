"""Marks the fold keeps beside what it takes in: numbers given out, and when to look again."""

import re
from datetime import datetime

from dispatch.state.state import FLOOD, State, timer

_RATE_S = 600
"""Alarms are counted for so long (ISA-18.2: ten minutes)."""
_NUMBERED = re.compile(r"([A-Z])-(\d+)")


def count(state: State, new: str) -> None:
    """The number of the id `new` is given out."""
    if numbered := _NUMBERED.fullmatch(new):
        letter, number = numbered.groups()
        state.counters[letter] = max(state.counters.get(letter, 0), int(number))


def alarmed(state: State, at: datetime) -> None:
    """An alarm that is no exercise was raised at `at`."""
    span = int(at.timestamp()) // 10 * 10
    state.rate[span] = state.rate.get(span, 0) + 1
    if min(state.rate) <= span - _RATE_S:
        state.rate = {start: count for start, count in state.rate.items() if start > span - _RATE_S}
    flooded(state, at)


def flooded(state: State, at: datetime) -> None:
    """What sums up a flood has changed, if there is one: command is owed it."""
    if state.flood is not None:
        state.untold.setdefault(FLOOD, at)


def wait(state: State, kind: str, subject: str, at: datetime | None) -> None:
    """The one timer of this kind about this subject is due at `at`; without, there is none."""
    key = timer(kind, subject)
    if at is None:
        state.timers.pop(key, None)
    elif state.timers.get(key) != at:
        state.timers[key] = at
        state.agenda.note(key, at)
