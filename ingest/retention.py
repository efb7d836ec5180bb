"""History too old to be kept is dropped, a chunk at a time, and never before what is made of it is there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
import structlog

from devices.model import Kind
from ingest import rollup
from ingest.rollup import HOUR
from ingest.statements import statement

log = structlog.get_logger()

WEEK = timedelta(days=7)

AT_A_TIME = 10_000
"""Rows deleted in one statement."""


@dataclass(frozen=True, slots=True)
class Keep:
    """How long readings, and their minutes, hours and days, are kept."""

    raw: timedelta
    minutes: timedelta
    hours: timedelta
    days: timedelta


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """What is older may go."""

    raw: datetime
    minutes: datetime
    hours: datetime
    days: datetime


def cutoffs(keep: Keep, now: datetime, rolled_before: datetime) -> Cutoffs:
    """Ages counted from `now`; readings and minutes stay in any case until hours and days are made, `rolled_before`."""
    return Cutoffs(
        raw=min(now - keep.raw, rolled_before),
        minutes=min(now - keep.minutes, rolled_before),
        hours=now - keep.hours,
        days=now - keep.days,
    )


class Retention:
    """Works on `connection` (autocommit)."""

    def __init__(self, connection: psycopg.AsyncConnection, keep: Keep) -> None:
        self._connection = connection
        self._keep = keep
        self._seen: dict[Kind, tuple[datetime, datetime]] = {}

    async def step(self, now: datetime) -> bool:
        """What may go is gone; looked at once an hour and after each week caught up. True when there may be more."""
        more = False
        for kind in Kind:
            cursor = await self._connection.execute(statement("rolled_before"), {"kind": kind})
            row = await cursor.fetchone()
            if row is None or row[0] < rollup.EARLIEST:
                continue  # nothing has been rolled up yet
            seen = rollup.floor(now, HOUR), rollup.floor(row[0], WEEK)
            if self._seen.get(kind) != seen:
                more = await self._drop(kind, cutoffs(self._keep, now, row[0])) or more
                if not more:
                    self._seen[kind] = seen
        return more

    async def _drop(self, kind: Kind, before: Cutoffs) -> bool:
        """First it is said, then it is done: a reader must never take what is gone for what was never there."""
        await self._connection.execute(
            statement("rollups_dropped"),
            {"kind": kind, "raw": before.raw, "minutes": before.minutes, "hours": before.hours},
        )
        parts = {
            f"readings_{kind}": before.raw,
            f"{kind}_1m": before.minutes,
            f"{kind}_1h": before.hours,
            f"{kind}_1d": before.days,
        }
        for relation, cutoff in parts.items():
            cursor = await self._connection.execute(statement("drop_chunks"), {"relation": relation, "before": cutoff})
            if dropped := len(await cursor.fetchall()):
                log.info("history_dropped", relation=relation, chunks=dropped, before=cutoff.isoformat())
        deleted = await self._connection.execute(
            statement("drop_misdated"), {"kind": kind, "before": before.raw, "many": AT_A_TIME}
        )
        return deleted.rowcount == AT_A_TIME
