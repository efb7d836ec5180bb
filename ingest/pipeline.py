"""An ingest worker: two lanes from broker to database, in the slot that is its own.

Events have a lane of their own (session, connection to the database, batches): none ever waits behind telemetry.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import prometheus_client
import structlog

from devices.registry import Registry
from ingest import slot, topic
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
        world = World(registry)
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
