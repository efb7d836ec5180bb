"""Publications at QoS 1 until the broker has acknowledged them: order, packet ids, window and resending. No wire."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

LARGEST_ID = 65_000
"""Ids above are the link's own, for subscribing."""

Token = TypeVar("Token")


@dataclass(frozen=True, slots=True)
class Item(Generic[Token]):
    """One publication; `token` is what its sender wants back when it is acknowledged."""

    topic: str
    payload: bytes
    token: Token


@dataclass(frozen=True, slots=True)
class Sending(Generic[Token]):
    """An item to be written now, under `packet_id`; `again` when the broker may have it already (MQTT's DUP)."""

    packet_id: int
    item: Item[Token]
    again: bool


class Outbox(Generic[Token]):
    """First in, first out; at most the broker's window is unacknowledged at a time, at most `limit` are kept in all."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: deque[Item[Token]] = deque()
        self._flying: OrderedDict[int, Item[Token]] = OrderedDict()
        self._window = 0
        self._last_id = 0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._flying)

    def add(self, item: Item[Token]) -> bool:
        """True and kept, or False because the outbox is full."""
        if len(self) >= self._limit:
            return False
        self._waiting.append(item)
        return True

    def connected(self, window: int, *, resumed: bool) -> list[Sending[Token]]:
        """What was in flight, to be written again first on a new connection that allows `window` at a time.

        A broker that `resumed` the session may have them; to a new session they are new.
        """
        flying = list(self._flying.items())
        self._window = min(window, LARGEST_ID)
        if resumed:
            return [Sending(packet_id, item, again=True) for packet_id, item in flying]
        self._flying.clear()
        self._waiting.extendleft(item for _, item in reversed(flying))
        return []

    def disconnected(self) -> None:
        """Nothing may be sent until `connected`."""
        self._window = 0

    def ready(self) -> Iterator[Sending[Token]]:
        """What may be written now, in order."""
        while self._waiting and len(self._flying) < self._window:
            item = self._waiting.popleft()
            packet_id = self._free_id()
            self._flying[packet_id] = item
            yield Sending(packet_id, item, again=False)

    def acknowledged(self, packet_id: int) -> Item[Token] | None:
        """The item the broker has taken (or refused) for good; None when it was not in flight."""
        return self._flying.pop(packet_id, None)

    def items(self) -> list[Item[Token]]:
        """What is not acknowledged yet, in order."""
        return [*self._flying.values(), *self._waiting]

    def drop(self) -> list[Item[Token]]:
        """What was never acknowledged, in order; the outbox is empty."""
        items = self.items()
        self._flying.clear()
        self._waiting.clear()
        return items

    def _free_id(self) -> int:
        while True:
            self._last_id = self._last_id % LARGEST_ID + 1
            if self._last_id not in self._flying:
                return self._last_id
