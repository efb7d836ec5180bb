"""Chance that can be played again: the same seed and topic always fall the same way."""

import zlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Dice:
    """A stream of random numbers of its own for each topic, so that one topic's draws never shift another's."""

    def __init__(self, seed: int, topic: str) -> None:
        self._rng = np.random.default_rng([seed, zlib.crc32(topic.encode())])

    def between(self, low: float, high: float) -> float:
        """A number from `low` to `high`, all equally likely."""
        return float(self._rng.uniform(low, high))

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return int(self._rng.integers(low, high + 1))

    def normal(self, mean: float, deviation: float) -> float:
        """A number of the bell curve."""
        return float(self._rng.normal(mean, deviation))

    def chance(self, probability: float) -> bool:
        """True with `probability` (0..1)."""
        return float(self._rng.random()) < probability

    def pick(self, items: Sequence[T]) -> T:
        """One of `items`.

        Raises ValueError when there is none.
        """
        return items[int(self._rng.integers(len(items)))]

    def weighted(self, items: Sequence[T], weights: Sequence[float]) -> T:
        """One of `items`, each as likely as its weight says."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        return items[int(np.searchsorted(edges, float(self._rng.random()) * edges[-1], side="right"))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """All of `items` in some order."""
        return [items[int(index)] for index in self._rng.permutation(len(items))]
