"""Signals the message did not bring: rows of `signals` not yet marked are decided too (DESIGN decision 5)."""

import asyncio
from typing import Protocol

import msgspec
import psycopg
import structlog

from devices import signal
from devices.signal import Signal
from dispatch.drain import connect
from dispatch.statements import statement

log = structlog.get_logger()

EVERY_S = 1.0
AT_MOST = 1000


class Decider(Protocol):
    """What the sweep needs of the desk."""

    async def signal(self, one: Signal, came_by: str) -> None:
        """The signal is decided and durable."""
        ...


async def run(database_url: str, desk: Decider) -> None:
    """Sweeps every second, at once again while there is more. Runs until cancelled; a lost database is waited for."""
    while True:
        try:
            async with await connect(database_url) as connection:
                await connection.set_autocommit(True)
                while True:
                    if await _sweep(connection, desk) < AT_MOST:
                        await asyncio.sleep(EVERY_S)
        except psycopg.OperationalError:
            await asyncio.sleep(EVERY_S)


async def _sweep(connection: psycopg.AsyncConnection, desk: Decider) -> int:
    cursor = await connection.execute(statement("signals_open"), {"limit": AT_MOST})
    rows = await cursor.fetchall()
    found: list[Signal] = []
    for id, body in rows:
        try:
            found.append(signal.decode(bytes(body)))
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            log.error("signal_unreadable", signal=id, error=str(error))  # noqa: TRY400 - the row says all there is
    await asyncio.gather(*(desk.signal(one, "sweep") for one in found))
    return len(rows)
