"""Marks the fold keeps beside what it takes in: numbers given out, and when to look again."""

import re
from datetime import datetime

from dispatch.state import State, timer

_NUMBERED = re.compile(r"([A-Z])-(\d+)")


def count(state: State, new: str) -> None:
    """The number of the id `new` is given out."""
    if numbered := _NUMBERED.fullmatch(new):
        letter, number = numbered.groups()
        state.counters[letter] = max(state.counters.get(letter, 0), int(number))


def wait(state: State, kind: str, subject: str, at: datetime | None) -> None:
    """The one timer of this kind about this subject is due at `at`; without, there is none."""
    if at is None:
        state.timers.pop(timer(kind, subject), None)
    else:
        state.timers[timer(kind, subject)] = at
