"""In which order the broker is told what it may forget: as it was sent (MQTT 5, 4.6), however it was done."""

from collections import deque
from collections.abc import Iterable


class Receipts:
    """Packet ids of one connection."""

    def __init__(self) -> None:
        self._owed: deque[int] = deque()
        self._done: set[int] = set()

    def __len__(self) -> int:
        return len(self._owed)

    def owe(self, packet_id: int) -> None:
        """The broker has sent this after all those before it."""
        self._owed.append(packet_id)

    def done(self, packet_ids: Iterable[int]) -> list[int]:
        """What may be acknowledged now that these are done too, in the order it was sent."""
        self._done.update(packet_ids)
        ready = []
        while self._owed and self._owed[0] in self._done:
            ready.append(self._owed.popleft())
            self._done.remove(ready[-1])
        return ready

    def clear(self) -> None:
        """The connection has ended: its ids mean nothing any more."""
        self._owed.clear()
        self._done.clear()
