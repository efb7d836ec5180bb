"""Deliveries that wait to be taken: fires go first, everything else in the order it came."""

import re
from collections import deque
from collections.abc import Iterable, Iterator

from ingest.delivery import Delivery

_DEVICE = re.compile(rb'"device"\s*:\s*"([^"]*)"')
LOOKED_AT = 1024
"""Bytes; a longer message keeps its place: to look through many of those would itself keep fires waiting."""


class _Place:
    """One delivery in the queue. `line`: its topic and the only device it speaks of; None where that is not plain."""

    __slots__ = ("delivery", "line", "taken")

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        device = _device(delivery.payload)
        self.line = (delivery.topic, device) if device is not None else None
        self.taken = False


class Precedence:
    """A queue in which a message of one device that holds one of `words`, in quotation marks, overtakes what other
    devices say: those of fires.

    What a device says stays in its order, so its fire brings along what it said before. Nothing of a topic overtakes a
    message that names several devices, or none that can be seen without decoding it.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(f'"{word}"'.encode() for word in words)
        self._all: deque[_Place] = deque()
        self._first: deque[Delivery] = deque()
        self._lines: dict[tuple[str, bytes], deque[_Place]] = {}
        self._unclear: dict[str, int] = {}
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def __iter__(self) -> Iterator[Delivery]:
        """As they would be taken."""
        yield from self._first
        yield from (place.delivery for place in self._all if not place.taken)

    def patient(self) -> bool:
        """True while something waits and nothing of it has overtaken."""
        return bool(self._waiting) and not self._first

    def append(self, delivery: Delivery) -> None:
        """It waits; a fire before all that is none."""
        place = _Place(delivery)
        self._waiting += 1
        if place.line is None:
            self._unclear[delivery.topic] = self._unclear.get(delivery.topic, 0) + 1
            self._all.append(place)
            return
        before = self._lines.get(place.line)
        if delivery.topic not in self._unclear and any(word in delivery.payload for word in self._words):
            for each in before or ():
                each.taken = True
                self._first.append(each.delivery)
            self._lines.pop(place.line, None)
            self._first.append(delivery)
            return
        if before is None:
            before = self._lines[place.line] = deque()
        before.append(place)
        self._all.append(place)

    def popleft(self) -> Delivery:
        """The next one. Raises IndexError when none waits."""
        if self._first:
            self._waiting -= 1
            return self._first.popleft()
        while (place := self._all.popleft()).taken:
            pass
        self._waiting -= 1
        self._forget(place)
        return place.delivery

    def clear(self) -> None:
        """None waits any more."""
        self._all.clear()
        self._first.clear()
        self._lines.clear()
        self._unclear.clear()
        self._waiting = 0

    def _forget(self, place: _Place) -> None:
        topic = place.delivery.topic
        if place.line is None:
            self._unclear[topic] -= 1
            if not self._unclear[topic]:
                del self._unclear[topic]
            return
        line = self._lines[place.line]
        line.popleft()
        if not line:
            del self._lines[place.line]


def _device(payload: bytes) -> bytes | None:
    if len(payload) > LOOKED_AT or b"\\" in payload:
        return None
    found = set(_DEVICE.findall(payload))
    return found.pop() if len(found) == 1 else None
