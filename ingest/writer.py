"""Batches become durable in TimescaleDB: one transaction each. An outage is found out within the caller's patience."""

import asyncio
import os
import socket
from collections.abc import Coroutine
from contextlib import suppress
from typing import TypeVar

import msgspec
import psycopg
import structlog

from devices import database
from ingest import transaction
from ingest.batch import Batch
from ingest.rejection import SAMPLE_BYTES, Reason, Rejection, clean
from ingest.transaction import Stored
from ingest.value import since_1970

log = structlog.get_logger()

ITEMS_PER_S = 10_000
"""What the database is granted to store a second, beyond the patience; a large batch is no outage."""

TRIES = 3
"""How often a transaction that lost against another one (a deadlock) is begun."""

LOST_AGAINST_ANOTHER = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)

Result = TypeVar("Result")


class Away(Exception):  # noqa: N818 (it says what is the case)
    """The database did not take it: it is not there, or frozen, or refuses all work. Whether it did is in doubt."""


class Writer:
    """One connection to the database at `url`, opened again whenever it is lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection | None = None

    async def store(self, batch: Batch, patience_s: float) -> Stored:
        """Everything in `batch` is committed. What the database refuses for its data is looked for by halves and kept
        in quarantine instead.

        Raises Away when it is not so within `patience_s` real seconds and what the size of the batch adds. The commit
        may still have happened: storing the batch again then changes nothing but the counts of refused items.
        """
        try:
            return await self._patiently(self._store(batch), patience_s + len(batch) / ITEMS_PER_S)
        except (psycopg.DataError, psycopg.IntegrityError, UnicodeError, OverflowError) as error:
            return await self._store_parts(batch, error, patience_s)

    async def answers(self, patience_s: float) -> None:
        """The database has answered.

        Raises Away when it does not within `patience_s` real seconds.
        """
        await self._patiently(self._ask(), patience_s)

    async def close(self) -> None:
        """The connection is closed."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()

    async def _store_parts(self, batch: Batch, error: Exception, patience_s: float) -> Stored:
        if len(batch) > 1:
            stored = Stored()
            for half in batch.halves():
                stored.add(await self.store(half, patience_s))
            return stored
        if batch.rejections:
            log.error("rejection_not_kept", reason=batch.rejections[0].reason, error=str(error))
            return Stored()
        log.error("item_refused_by_database", error=str(error))
        return await self.store(Batch(rejections=(_as_rejection(batch, error),)), patience_s)

    async def _store(self, batch: Batch) -> Stored:
        connection = await self._connected()
        staged = False
        for _ in range(TRIES):
            try:
                return await transaction.store(connection, batch, staged=staged)
            except psycopg.errors.UniqueViolation:
                staged = True
            except LOST_AGAINST_ANOTHER as error:
                log.info("transaction_begun_again", error=str(error).partition("\n")[0])
        return await transaction.store(connection, batch, staged=staged)

    async def _ask(self) -> None:
        connection = await self._connected()
        await connection.execute("SELECT 1")

    async def _patiently(self, work: Coroutine[None, None, Result], patience_s: float) -> Result:
        """What `work` gives. The connection is gone when it takes too long, and when the caller is cancelled."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait((task,), timeout=patience_s)
            if not task.done():
                await self._cut(task)
        except asyncio.CancelledError:
            await self._cut(task)
            raise
        if task.cancelled():
            raise Away(f"no answer within {patience_s:.1f} s")
        try:
            return task.result()
        except (psycopg.DataError, psycopg.IntegrityError):
            raise
        except psycopg.Error as error:
            await self._leave()
            raise Away(str(error).strip() or type(error).__name__) from error

    async def _cut(self, task: asyncio.Task[Result]) -> None:
        """`task` has ended, because its connection did.

        The task is not cancelled while it has a connection: psycopg would then ask the server to cancel, and wait for
        its answer, which a frozen one does not give.
        """
        if self._connection is None:
            task.cancel()
        else:
            # our own copy of the descriptor, for the other belongs to libpq
            with suppress(OSError, psycopg.Error), _copied(self._connection) as own:
                own.shutdown(socket.SHUT_RDWR)
        await asyncio.wait((task,))
        await self.close()

    async def _connected(self) -> psycopg.AsyncConnection:
        if self._connection is None or self._connection.closed:
            self._connection = None
            self._connection = await database.connect(self._url, "firegrid-ingest")
        return self._connection

    async def _leave(self) -> None:
        """The connection, if it is broken, is given up."""
        if self._connection is not None and (self._connection.broken or self._connection.closed):
            await self.close()


def _copied(connection: psycopg.AsyncConnection) -> socket.socket:
    return socket.socket(fileno=os.dup(connection.pgconn.socket))


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
