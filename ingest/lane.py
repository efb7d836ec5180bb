"""A lane: one session, whose messages are taken, decoded, announced, told, stored and acknowledged, in that order."""

import asyncio
import time
from asyncio import Future
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from devices import signal
from devices.signal import Signal
from ingest import metrics, topic
from ingest.batch import Batch
from ingest.delivery import Delivery
from ingest.link import Link
from ingest.pending import Limits, Pending
from ingest.quarantine import Teller
from ingest.rejection import Rejection
from ingest.unpack import unpack
from ingest.value import since_1970
from ingest.world import World
from ingest.writer import Stored

log = structlog.get_logger()

CHUNK = 500
"""Messages decoded at a time: some milliseconds, after which the other lane has its turn."""


class Keeper(Protocol):
    """What makes batches durable."""

    async def keep(self, batch: Batch) -> Stored:
        """Everything in `batch` is durable."""
        ...


class Lane:
    """One session and what becomes of its messages."""

    def __init__(
        self,
        name: str,
        link: Link,
        keeper: Keeper,
        herald: Link,
        world: World,
        prefix: str,
        clock: Callable[[], datetime],
        *,
        limits: Limits,
        teller: Teller,
    ) -> None:
        self.name = name
        self.link = link
        self._keeper = keeper
        self._herald = herald
        self._world = world
        self._prefix = prefix
        self._clock = clock
        self._pending = Pending(limits)
        self._teller = teller
        self._next_us = 0
        metrics.pending_messages.labels(name).set_function(lambda: len(self._pending))
        metrics.sessions_lost.labels(name).set_function(lambda: link.sessions_lost)

    async def flow(self) -> None:
        """Messages become durable and are acknowledged; returns when the link is held and all is done."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._receive())
            group.create_task(self._store())

    async def _receive(self) -> None:
        """Each message: taken, decoded, its signals announced at once, its refusals told, then left to be stored."""
        async for deliveries in self.link.batches(CHUNK):
            messages = self._heed(deliveries)
            received_us = max(self._next_us, since_1970(self._clock()))
            unpacked = unpack(messages, self._prefix, self._world.view(), received_us)
            self._next_us = unpacked.next_us
            self._world.heed(unpacked.batch.signals)
            self._announce(unpacked.batch.signals)
            self._tell(unpacked.batch.rejections)
            self._count(len(messages), unpacked.ignored)
            await self._pending.put(deliveries, unpacked.batch)
            await asyncio.sleep(0)
        self._pending.close()

    async def _store(self) -> None:
        """Each load: committed, then acknowledged."""
        while (load := await self._pending.take()) is not None:
            started = time.monotonic()
            stored = await self._keeper.keep(load.batch)
            self.link.acknowledge(load.deliveries)
            metrics.commit_seconds.labels(self.name).observe(time.monotonic() - started)
            metrics.batch_messages.labels(self.name).observe(len(load.deliveries))
            _count_stored(stored)

    def _heed(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        """The desk's watch sets are heeded; what gateways sent is left."""
        watch = topic.watch(self._prefix)
        messages = []
        for delivery in deliveries:
            if delivery.topic == watch:
                self._world.watch(delivery.payload)
            else:
                messages.append(delivery)
        return messages

    def _announce(self, signals: Sequence[Signal]) -> None:
        """The desk hears of it before the database does; the table is the truth."""
        for each in signals:
            self._herald.publish(topic.signals(self._prefix), signal.encode(each)).add_done_callback(_published)
            metrics.signals.labels(self.name).inc()
            if each.event is not None:
                log.info("device_event", signal=each.id, device=each.device, said=each.event, drill=each.drill)

    def _tell(self, rejections: Sequence[Rejection]) -> None:
        for where, payload in self._teller.messages(rejections, time.monotonic()):
            self._herald.publish(where, payload, qos=0)
        for rejection in rejections:
            metrics.refused.labels(rejection.reason).inc()

    def _count(self, messages: int, ignored: int) -> None:
        metrics.received.labels(self.name).inc(messages)
        metrics.ignored.inc(ignored)


def _published(done: Future[None]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        metrics.signals_unpublished.inc()
        log.warning("signal_not_published", error=str(error))


def _count_stored(stored: Stored) -> None:
    for kind, count in stored.readings.items():
        metrics.readings_stored.labels(kind).inc(count)
    for kind, count in stored.repeats.items():
        metrics.readings_repeated.labels(kind).inc(count)
    metrics.events_stored.inc(stored.events)
