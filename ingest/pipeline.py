"""An ingest worker: the slot that is its home, and those it has adopted because their workers are gone."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import prometheus_client
import structlog

from devices.registry import Registry
from ingest import pair, slot
from ingest.health import EVERY_S, Health
from ingest.lane import LAG_LIMIT
from ingest.pair import Supply
from ingest.quarantine import Teller
from ingest.spool import SPOOL_BYTES
from ingest.world import World

log = structlog.get_logger()

LOOK_S = 0.5
"""How often a worker looks for slots that were left, and whether one it has adopted is wanted back, real seconds."""

PATIENCE_S = 2.0
"""How long a slot must be nobody's before it is adopted, real seconds: its worker may only be starting again."""

AGAIN_S = 60.0
"""How long a slot that could not be served is left alone, real seconds."""


@dataclass(frozen=True, slots=True)
class Wards:
    """Slots of others: those that are served, and how to have them left; those that cannot be, and until when."""

    served: dict[int, asyncio.Event] = field(default_factory=dict)
    barred: dict[int, float] = field(default_factory=dict)


async def run(
    *,
    mqtt_url: str,
    database_url: str,
    prefix: str,
    data: Path,
    clock: Callable[[], datetime],
    registry: Callable[[], Registry],
    stop: asyncio.Event,
    group: str | None = None,
    spool_bytes: int = SPOOL_BYTES,
    lag_limit: timedelta = LAG_LIMIT,
    health_every_s: float = EVERY_S,
    metrics_port: int | None = None,
    ready: asyncio.Event | None = None,
) -> None:
    """Ingests until `stop` is set, then takes nothing new, stores and acknowledges what it has, and returns.

    `registry` gives the newest snapshot whenever it is called; until it has a gateway nothing is taken, for everything
    would be refused. With `group` telemetry is read through the broker's shared subscription of that name. `ready` is
    set once the broker has all subscriptions of the home slot. Metrics are served on `metrics_port` plus the number of
    that slot. Who is silent is looked at every `health_every_s` real seconds. A failure that is no outage of broker or
    database ends the run with its exception.
    """
    while not registry().gateways and not stop.is_set():
        await _rest(stop, 0.2)
    folder = data / "ingest"
    with slot.settle(folder) as home:
        if metrics_port is not None:
            prometheus_client.start_http_server(metrics_port + home, "127.0.0.1")
        health = Health(mqtt_url, database_url, prefix, clock, registry, every_s=health_every_s)
        supply = Supply(
            mqtt_url,
            database_url,
            prefix,
            clock,
            registry,
            World(registry),
            Teller(prefix),
            health,
            group,
            spool_bytes,
            lag_limit,
        )
        log.info("ingest_started", slot=home)
        async with asyncio.TaskGroup() as tasks:
            judging = tasks.create_task(health.run())
            living = tasks.create_task(_live(folder, home, supply, stop, ready))
            living.add_done_callback(lambda _: judging.cancel())
            tasks.create_task(_adopt(folder, supply, stop))
        log.info("ingest_stopped", slot=home)


async def _live(folder: Path, home: int, supply: Supply, stop: asyncio.Event, ready: asyncio.Event | None) -> None:
    """The home slot is operated until `stop`, as soon as who adopted it meanwhile has handed it over."""
    while not stop.is_set():
        with slot.operate(folder, home) as own:
            if own is not None:
                await pair.run(own, supply, stop, ready)
                return
        await _rest(stop, 0.05)


async def _adopt(folder: Path, supply: Supply, stop: asyncio.Event) -> None:
    """Slots left by their workers are operated until `stop`, or until their homes are taken again."""
    seen: dict[int, float] = {}
    wards = Wards()
    async with asyncio.TaskGroup() as tasks:
        while not stop.is_set():
            now = time.monotonic()
            seen = {number: seen.get(number, now) for number in slot.vacant(folder)}
            for number in [number for number, since in seen.items() if now - since >= PATIENCE_S]:
                if number not in wards.served and wards.barred.get(number, now) <= now:
                    wards.served[number] = asyncio.Event()
                    tasks.create_task(_foster(folder, number, supply, wards))
            for number, leave in wards.served.items():
                if slot.is_home(folder, number):
                    leave.set()
            await _rest(stop, LOOK_S)
        for leave in wards.served.values():
            leave.set()


async def _foster(folder: Path, number: int, supply: Supply, wards: Wards) -> None:
    """The slot is operated until it is to be left, unless another worker was quicker.

    What is wrong with another's slot (a spool of a newer version, say) is no reason for this worker's own to be left.
    """
    try:
        with slot.operate(folder, number) as own:
            if own is not None:
                log.warning("slot_adopted", slot=number)
                await pair.run(own, supply, wards.served[number])
                log.info("slot_handed_over", slot=number)
    except Exception:
        log.exception("slot_not_served", slot=number, again_in_s=AGAIN_S)
        wards.barred[number] = time.monotonic() + AGAIN_S
    finally:
        del wards.served[number]


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
