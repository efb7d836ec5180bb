"""Decoded batches wait here until they are written together: bounded, flushed by size or by age."""

import asyncio
import time
from asyncio import Future
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from ingest import batch
from ingest.batch import Batch
from ingest.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Limits:
    """When to write: at `messages` or `items`, or when the oldest has waited `age_s` real seconds.

    Earlier when there are as many messages as were written last and for `lull_s` real seconds no more came: the broker
    may send no more before these are acknowledged (docs/brokers.md), and waiting for age would be waiting for nothing.

    What waits in all is at most `room` messages or items, and `room_bytes` of payloads; then nothing more is taken from
    the broker.
    """

    messages: int = 5_000
    items: int = 100_000
    age_s: float = 0.1
    lull_s: float = 0.005
    room: int = 500_000
    room_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Load:
    """What is written in one transaction, and the deliveries that are acknowledged by it, in order of arrival.

    `told` are the publications of its signals; `since`, real monotonic seconds, is when the first of it was put here.
    """

    batch: Batch
    deliveries: list[Delivery]
    told: list[Future[None]]
    since: float


@dataclass(frozen=True, slots=True)
class _Part:
    since: float
    deliveries: Sequence[Delivery]
    batch: Batch
    told: Sequence[Future[None]]
    size: int


class Pending:
    """One puts, one takes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: deque[_Part] = deque()
        self._messages = 0
        self._items = 0
        self._bytes = 0
        self._written_last = 0
        self._closed = False
        self._changed = asyncio.Event()
        self._taken = asyncio.Event()

    def __len__(self) -> int:
        return self._messages

    async def put(self, deliveries: Sequence[Delivery], decoded: Batch, told: Sequence[Future[None]] = ()) -> None:
        """The batch waits to be written; returns when there is room for the next one."""
        size = sum(len(delivery.payload) for delivery in deliveries)
        self._waiting.append(_Part(time.monotonic(), deliveries, decoded, told, size))
        self._messages += len(deliveries)
        self._items += len(decoded)
        self._bytes += size
        self._changed.set()
        while self._full():
            self._taken.clear()
            await self._taken.wait()

    def close(self) -> None:
        """Nothing more is put; what waits is taken without delay."""
        self._closed = True
        self._changed.set()

    async def take(self) -> Load | None:
        """The oldest batches as one, once they are many or old enough; None when closed and empty."""
        while not self._due():
            if self._closed:
                return None
            self._changed.clear()
            await self._wait()
        messages = items = 0
        parts: list[_Part] = []
        while self._waiting and (not parts or self._fits(messages, items)):
            parts.append(self._waiting.popleft())
            messages += len(parts[-1].deliveries)
            items += len(parts[-1].batch)
        self._messages -= messages
        self._items -= items
        self._written_last = messages
        self._bytes -= sum(part.size for part in parts)
        self._taken.set()
        return Load(
            batch.joined([part.batch for part in parts]),
            [delivery for part in parts for delivery in part.deliveries],
            [publication for part in parts for publication in part.told],
            parts[0].since,
        )

    def _full(self) -> bool:
        return max(self._messages, self._items) > self._limits.room or self._bytes > self._limits.room_bytes

    def _fits(self, messages: int, items: int) -> bool:
        return messages < self._limits.messages and items < self._limits.items

    def _due(self) -> bool:
        if not self._waiting:
            return False
        return self._closed or not self._fits(self._messages, self._items) or self._left_s() <= 0

    def _left_s(self) -> float:
        until = self._waiting[0].since + self._limits.age_s
        if self._messages == self._written_last:
            until = min(until, self._waiting[-1].since + self._limits.lull_s)
        return until - time.monotonic()

    async def _wait(self) -> None:
        """Until something changed, or what waits is old enough."""
        try:
            async with asyncio.timeout(max(0.0, self._left_s()) if self._waiting else None):
                await self._changed.wait()
        except TimeoutError:
            return
