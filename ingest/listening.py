"""The time during which everything was heard: the only time in which silence counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Listening:
    """A clock that runs only in `periods`: (since, until) in microseconds after 1970, in order, not overlapping."""

    periods: Sequence[tuple[int, int]]

    def elapsed(self, at_us: ArrayLike) -> NDArray[np.float64]:
        """What the clock shows at each moment of `at_us` (microseconds after 1970), in microseconds."""
        if not self.periods:
            return np.zeros(np.shape(at_us))
        edges = np.array(self.periods, np.int64).reshape(-1)
        lengths = np.diff(edges)
        lengths[1::2] = 0
        shown = np.concatenate([[0], np.cumsum(lengths)])
        origin = edges[0]  # differences are small enough for float64 to be exact
        moments = np.asarray(at_us, np.int64) - origin
        return np.asarray(np.interp(moments, edges - origin, shown), np.float64)

    def silence(self, heard_us: ArrayLike) -> NDArray[np.float64]:
        """For each moment of `heard_us`: how long, in microseconds, was listened in vain since."""
        return self.elapsed(self.until_us) - self.elapsed(heard_us)

    @property
    def until_us(self) -> int:
        """The end of the last period; 0 without one."""
        return self.periods[-1][1] if self.periods else 0

    def heard_on(self, since_us: int, until_us: int) -> "Listening":
        """The same clock after a further period, of which only what lies after the last one counts."""
        since_us = max(since_us, self.until_us)
        if until_us <= since_us:
            return self
        if self.periods and self.periods[-1][1] == since_us:
            return Listening([*self.periods[:-1], (self.periods[-1][0], until_us)])
        return Listening([*self.periods, (since_us, until_us)])
