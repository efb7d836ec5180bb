"""A search from many beginnings at once, by whole arrays: short steps, between which other threads have their turn.

scipy's `dijkstra` holds the interpreter for as long as it runs, and so would hold up alarms from any thread.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PIECE = 20_000
"""So many at a time: a sort holds the interpreter too."""


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Edges by where they start: those of node n are `first[n]` up to `first[n + 1]` of `end` and `seconds`."""

    first: NDArray[np.int64]
    end: NDArray[np.int32]
    seconds: NDArray[np.float64]


def ways(count: int, start: NDArray[np.int32], end: NDArray[np.int32], seconds: NDArray[np.float64]) -> Ways:
    """The edges of a graph of `count` nodes, put in order."""
    order = np.argsort(start, kind="stable")
    return Ways(np.searchsorted(start[order], np.arange(count + 1)), end[order], seconds[order])


@dataclass(frozen=True, slots=True, eq=False)
class Soonest:
    """For each of n points: seconds until somebody is there, float64[n], and who, intp[n]; inf and -1 for nobody."""

    seconds: NDArray[np.float64]
    who: NDArray[np.intp]

    def offer(self, at: NDArray[np.intp], seconds: NDArray[np.float64], who: NDArray[np.intp]) -> NDArray[np.intp]:
        """`who` can be at the points `at` (some named twice) in so many seconds; the points where that is sooner."""
        sooner = [
            self._offer(at[begin : begin + PIECE], seconds[begin : begin + PIECE], who[begin : begin + PIECE])
            for begin in range(0, len(at), PIECE)
        ]
        return np.unique(np.concatenate([*sooner, np.zeros(0, np.intp)]))

    def _offer(self, at: NDArray[np.intp], seconds: NDArray[np.float64], who: NDArray[np.intp]) -> NDArray[np.intp]:
        better = np.flatnonzero(seconds < self.seconds[at])
        # of several for one point the last is written: the soonest, and of those the first named
        better = better[np.lexsort((-better, -seconds[better]))]
        self.seconds[at[better]] = seconds[better]
        self.who[at[better]] = who[better]
        return at[better]


def nobody(count: int) -> Soonest:
    """Nobody comes to any of `count` points."""
    return Soonest(np.full(count, np.inf), np.full(count, -1, np.intp))


def spread(graph: Ways, begun: Soonest, limit_s: float) -> None:
    """`begun` holds who is at each node soonest, going on along the ways from what it held as far as `limit_s`."""
    changed = np.flatnonzero(begun.seconds <= limit_s)
    while len(changed):
        counts = graph.first[changed + 1] - graph.first[changed]
        past = np.cumsum(counts)
        edges = np.arange(past[-1]) + np.repeat(graph.first[changed] - past + counts, counts)
        came_from = np.repeat(changed, counts)
        seconds = begun.seconds[came_from] + graph.seconds[edges]
        within = seconds <= limit_s
        changed = begun.offer(graph.end[edges[within]].astype(np.intp), seconds[within], begun.who[came_from[within]])
