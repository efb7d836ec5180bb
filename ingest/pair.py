"""A slot at work: its two lanes, from broker to database.

Events have a lane of their own (session, connection to the database, batches): none ever waits behind telemetry.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from devices.registry import Registry
from devices.signal import URGENT
from ingest import topic
from ingest.ear import Ear
from ingest.health import Health
from ingest.interest import Retained, Subscription
from ingest.keeper import Keeper
from ingest.lane import LAG_LIMIT, Lane
from ingest.link import Link
from ingest.pending import Limits
from ingest.quarantine import Teller
from ingest.share import Share
from ingest.slot import Slot
from ingest.spool import SPOOL_BYTES, Spool
from ingest.topic import Channel
from ingest.world import World

log = structlog.get_logger()

TELEMETRY, EVENT = "telemetry", "event"
"""The lanes' names."""

GATHER_S = 0.01
"""Readings that come within so long of one another are read together, real seconds: decoded one by one they cost the
worker twice as much, and an alarm that only a value tells waits for no more than this. Events wait for nothing."""

AHEAD = 30_000
"""Events that the broker may send ahead of those that are stored, some 10 MB: among them fires are seen at once."""

DRAIN_S = 5.0
"""How long an orderly stop may take to store and acknowledge what was taken, real seconds."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What all pairs of a worker work with."""

    mqtt_url: str
    database_url: str
    prefix: str
    clock: Callable[[], datetime]
    registry: Callable[[], Registry]
    world: World
    teller: Teller
    health: Health
    group: str | None = None
    spool_bytes: int = SPOOL_BYTES
    lag_limit: timedelta = LAG_LIMIT


async def run(own: Slot, supply: Supply, stop: asyncio.Event, ready: asyncio.Event | None = None) -> None:
    """The slot's messages are taken until `stop`; then nothing new, what was taken is stored and acknowledged.

    `ready` is set once the broker has all subscriptions. A failure that is no outage of broker or database is raised.
    """
    telemetry, events = links(supply.mqtt_url, supply.prefix, own)
    keepers = keepers_of(own, supply, events)
    ears = supply.health.ear(telemetry, own.client_id), supply.health.ear(events, f"{own.client_id}-event")
    pair = lanes(supply, (telemetry, events), keepers, ears)
    share = Share(own.folder.parent, own, telemetry, supply.prefix, supply.registry, supply.group)
    try:
        await share.prepare()
        await _work(own, pair, share, stop, ready, partial(_leave, supply.health, ears))
    finally:
        _leave(supply.health, ears)
        for keeper in keepers:
            await keeper.close()


async def _work(
    own: Slot,
    pair: Sequence[Lane],
    share: Share,
    stop: asyncio.Event,
    ready: asyncio.Event | None,
    leave: Callable[[], None],
) -> None:
    async with asyncio.TaskGroup() as group:
        for lane in pair:
            group.create_task(lane.link.run())
        telling = group.create_task(_remember(pair, own, ready)), group.create_task(share.run())
        flows = [group.create_task(lane.flow()) for lane in pair]
        log.info("slot_taken", slot=own.number)
        await stop.wait()
        leave()
        for lane in pair:
            lane.link.hold()
        _, unfinished = await asyncio.wait(flows, timeout=DRAIN_S)
        for flow in unfinished:
            flow.cancel()
        for lane in pair:
            await lane.link.close()
        for task in telling:
            task.cancel()
    log.info("slot_left", slot=own.number, unfinished=len(unfinished))


def _leave(health: Health, ears: Sequence[Ear]) -> None:
    """Who is silent is no longer judged by what these hear."""
    for ear in ears:
        health.leave(ear)


def lanes(
    supply: Supply, sessions: tuple[Link, Link], keepers: tuple[Keeper, Keeper], ears: tuple[Ear, Ear]
) -> tuple[Lane, Lane]:
    """The lanes of readings and of events of one slot."""

    def lane(number: int, name: str, limits: Limits) -> Lane:
        return Lane(
            name,
            sessions[number],
            keepers[number],
            sessions[1],
            supply.world,
            supply.prefix,
            supply.clock,
            limits=limits,
            teller=supply.teller,
            ear=ears[number],
            lag_limit=supply.lag_limit,
        )

    return lane(0, TELEMETRY, Limits()), lane(1, EVENT, Limits(age_s=0))


def keepers_of(own: Slot, supply: Supply, herald: Link) -> tuple[Keeper, Keeper]:
    """What keeps readings and events of one slot, with the spools in its folder; `herald` says their signals again."""

    def keeper(lane: str) -> Keeper:
        spool = Spool(own.folder / f"{lane}.spool", supply.spool_bytes)
        say = partial(herald.publish, topic.signals(supply.prefix))
        return Keeper(lane, f"slot-{own.number}/{lane}", supply.database_url, spool, say)

    return keeper(TELEMETRY), keeper(EVENT)


def links(mqtt_url: str, prefix: str, own: Slot) -> tuple[Link, Link]:
    """The sessions for telemetry with status, whose filters are the slot's share, and for events with the watch set."""
    events = (
        # a fire retained by mistake while no worker had a session is still a fire; once is enough
        Subscription(topic.filters(prefix, Channel.EVENT), retained=Retained.ONCE),
        Subscription(topic.watch(prefix)),
    )
    return (
        Link(
            mqtt_url,
            own.client_id,
            (),
            receive_max=20_000,
            session_expected=own.had_session("telemetry"),
            gather_s=GATHER_S,
        ),
        Link(
            mqtt_url,
            f"{own.client_id}-event",
            events,
            receive_max=AHEAD,
            session_expected=own.had_session("event"),
            first=sorted(URGENT),
        ),
    )


async def _remember(pair: Sequence[Lane], own: Slot, ready: asyncio.Event | None) -> None:
    """The slot knows, once it is so, that the broker has sessions for it; `ready` is set."""
    for lane in pair:
        await lane.link.subscribed.wait()
        own.has_session(lane.name)
    log.info("ingest_ready", slot=own.number)
    if ready is not None:
        ready.set()
