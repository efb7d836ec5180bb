"""The signals of batches in the spool: said again and again until the database has them (DESIGN decision 5)."""

from collections import deque
from collections.abc import Sequence

LIMIT = 50_000
"""Signals held, some 15 MB. The broker has acknowledged each of them once; further ones are not said again."""


class Repeats:
    """Signals as they are published, with the numbers of their records, in order."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._held: deque[tuple[int, bytes]] = deque()
        self._turn = 0

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, number: int, signals: Sequence[bytes]) -> bool:
        """Those of record `number` are held, False when not all, for they are too many."""
        room = self._limit - len(self._held)
        self._held.extend((number, each) for each in signals[:room])
        return len(signals) <= room

    def forget(self, number: int) -> None:
        """Those of records up to `number` are held no longer."""
        while self._held and self._held[0][0] <= number:
            self._held.popleft()
            self._turn = max(0, self._turn - 1)

    def some(self, most: int) -> list[bytes]:
        """At most `most` of them: each has its turn, the oldest first."""
        if most >= len(self._held):
            self._turn = 0
            return [each for _, each in self._held]
        first = self._turn % len(self._held)
        self._turn = first + most
        return [self._held[(first + step) % len(self._held)][1] for step in range(most)]
