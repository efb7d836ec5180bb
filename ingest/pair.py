"""A slot at work: its two lanes, from broker to database.

Events have a lane of their own (session, connection to the database, batches): none ever waits behind telemetry.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from ingest import topic
from ingest.lane import Lane
from ingest.link import Link, Retained, Subscription
from ingest.pending import Limits
from ingest.quarantine import Teller
from ingest.slot import Slot
from ingest.topic import Channel
from ingest.world import World
from ingest.writer import Writer

log = structlog.get_logger()

DRAIN_S = 5.0
"""How long an orderly stop may take to store and acknowledge what was taken, real seconds."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What all pairs of a worker work with."""

    mqtt_url: str
    database_url: str
    prefix: str
    clock: Callable[[], datetime]
    world: World
    teller: Teller


async def run(own: Slot, supply: Supply, stop: asyncio.Event, ready: asyncio.Event | None = None) -> None:
    """The slot's messages are taken until `stop`; then nothing new, what was taken is stored and acknowledged.

    `ready` is set once the broker has all subscriptions. A failure that is no outage of broker or database is raised.
    """
    writers = Writer(supply.database_url), Writer(supply.database_url)
    pair = lanes(supply, links(supply.mqtt_url, supply.prefix, own), writers)
    async with asyncio.TaskGroup() as group:
        for lane in pair:
            group.create_task(lane.link.run())
        remembering = group.create_task(_remember(pair, own, ready))
        flows = [group.create_task(lane.flow()) for lane in pair]
        log.info("slot_taken", slot=own.number)
        await stop.wait()
        for lane in pair:
            lane.link.hold()
        _, unfinished = await asyncio.wait(flows, timeout=DRAIN_S)
        for flow in unfinished:
            flow.cancel()
        for lane in pair:
            await lane.link.close()
        remembering.cancel()
        for writer in writers:
            await writer.close()
    log.info("slot_left", slot=own.number, unfinished=len(unfinished))


def lanes(supply: Supply, sessions: tuple[Link, Link], writers: tuple[Writer, Writer]) -> tuple[Lane, Lane]:
    """The lanes of readings and of events of one slot."""
    telemetry, events = sessions
    world, prefix, clock, teller = supply.world, supply.prefix, supply.clock, supply.teller
    return (
        Lane("telemetry", telemetry, writers[0], events, world, prefix, clock, limits=Limits(), teller=teller),
        Lane("event", events, writers[1], events, world, prefix, clock, limits=Limits(age_s=0), teller=teller),
    )


def links(mqtt_url: str, prefix: str, own: Slot) -> tuple[Link, Link]:
    """The sessions for telemetry with status, and for events with the desk's watch set."""
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


async def _remember(pair: Sequence[Lane], own: Slot, ready: asyncio.Event | None) -> None:
    """The slot knows, once it is so, that the broker has sessions for it; `ready` is set."""
    for lane in pair:
        await lane.link.subscribed.wait()
        own.has_session(lane.name)
    log.info("ingest_ready", slot=own.number)
    if ready is not None:
        ready.set()
