"""What a session wants to hear, and how far the broker has it: asked for in as many packets as that takes. No wire."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ingest.outbox import LARGEST_ID

REFUSED = 0x80
"""Reason codes from here on say no (MQTT 5, 2.4)."""

FILTERS, BYTES = 200, 8192
"""At most so much in one packet: brokers limit both, and serve nobody else while they work one off."""

FLYING = 16
"""Packets that are not answered yet."""

_LAST_ID = 65_535


class Retained(StrEnum):
    """When the copies a broker keeps are wanted: at every connection, only with a new subscription, or never."""

    ALWAYS = "always"
    ONCE = "once"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic filter, the highest quality of service it is to be served at, and when kept copies are wanted."""

    filter: str
    qos: int = 1
    retained: Retained = Retained.ALWAYS


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be asked under `packet_id`: to subscribe to some, or to unsubscribe from some; never both."""

    packet_id: int
    subscribe: tuple[Subscription, ...] = ()
    unsubscribe: tuple[str, ...] = ()


class Interest:
    """The filters a session wants, those the broker has confirmed, and those it is still to forget."""

    def __init__(self, subscriptions: Iterable[Subscription]) -> None:
        self._wanted = {each.filter: each for each in subscriptions}
        self._unwanted: set[str] = set()
        self._held: set[str] = set()
        self._unasked: dict[str, bool] = {}
        self._flying: dict[int, Request] = {}
        self._bytes = 0
        self._last_id = LARGEST_ID

    def want(self, subscriptions: Iterable[Subscription]) -> None:
        """These are asked for too."""
        for each in subscriptions:
            if self._wanted.get(each.filter) != each:
                self._wanted[each.filter] = each
                self._unwanted.discard(each.filter)
                self._ask(each.filter, subscribe=True)

    def drop(self, filters: Iterable[str]) -> None:
        """The broker is told to forget these, whether it was asked for them by this process or an earlier one."""
        for each in filters:
            self._wanted.pop(each, None)
            self._unwanted.add(each)
            self._ask(each, subscribe=False)

    def holds(self, pattern: str) -> bool:
        """True when the broker has confirmed this filter, and it was not dropped since."""
        return pattern in self._held and pattern in self._wanted

    def filters(self) -> list[str]:
        """What is wanted, whether the broker has been asked for it or not."""
        return list(self._wanted)

    def settled(self) -> bool:
        """True when the broker has answered everything on this connection."""
        return self._bytes > 0 and not self._unasked and not self._flying

    def connected(self, largest_packet: int | None, *, resumed: bool) -> None:
        """All is asked again, for a broker gives its kept copies only then; it may have forgotten the session, too."""
        self._bytes = min(BYTES, largest_packet or BYTES)
        if not resumed:
            self._held.clear()
            self._unwanted.clear()
        self._flying.clear()
        self._unasked = dict.fromkeys(self._unwanted, False) | dict.fromkeys(self._wanted, True)

    def disconnected(self) -> None:
        """Nothing can be asked until `connected`."""
        self._bytes = 0
        self._unasked.clear()
        self._flying.clear()

    def ready(self) -> Iterator[Request]:
        """What is to be asked now, in order."""
        while self._unasked and len(self._flying) < FLYING:
            request = self._next()
            self._flying[request.packet_id] = request
            yield request

    def answered(self, packet_id: int, codes: Sequence[int]) -> list[tuple[str, int]]:
        """The broker's word is heeded; the filters it refused, with its codes."""
        request = self._flying.pop(packet_id, Request(packet_id))
        refused: list[tuple[str, int]] = []
        for each, code in zip(request.subscribe, codes, strict=False):
            if code < REFUSED:
                self._held.add(each.filter)
            else:
                refused.append((each.filter, code))
        for pattern, code in zip(request.unsubscribe, codes, strict=False):
            if code < REFUSED:
                self._held.discard(pattern)
                self._unwanted.discard(pattern)
            else:
                refused.append((pattern, code))
        return refused

    def _ask(self, pattern: str, *, subscribe: bool) -> None:
        if self._bytes:
            self._unasked.pop(pattern, None)
            self._unasked[pattern] = subscribe

    def _next(self) -> Request:
        """As many of the same kind, from the first on, as one packet may have."""
        kind = next(iter(self._unasked.values()))
        room, chosen = self._bytes - 8, list[str]()  # fixed header, packet id, length of the properties
        for pattern, subscribe in self._unasked.items():
            room -= len(pattern.encode()) + 3
            if subscribe is not kind or len(chosen) == FILTERS or (chosen and room < 0):
                break
            chosen.append(pattern)
        for pattern in chosen:
            del self._unasked[pattern]
        if kind:
            return Request(self._free_id(), subscribe=tuple(self._wanted[pattern] for pattern in chosen))
        return Request(self._free_id(), unsubscribe=tuple(chosen))

    def _free_id(self) -> int:
        """Ids above the outbox's; more of them than may fly."""
        while True:
            self._last_id = LARGEST_ID + 1 if self._last_id == _LAST_ID else self._last_id + 1
            if self._last_id not in self._flying:
                return self._last_id
