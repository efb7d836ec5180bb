"""One batch in one transaction: every statement that stores something of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
import psycopg
from psycopg.types.json import Jsonb

from devices import signal
from devices.model import Kind
from devices.profile import CANONICAL
from ingest import image, late, quarantine
from ingest.batch import Batch
from ingest.columns import Columns
from ingest.event import Event
from ingest.rejection import Rejection
from ingest.statements import statement
from ingest.value import at


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


async def store(connection: psycopg.AsyncConnection, batch: Batch, *, staged: bool) -> Stored:
    """Everything in `batch` is committed; what that changed. `staged` copes with readings that are stored already.

    Raises psycopg.errors.UniqueViolation when they are and it was not `staged`, psycopg.Error, UnicodeError,
    OverflowError; then nothing of it is stored.
    """
    stored = Stored()
    async with connection.transaction(), connection.cursor() as cursor:
        for kind, readings in batch.readings.items():
            dated, misdated = image.split_misdated(readings)
            new = await (_stage if staged else _copy)(cursor, dated) if len(dated) else 0
            if len(dated):
                await late.mark(cursor, dated)
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
    # a storm brings thousands together: as arrays of text they took a sixth of the worker's processor
    await cursor.execute(statement("keep_events"), {"events": msgspec.json.encode(events).decode()})
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
    if days := quarantine.strange_days(rejections):
        await cursor.execute(statement("strangers"), {"days": list(days)})
        rejections = quarantine.folded(rejections, await cursor.fetchall())
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
            "bytes": [quarantine.size(each) for each in kept],
        },
    )
