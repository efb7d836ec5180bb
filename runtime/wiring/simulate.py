"""Ordinary life in the registered district."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import psycopg

from devices import store
from devices.registry import Registry
from runtime import located, passwords
from runtime.settings import Settings
from runtime.trouble import Trouble
from simulators import life

STOP_S = 5.0


async def play(
    settings: Settings,
    clock: Callable[[], datetime],
    *,
    devices: int | None,
    rate: float | None,
    seed: int,
) -> None:
    """Ordinary life in the registered district until cancelled."""
    registry, passwords = district_and_passwords(settings, clock())
    if not registry.devices:
        raise Trouble("no devices are registered: import a district pack, or start `firegrid up --demo`")
    host, port = broker_of(settings)
    stop = asyncio.Event()
    playing = life.run(
        host=host,
        port=port,
        prefix=settings.mqtt_prefix,
        registry=registry,
        passwords=passwords,
        devices=devices,
        rate=rate,
        seed=seed,
        clock=clock,
        stop=stop,
        zone=settings.timezone,
    )
    await _until_cancelled(asyncio.create_task(playing), stop)


async def _until_cancelled(playing: "asyncio.Task[object]", stop: asyncio.Event) -> None:
    try:
        await asyncio.shield(playing)
    except asyncio.CancelledError:
        stop.set()
        async with asyncio.timeout(STOP_S):
            await playing


def district_and_passwords(settings: Settings, now: datetime) -> tuple[Registry, dict[str, str]]:
    """The registry, and gateway -> password as `make_passwords` gives them."""
    with psycopg.connect(located.database_url(settings)) as connection:
        return store.read(connection), passwords.make_missing(connection, settings.data, now)


def broker_of(settings: Settings) -> tuple[str, int]:
    """Host and port of the broker."""
    parts = urlsplit(settings.mqtt_url or "")
    return parts.hostname or "127.0.0.1", parts.port or 1883
