"""Quarantine never fills the disk: what is past its time goes, and beyond a number of bytes the oldest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
import structlog

from ingest import metrics
from ingest.statements import statement

log = structlog.get_logger()

AT_A_TIME = 5_000
"""Rows looked at in one statement: some tens of milliseconds."""

EVERY = timedelta(seconds=10)
"""Between two looks, in time of the system's clock."""


@dataclass(frozen=True, slots=True)
class Room:
    """How long refused items are kept, and how many bytes they may take in all."""

    age: timedelta = timedelta(days=30)
    bytes: int = 1024**3


class Clearing:
    """What is over the limits of `room` is gone, a few rows at a time."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._next: datetime | None = None

    async def step(self, connection: psycopg.AsyncConnection, now: datetime) -> bool:
        """Some of what is over the limits is gone, on `connection` in autocommit. True when there may be more."""
        if self._next is not None and self._next - EVERY <= now < self._next:
            return False
        before = now - self._room.age
        taken = await _number(connection, "quarantine_bytes")
        cursor = await connection.execute(
            statement("clear_quarantine"),
            {"many": AT_A_TIME, "before": before, "surplus": max(0, taken - self._room.bytes)},
        )
        rows, freed = (await cursor.fetchone()) or (0, 0)
        metrics.quarantine_bytes.set(taken - freed)
        if rows:
            log.info("quarantine_cleared", items=rows, bytes=freed, left=taken - freed)
        if rows == AT_A_TIME or taken - freed > self._room.bytes:
            return bool(rows)
        await connection.execute(statement("clear_counts"), {"before": before.date()})
        self._next = now + EVERY
        return False


async def _number(connection: psycopg.AsyncConnection, name: str) -> int:
    row = await (await connection.execute(statement(name))).fetchone()
    return 0 if row is None else int(row[0])
