"""Signals the message did not bring: rows of `signals` not yet marked are decided too (DESIGN decision 5)."""

import asyncio
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
import psycopg
import structlog

from devices import database, signal
from devices.signal import Signal
from dispatch.ledger.drain import NAME
from dispatch.statements import statement

log = structlog.get_logger()

EVERY_S = 1.0
AT_MOST = 1000
"""Rows read at a time."""
TOGETHER = 20_000
"""Signals before the desk together: the most pressing among so many is the first to be decided."""


class Decider(Protocol):
    """What the sweep needs of the desk."""

    def take(self, one: Signal, came_by: str) -> "asyncio.Future[Any] | None":
        """The signal waits to be decided; done once it is decided and durable. None: nothing is to be waited for."""
        ...


async def run(database_url: str, desk: Decider) -> None:
    """Sweeps every second. Runs until cancelled; a lost database is waited for."""
    unreadable: set[str] = set()
    while True:
        try:
            async with await database.connect(database_url, NAME, autocommit=False) as connection:
                await connection.set_autocommit(True)
                while True:
                    await _sweep(connection, desk, unreadable)
                    await asyncio.sleep(EVERY_S)
        except psycopg.OperationalError:
            await asyncio.sleep(EVERY_S)


async def _sweep(connection: psycopg.AsyncConnection, desk: Decider, unreadable: set[str]) -> None:
    """Every row not yet marked is decided once, page by page: what cannot be decided stands in nobody's way."""
    after: tuple[datetime, str] = (_BEGINNING, "")
    waiting: list[asyncio.Future[Any]] = []
    while True:
        cursor = await connection.execute(
            statement("signals_open"), {"received_at": after[0], "id": after[1], "limit": AT_MOST}
        )
        rows = await cursor.fetchall()
        found = [one for id, _, body in rows if (one := _read(id, bytes(body), unreadable)) is not None]
        waiting += [decided for one in found if (decided := desk.take(one, "sweep")) is not None]
        if waiting and (len(rows) < AT_MOST or len(waiting) >= TOGETHER):
            await asyncio.wait(waiting)
            waiting.clear()
        if len(rows) < AT_MOST:
            return
        after = (rows[-1][1], rows[-1][0])


_BEGINNING = datetime(1, 1, 2, tzinfo=UTC)


def _read(id: str, body: bytes, unreadable: set[str]) -> Signal | None:
    """The signal, or None for what is none; that is logged once, and stays for a version that can read it."""
    try:
        return signal.decode(body)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        if id not in unreadable:
            log.error("signal_unreadable", signal=id, error=str(error))  # noqa: TRY400 - the row says all there is
        unreadable.add(id)
        return None
