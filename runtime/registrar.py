"""The registry as this process holds it: from the database when it answers, else from the data folder."""

import asyncio
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import structlog

from devices import database, store
from devices.registry import Registry
from runtime import rubbish
from runtime.statements import statement

log = structlog.get_logger()

LOOK_S = 1.0

Follower = Callable[[Registry, bytes | None], None]
"""Called in a thread with a new registry and its street network (the bytes of `devices.streets`)."""


class Registrar:
    """Holds the current registry, replaced whole; a `follower` has taken its streets in before it counts."""

    def __init__(self, data: Path, database_url: str, follower: Follower | None = None) -> None:
        self._snapshot = data / "registry.snapshot"
        self._streets = data / "streets.npz"
        self._url = database_url
        self._follower = follower
        self._known = -1
        self._network: bytes | None = None
        self.registry = Registry()

    def current(self) -> Registry:
        """The registry now."""
        return self.registry

    async def start(self) -> None:
        """What the database or, while it is away, the data folder says is held."""
        kept = store.load_snapshot(self._snapshot)
        if kept is not None:
            await self._hold(kept, self._kept_streets())
        try:
            async with await database.connect(self._url, "firegrid-registry") as connection:
                await self._look(connection)
        except psycopg.OperationalError as error:
            log.warning("registry_from_snapshot", version=self.registry.version, error=str(error).strip())
        rubbish.settle()

    async def run(self) -> None:
        """Looks every second whether the registry has changed. Runs until cancelled."""
        while True:
            try:
                async with await database.connect(self._url, "firegrid-registry") as connection:
                    while True:
                        await self._look(connection)
                        await asyncio.sleep(LOOK_S)
            except psycopg.OperationalError:
                await asyncio.sleep(LOOK_S)

    async def _look(self, connection: psycopg.AsyncConnection) -> None:
        if await store.version(connection) == self._known:
            return
        fresh = await store.load(connection)
        network = None
        if self._follower is not None:
            row = await (await connection.execute(statement("street_network"))).fetchone()
            network = bytes(row[0]) if row is not None else None
            await asyncio.to_thread(_write, self._streets, network)
        if (fresh, _digest(network)) != (self.registry, self._network):
            await asyncio.to_thread(store.save_snapshot, self._snapshot, fresh)
            await self._hold(fresh, network)
        self._known = fresh.version
        log.info("registry_loaded", version=fresh.version, devices=len(fresh.devices), stations=len(fresh.stations))

    async def _hold(self, fresh: Registry, network: bytes | None) -> None:
        if self._follower is not None:
            await asyncio.to_thread(self._follower, fresh, network)
        self.registry, self._network = fresh, _digest(network)
        rubbish.keep()

    def _kept_streets(self) -> bytes | None:
        return self._streets.read_bytes() if self._follower is not None and self._streets.exists() else None


def _digest(network: bytes | None) -> bytes | None:
    return None if network is None else hashlib.sha256(network).digest()


def _write(path: Path, data: bytes | None) -> None:
    if data is None:
        path.unlink(missing_ok=True)
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(data)
    draft.replace(path)
