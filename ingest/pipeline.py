"""Ingest from broker to database: two lanes, each taking, decoding, announcing, storing, acknowledging, in that order.

Events have a lane of their own (session, connection to the database, batches): none ever waits behind telemetry.
"""

import asyncio
import time
from asyncio import Future
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

import prometheus_client
import structlog

from devices import signal
from devices.registry import Registry
from devices.signal import Signal
from ingest import metrics, slot, topic
from ingest.batch import Batch
from ingest.delivery import Delivery
from ingest.link import Link, Retained, Subscription
from ingest.pending import Limits, Pending
from ingest.quarantine import Teller
from ingest.rejection import Rejection
from ingest.slot import Slot
from ingest.topic import Channel
from ingest.unpack import unpack
from ingest.value import since_1970
from ingest.world import World
from ingest.writer import Stored, Writer

log = structlog.get_logger()

CHUNK = 500
"""Messages decoded at a time: some milliseconds, after which the other lane has its turn."""

DRAIN_S = 5.0
"""How long an orderly stop may take to store and acknowledge what was taken, real seconds."""


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


async def run(
    *,
    mqtt_url: str,
    database_url: str,
    prefix: str,
    data: Path,
    clock: Callable[[], datetime],
    registry: Callable[[], Registry],
    stop: asyncio.Event,
    metrics_port: int | None = None,
    ready: asyncio.Event | None = None,
) -> None:
    """Ingests until `stop` is set, then takes nothing new, stores and acknowledges what it has, and returns.

    `registry` gives the newest snapshot whenever it is called; until it has a gateway nothing is taken, for everything
    would be refused. `ready` is set once the broker has all subscriptions. A failure that is no outage of broker or
    database ends the run with its exception.
    """
    if metrics_port is not None:
        prometheus_client.start_http_server(metrics_port, "127.0.0.1")
    while not registry().gateways and not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 0.2)
    with slot.hold(data / "ingest") as own:
        world, teller = World(registry), Teller(prefix)
        writers = Writer(database_url), Writer(database_url)
        telemetry, events = links(mqtt_url, prefix, own)
        teller = Teller(prefix)
        lanes = (
            Lane("telemetry", telemetry, writers[0], events, world, prefix, clock, limits=Limits(), teller=teller),
            Lane("event", events, writers[1], events, world, prefix, clock, limits=Limits(age_s=0), teller=teller),
        )
        async with asyncio.TaskGroup() as group:
            for lane in lanes:
                group.create_task(lane.link.run())
            remembering = group.create_task(_remember(lanes, own, ready))
            flows = [group.create_task(lane.flow()) for lane in lanes]
            log.info("ingest_started", slot=own.number)
            await stop.wait()
            for lane in lanes:
                lane.link.hold()
            _, unfinished = await asyncio.wait(flows, timeout=DRAIN_S)
            for flow in unfinished:
                flow.cancel()
            for lane in lanes:
                await lane.link.close()
            remembering.cancel()
            for writer in writers:
                await writer.close()
        log.info("ingest_stopped", slot=own.number, unfinished=len(unfinished))


def links(mqtt_url: str, prefix: str, own: Slot) -> tuple[Link, Link]:
    """The sessions for telemetry with status, and for events with the desk's watch set.

    Telemetry is the first slot's: another worker stands by for events only.
    """
    # retained readings are old; a plain subscription, for the broker forgets a shared one when it starts anew, and then
    # acknowledges what nobody gets (docs/decisions/0014-telemetry-has-one-reader.md)
    telemetry = (
        Subscription(topic.filters(prefix, Channel.TELEMETRY), retained=Retained.NEVER),
        Subscription(topic.filters(prefix, Channel.STATUS)),
    )
    events = (
        # a fire retained by mistake while no worker had a session is still a fire; once is enough
        Subscription(topic.filters(prefix, Channel.EVENT), retained=Retained.ONCE),
        Subscription(topic.watch(prefix)),
    )
    return (
        Link(
            mqtt_url,
            own.client_id,
            telemetry if own.number == 0 else (),
            receive_max=20_000,
            session_expected=own.had_session("telemetry"),
        ),
        Link(mqtt_url, f"{own.client_id}-event", events, session_expected=own.had_session("event")),
    )


async def _remember(lanes: Sequence[Lane], own: Slot, ready: asyncio.Event | None) -> None:
    """The slot knows, once it is so, that the broker has sessions for it; `ready` is set."""
    for lane in lanes:
        await lane.link.subscribed.wait()
        own.has_session(lane.name)
    log.info("ingest_ready", slot=own.number)
    if ready is not None:
        ready.set()
