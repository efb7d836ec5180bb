"""When the desk has to look again: its timers in the order they fall due, found without looking through all of them."""

import heapq
from collections.abc import Mapping
from datetime import datetime

SLACK = 64
"""So many moved or ended timers may lie in the heap beyond as many as there are timers."""


class Agenda:
    """Made from `timers` (key -> when), which stay the truth: each that is set there is noted here; one that was moved
    or ended there is passed over.
    """

    def __init__(self, timers: Mapping[str, datetime]) -> None:
        self._timers = timers
        self._ripe: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, str]] = []
        self.renew()

    def note(self, key: str, at: datetime) -> None:
        """The timer of this key has been set to `at`."""
        heapq.heappush(self._heap, (at, key))
        if len(self._heap) > 2 * len(self._timers) + SLACK:
            self.renew()

    def renew(self) -> None:
        """Only what the timers say is noted."""
        self._ripe.clear()
        self._heap = [(at, key) for key, at in self._timers.items()]
        heapq.heapify(self._heap)

    def due(self, now: datetime) -> list[str]:
        """Keys of the timers whose time has come at `now`, longest overdue first; they stay until moved or ended."""
        while self._heap and self._heap[0][0] <= now:
            at, key = heapq.heappop(self._heap)
            if self._timers.get(key) == at:
                self._ripe[key] = at
        self._ripe = {key: at for key, at in self._ripe.items() if self._timers.get(key) == at}
        return [key for at, key in sorted((at, key) for key, at in self._ripe.items() if at <= now)]

    def following(self) -> datetime | None:
        """When the next timer falls due that `due` has not told yet; None for none."""
        while self._heap and self._timers.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None
