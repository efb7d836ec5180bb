"""Batches become durable in TimescaleDB: one transaction each, and back only after its commit."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
import psycopg
import structlog
from psycopg.types.json import Jsonb

from devices import signal
from devices.model import Kind
from devices.profile import CANONICAL
from ingest import image, quarantine
from ingest.batch import Batch
from ingest.columns import Columns
from ingest.event import Event
from ingest.rejection import SAMPLE_BYTES, Reason, Rejection, clean
from ingest.statements import statement
from ingest.value import at, since_1970

log = structlog.get_logger()

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
"""Between attempts while the database is away, real seconds; doubled each time, of which a random half is waited."""


@dataclass(slots=True)
class Stored:
    """What a batch left in the database: readings that were new, and repeats, per kind; events that were new."""

    readings: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    repeats: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    events: int = 0

    def add(self, other: "Stored") -> None:
        """The other is counted in."""
        for kind in Kind:
            self.readings[kind] += other.readings[kind]
            self.repeats[kind] += other.repeats[kind]
        self.events += other.events


class Writer:
    """One connection to the database at `url`, opened again whenever it is lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection | None = None
        self._away = ""

    async def keep(self, batch: Batch) -> Stored:
        """Everything in `batch` is committed. Waits for the database as long as that takes.

        What the database refuses for its data is looked for by halves and kept in quarantine instead.
        """
        pause = FIRST_PAUSE_S
        while True:
            try:
                stored = await self._store(batch)
            except (psycopg.DataError, psycopg.IntegrityError, UnicodeError, OverflowError) as error:
                return await self._keep_parts(batch, error)
            except psycopg.Error as error:
                await self._lost(error)
            else:
                self._back()
                return stored
            pause = min(pause * 2, LONGEST_PAUSE_S)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 (jitter is no secret)

    async def close(self) -> None:
        """The connection is closed."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _keep_parts(self, batch: Batch, error: Exception) -> Stored:
        if len(batch) > 1:
            stored = Stored()
            for half in batch.halves():
                stored.add(await self.keep(half))
            return stored
        if batch.rejections:
            log.error("rejection_not_kept", reason=batch.rejections[0].reason, error=str(error))
            return Stored()
        log.error("item_refused_by_database", error=str(error))
        return await self.keep(Batch(rejections=(_as_rejection(batch, error),)))

    async def _store(self, batch: Batch) -> Stored:
        connection = await self._connected()
        try:
            return await self._transaction(connection, batch, staged=False)
        except psycopg.errors.UniqueViolation:
            return await self._transaction(connection, batch, staged=True)

    async def _transaction(self, connection: psycopg.AsyncConnection, batch: Batch, *, staged: bool) -> Stored:
        stored = Stored()
        async with connection.transaction(), connection.cursor() as cursor:
            for kind, readings in batch.readings.items():
                dated, misdated = image.split_misdated(readings)
                new = await (_stage if staged else _copy)(cursor, dated) if len(dated) else 0
                new += await _keep_misdated(cursor, misdated) if len(misdated) else 0
                stored.readings[kind], stored.repeats[kind] = new, len(readings) - new
            if batch.events:
                stored.events = await _keep_events(cursor, batch.events)
            if batch.signals:
                await _keep_signals(cursor, batch.signals)
            if batch.statuses:
                await _keep_statuses(cursor, batch)
            if batch.rejections:
                await _keep_rejections(cursor, batch.rejections)
        return stored

    async def _connected(self) -> psycopg.AsyncConnection:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._url,
                autocommit=True,
                connect_timeout=5,
                application_name="firegrid-ingest",
                # a database machine that vanished is noticed within about ten seconds, not after the kernel's hours
                keepalives_idle=5,
                keepalives_interval=2,
                keepalives_count=3,
                tcp_user_timeout=10_000,
            )
        return self._connection

    async def _lost(self, error: psycopg.Error) -> None:
        """Said once per reason; the connection, if it is broken, is given up."""
        reason = str(error).strip() or type(error).__name__
        if reason != self._away:
            self._away = reason
            log.warning("database_away", error=reason)
        if self._connection is not None and (self._connection.broken or self._connection.closed):
            await self.close()

    def _back(self) -> None:
        if self._away:
            self._away = ""
            log.info("database_back")


async def _copy(cursor: psycopg.AsyncCursor, readings: Columns) -> int:
    """All are new, or psycopg.errors.UniqueViolation."""
    async with cursor.copy(statement(f"copy_{readings.kind}")) as copy:
        await copy.write(image.image(readings))
    return len(readings)


async def _stage(cursor: psycopg.AsyncCursor, readings: Columns) -> int:
    """How many were new."""
    await cursor.execute(statement(f"stage_{readings.kind}"))
    async with cursor.copy(statement(f"copy_staged_{readings.kind}")) as copy:
        await copy.write(image.image(readings))
    await cursor.execute(statement(f"keep_staged_{readings.kind}"))
    return cursor.rowcount


async def _keep_misdated(cursor: psycopg.AsyncCursor, readings: Columns) -> int:
    names = CANONICAL[readings.kind]
    values = [
        Jsonb({name: number for name, number in zip(names, row, strict=True) if not np.isnan(number)})
        for row in readings.values.tolist()
    ]
    await cursor.execute(
        statement("keep_misdated"),
        {
            "kind": readings.kind,
            "device": readings.device.tolist(),
            "ts": [at(us) for us in readings.ts_us.tolist()],
            "seq": readings.seq.tolist(),
            "received_at": [at(us) for us in readings.received_us.tolist()],
            "values": values,
        },
    )
    return cursor.rowcount


async def _keep_events(cursor: psycopg.AsyncCursor, events: Sequence[Event]) -> int:
    if undated := [each.id for each in events if each.undated]:
        await cursor.execute(statement("hold_undated"), {"signals": undated})
    await cursor.execute(
        statement("keep_events"),
        {
            "ts": [at(each.ts_us) for each in events],
            "device": [each.device for each in events],
            "event": [each.what.value for each in events],
            "seq": [each.seq for each in events],
            "received_at": [at(each.received_us) for each in events],
            "gateway": [each.gateway for each in events],
            "place": [each.place for each in events],
            "value": [None if each.value is None else Jsonb(each.value, msgspec.json.encode) for each in events],
            "flags": [",".join(each.flags) for each in events],
            "signal": [each.id for each in events],
            "drill": [each.drill for each in events],
            "undated": [each.undated for each in events],
        },
    )
    return cursor.rowcount


async def _keep_signals(cursor: psycopg.AsyncCursor, signals: Sequence[signal.Signal]) -> None:
    await cursor.execute(
        statement("keep_signals"),
        {
            "id": [each.id for each in signals],
            "received_at": [each.received_at for each in signals],
            "body": [signal.encode(each) for each in signals],
            "undated": [each.undated for each in signals],
        },
    )


async def _keep_statuses(cursor: psycopg.AsyncCursor, batch: Batch) -> None:
    await cursor.execute(
        statement("keep_statuses"),
        {
            "gateway": [each.gateway for each in batch.statuses],
            "state": [each.state for each in batch.statuses],
            "ts": [at(each.ts_us) for each in batch.statuses],
            "received_at": [at(each.received_us) for each in batch.statuses],
        },
    )


async def _keep_rejections(cursor: psycopg.AsyncCursor, rejections: Sequence[Rejection]) -> None:
    counts = quarantine.counts(rejections)
    await cursor.execute(
        statement("count_rejections"),
        {
            "gateway": [gateway for gateway, _, _ in counts],
            "reason": [reason for _, reason, _ in counts],
            "day": [day for _, _, day in counts],
            "count": list(counts.values()),
        },
    )
    totals = {(gateway, reason, day): count for gateway, reason, day, count in await cursor.fetchall()}
    kept = quarantine.kept(rejections, totals)
    await cursor.execute(
        statement("keep_rejections"),
        {
            "received_at": [at(each.received_us) for each in kept],
            "gateway": [each.gateway for each in kept],
            "topic": [each.topic for each in kept],
            "device": [each.device for each in kept],
            "reason": [each.reason.value for each in kept],
            "detail": [each.detail for each in kept],
            "payload": [each.item for each in kept],
        },
    )


def _as_rejection(batch: Batch, error: Exception) -> Rejection:
    """The one item in `batch`, which the database would not take. A reading is known by its device's number only."""
    detail = clean(" ".join(str(error).split()))
    for event in batch.events:
        return Rejection(Reason.DATABASE, detail, event.gateway, "", event.device, _json(event), event.received_us)
    for status in batch.statuses:
        return Rejection(Reason.DATABASE, detail, status.gateway, "", None, _json(status), status.received_us)
    for one in batch.signals:
        received_us = since_1970(one.received_at)
        return Rejection(Reason.DATABASE, detail, one.gateway, "", one.device, _json(one), received_us)
    readings = next(each for each in batch.readings.values() if len(each))
    row = {"device": int(readings.device[0]), "ts_us": int(readings.ts_us[0]), "values": readings.values[0].tolist()}
    return Rejection(Reason.DATABASE, detail, "_", "", None, _json(row), int(readings.received_us[0]))


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)[:SAMPLE_BYTES]
