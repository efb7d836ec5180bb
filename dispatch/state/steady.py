"""Ledger time: the clock's, but never earlier than it was (DESIGN decision 10)."""

from collections.abc import Callable
from datetime import datetime, timedelta

CAUGHT_UP = 0.1
"""Of the time that passes, the share by which time that is ahead of the clock comes back to it."""


class Steady:
    """The time of `clock`; where the clock is set back, time goes on from where it was and lets the clock catch up.

    So deadlines still come to pass within a tenth of their length, however far back the clock was set.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._read = clock()
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """Now; never earlier than any time given before, nor than `not_before`."""
        reading = self._clock()
        passed = reading - self._read
        if passed < timedelta():
            self._ahead -= passed
        else:
            self._ahead = max(timedelta(), self._ahead - CAUGHT_UP * passed)
        self._read = reading
        return reading + self._ahead

    def not_before(self, at: datetime) -> None:
        """From now on time is `at` or later."""
        self._ahead += max(timedelta(), at - self())
