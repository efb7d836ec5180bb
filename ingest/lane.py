"""A lane: one session, whose messages are taken, decoded, announced, told, stored and acknowledged, in that order."""

import asyncio
import time
from asyncio import Future
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from devices import signal
from devices.signal import Signal
from ingest import lag, metrics, topic
from ingest.batch import Batch
from ingest.delivery import Delivery
from ingest.ear import Ear
from ingest.lag import Behind
from ingest.link import Link
from ingest.pending import Limits, Pending
from ingest.quarantine import Teller
from ingest.rejection import Rejection
from ingest.unpack import unpack
from ingest.value import since_1970
from ingest.world import World

log = structlog.get_logger()

CHUNK = 500
"""Messages decoded at a time: some milliseconds, after which the other lane has its turn."""


LAG_LIMIT = timedelta(seconds=10)
"""From here on a lag is worth a warning, in time of the system's clock, unless the settings say otherwise."""


class Keeper(Protocol):
    """What makes batches durable."""

    async def open(self) -> None:
        """It is ready to keep."""
        ...

    async def keep(self, batch: Batch, told: Sequence[Future[None]]) -> None:
        """Everything in `batch` is durable; `told` are the publications of its signals."""
        ...

    async def tend(self) -> None:
        """What it has to do beside keeping, until cancelled."""
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
        ear: Ear,
        lag_limit: timedelta = LAG_LIMIT,
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
        self._ear = ear
        self._behind = Behind(lag_limit)
        self._next_us = 0

    @property
    def waiting(self) -> int:
        """Messages decoded and not yet durable."""
        return len(self._pending)

    @property
    def sessions_lost(self) -> int:
        """How often the broker had forgotten the session."""
        return self.link.sessions_lost

    async def flow(self) -> None:
        """Messages become durable and are acknowledged; returns when the link is held and all is done."""
        await self._keeper.open()
        with metrics.shown(self):
            await self._flow()

    async def _flow(self) -> None:
        async with asyncio.TaskGroup() as group:
            tending = group.create_task(self._keeper.tend())
            group.create_task(self._receive())
            await group.create_task(self._store())
            tending.cancel()

    async def _receive(self) -> None:
        """Each message: taken, decoded, its signals announced at once, its refusals told, then left to be stored."""
        async for deliveries in self.link.batches(CHUNK):
            messages = self._heed(deliveries)
            received_us = max(self._next_us, since_1970(self._clock()))
            view = self._world.view()
            unpacked = unpack(messages, self._prefix, view, received_us)
            self._next_us = unpacked.next_us
            self._ear.hear(deliveries, unpacked.batch, view.catalog.registry)
            self._world.heed(unpacked.batch.signals)
            told = self._announce(unpacked.batch.signals)
            self._tell(unpacked.batch.rejections)
            self._count(len(messages), unpacked.ignored)
            await self._pending.put(deliveries, unpacked.batch, told)
            await asyncio.sleep(0)
        self._pending.close()

    async def _store(self) -> None:
        """Each load: made durable, then acknowledged."""
        while (load := await self._pending.take()) is not None:
            await self._keeper.keep(load.batch, load.told)
            self.link.acknowledge(load.deliveries)
            metrics.batch_messages.labels(self.name).observe(len(load.deliveries))
            metrics.batch_seconds.labels(self.name).observe(time.monotonic() - load.since)
            self._note_lag(load.batch)

    def _note_lag(self, batch: Batch) -> None:
        now_us = since_1970(self._clock())
        if (found := lag.of(batch, now_us)) is None:
            return
        metrics.receipt_lag.labels(self.name).set(found.receipt_s)
        metrics.device_lag.labels(self.name).set(found.device_s)
        match self._behind.note(found, now_us):
            case True:
                log.warning("ingest_lag", lane=self.name, receipt_s=found.receipt_s, device_s=found.device_s)
            case False:
                log.info("ingest_lag_over", lane=self.name)

    def _heed(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        """The desk's watch sets are heeded, the session's own pulses left to its ear; what gateways sent is left."""
        watch = topic.watch(self._prefix)
        messages = []
        for delivery in deliveries:
            if delivery.topic == watch:
                self._world.watch(delivery.payload)
            elif delivery.topic != self._ear.topic:
                messages.append(delivery)
        return messages

    def _announce(self, signals: Sequence[Signal]) -> list[Future[None]]:
        """The desk hears of it before the database does; the table is the truth. The publications."""
        told = self._herald.publish_all(topic.signals(self._prefix), map(signal.encode, signals))
        for each, publication in zip(signals, told, strict=True):
            publication.add_done_callback(_published)
            if each.event is not None:
                log.info("device_event", signal=each.id, device=each.device, said=each.event, drill=each.drill)
        if signals:
            metrics.signals.labels(self.name).inc(len(signals))
        return told

    def _tell(self, rejections: Sequence[Rejection]) -> None:
        for where, payload in self._teller.messages(rejections, time.monotonic()):
            self._herald.publish(where, payload, qos=0)
        for rejection in rejections:
            metrics.refused.labels(rejection.reason).inc(rejection.count)

    def _count(self, messages: int, ignored: int) -> None:
        metrics.received.labels(self.name).inc(messages)
        metrics.ignored.inc(ignored)


def _published(done: Future[None]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        metrics.signals_unpublished.inc()
        log.warning("signal_not_published", error=str(error))
