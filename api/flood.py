"""Alarm rates and floods (ISA-18.2, EEMUA 191) found in the moments at which alarms were raised."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WINDOW_MS = 10 * 60 * 1000
BEGINS_ABOVE = 10
"""More raised alarms than this within 10 minutes, for each operator, are a flood (ISA-18.2, DOMAIN 1.4)."""
ENDS_BELOW = 5
"""It is over when fewer than this, for each operator, were raised in the last 10 minutes (DOMAIN 1.4, unverified)."""

Moments = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Flood:
    """From the alarm that made it one up to when it was over; `alarms` raised in between, the first window's included,
    `peak` the most within 10 minutes. Times in epoch milliseconds.
    """

    start_ms: int
    end_ms: int
    alarms: int
    peak: int


def moments(packed: bytes) -> Moments:
    """Epoch milliseconds from 8-byte big-endian integers, oldest first, shape (n,)."""
    return np.frombuffer(packed, dtype=">i8").astype(np.int64)


def trailing(at_ms: Moments) -> NDArray[np.int64]:
    """For each alarm how many were raised in the 10 minutes that end with it, itself and those after it in the same
    millisecond included, shape (n,).
    """
    after = np.searchsorted(at_ms, at_ms, side="right")
    return after - np.searchsorted(at_ms, at_ms - WINDOW_MS, side="right")


def floods(at_ms: Moments, end_ms: int, operators: int = 1) -> list[Flood]:
    """The floods that began among these alarms, oldest first; one that still lasts at `end_ms` ends there.

    `operators` share the alarms, so that both limits hold for that many times as many.
    """
    counts = trailing(at_ms)
    starts = np.flatnonzero(counts > BEGINS_ABOVE * operators)
    lulls_ms = _lulls(at_ms, ENDS_BELOW * operators)
    found: list[Flood] = []
    place = 0
    while place < len(starts):
        first = int(starts[place])
        over_ms = int(lulls_ms[np.searchsorted(lulls_ms, at_ms[first])])
        begun = int(np.searchsorted(at_ms, at_ms[first] - WINDOW_MS, side="right"))
        after = int(np.searchsorted(at_ms, over_ms))
        peak = int(counts[first:after].max())
        found.append(Flood(int(at_ms[first]), min(over_ms, end_ms), after - begun, peak))
        place = int(np.searchsorted(starts, after))
    return found


def _lulls(at_ms: Moments, fewer_than: int) -> Moments:
    """The moments at which an alarm turns ten minutes old and fewer than so many younger ones are left, shape (m,)."""
    turns_ms = at_ms + WINDOW_MS
    left = np.searchsorted(at_ms, turns_ms, side="right") - np.searchsorted(at_ms, at_ms, side="right")
    return turns_ms[left < fewer_than]


def busiest(at_ms: Moments) -> int:
    """The most alarms raised within any 10 minutes; 0 where there were none."""
    return int(trailing(at_ms).max(initial=0))
