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
    key = timer(kind, subject)
    if at is None:
        state.timers.pop(key, None)
    elif state.timers.get(key) != at:
        state.timers[key] = at
        state.agenda.note(key, at)
