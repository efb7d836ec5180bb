"""Ordinary life in the registered district."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import psycopg

from devices import broker_address, store
from devices.broker_address import BrokerAddress
from devices.registry import Registry
from runtime import located, passwords
from runtime.registrar import Registrar
from runtime.settings import Settings
from runtime.trouble import Trouble
from simulators import life

LOOK_S = 1.0
STOP_S = 5.0


async def play(
    settings: Settings,
    clock: Callable[[], datetime],
    *,
    devices: int | None,
    rate: float | None,
    seed: int,
) -> None:
    """Ordinary life in the registered district until cancelled; begun anew when another is imported.

    Raises Trouble when no devices are registered.
    """
    registrar = Registrar(settings.data, located.database_url(settings))
    await registrar.start()
    if not registrar.current().devices:
        raise Trouble("no devices are registered: import a district pack, or start `firegrid up --demo`")
    broker = broker_of(settings)
    async with asyncio.TaskGroup() as group:
        group.create_task(registrar.run())
        while True:
            registry, stop = registrar.current(), asyncio.Event()
            playing = life.run(
                host=broker.host,
                port=broker.port,
                tls=broker.tls(),
                prefix=settings.mqtt_prefix,
                registry=registry,
                passwords=await asyncio.to_thread(_passwords, settings, clock()),
                devices=devices,
                rate=rate,
                seed=seed,
                clock=clock,
                stop=stop,
                zone=settings.timezone,
            )
            task = asyncio.create_task(playing)
            try:
                while registrar.current().version == registry.version and not task.done():  # noqa: ASYNC110 - seldom
                    await asyncio.sleep(LOOK_S)
            finally:
                stop.set()
                async with asyncio.timeout(STOP_S):
                    await task


def _passwords(settings: Settings, now: datetime) -> dict[str, str]:
    with psycopg.connect(located.database_url(settings)) as connection:
        return passwords.make_missing(connection, settings.data, now)


def district_and_passwords(settings: Settings, now: datetime) -> tuple[Registry, dict[str, str]]:
    """The registry, and gateway -> password as `make_passwords` gives them."""
    with psycopg.connect(located.database_url(settings)) as connection:
        return store.read(connection), passwords.make_missing(connection, settings.data, now)


def broker_of(settings: Settings) -> BrokerAddress:
    """The broker's address; who logs in there is up to the caller."""
    return broker_address.parse(settings.mqtt_url or "mqtt://127.0.0.1")
