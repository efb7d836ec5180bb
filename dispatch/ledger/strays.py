"""What desks decided that were followed unheard becomes a record of the ledger, written by whoever leads."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import psycopg

from devices import database
from dispatch.facts.fact import Imported
from dispatch.ledger.drain import NAME
from dispatch.statements import statement

EVERY_S = 2.0


class Recorder(Protocol):
    """What this needs of the desk."""

    async def record(self, stray: Imported) -> None:
        """It stands in the ledger."""
        ...


async def run(database_url: str, desk: Recorder, clock: Callable[[], datetime]) -> None:
    """Looks every two seconds. Runs until cancelled; a lost database is waited for."""
    while True:
        try:
            async with await database.connect(database_url, NAME) as connection:
                while True:
                    await _look(connection, desk, clock)
                    await asyncio.sleep(EVERY_S)
        except psycopg.OperationalError:
            await asyncio.sleep(EVERY_S)


async def _look(connection: psycopg.AsyncConnection, desk: Recorder, clock: Callable[[], datetime]) -> None:
    rows = await (await connection.execute(statement("strays_open"))).fetchall()
    for digest, stream, entry, kind, at, body in rows:
        stray = Imported(
            stream=stream, entry=entry, kind=kind, at=at, digest=bytes(digest).hex(), body=bytes(body).decode()
        )
        await desk.record(stray)
    if rows:
        done = {"at": clock(), "digests": [row[0] for row in rows]}
        await connection.execute(statement("stray_done"), done)
