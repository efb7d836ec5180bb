"""The database follows the journal: entries in order, each with its projections, in doubt sent again byte for byte."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

import psycopg
import structlog

from dispatch import metrics
from dispatch.entry import GENESIS, Entry, read
from dispatch.projection import Drop
from dispatch.statements import statement

log = structlog.get_logger()

AT_MOST = 200
"""Entries in one transaction."""
CATCH_UP = 50
"""Entries read from the journal at a time: their rows are made on the loop, which alarms need too."""
WAITING = 2000
"""Drops kept for a database that is slow or frozen; beyond, they are read from the journal when it is their turn."""
RETRY_S = 1.0


class Forked(Exception):  # noqa: N818 - it says what is the case
    """The database's ledger and the journal hold different entries under one number: a person must look."""


class Drain:
    """Writes what is put into it, in order, whenever the database answers.

    `digest_of` tells the journal's digest of an entry (None: not kept); `catch_up` gives the first so many drops after
    an entry, read from the journal. `position` is the last entry the database is known to have.
    """

    def __init__(
        self,
        database_url: str,
        stream: str,
        digest_of: Callable[[int], bytes | None],
        catch_up: Callable[[int, int], Sequence[Drop]],
        clock: Callable[[], datetime],
    ) -> None:
        self._url = database_url
        self._stream = stream
        self._digest_of = digest_of
        self._catch_up = catch_up
        self._clock = clock
        self._drops: deque[Drop] = deque()
        self._handled: deque[str] = deque(maxlen=100_000)
        self._work = asyncio.Event()
        self._moved = asyncio.Condition()
        self._queued = 0
        self._behind = True
        self.position = 0
        self.connected = False

    def put(self, drops: Sequence[Drop]) -> None:
        """The drops follow those put before; their entries are in the journal, and are read there if not kept here."""
        if not self.connected or self._behind or len(self._drops) >= WAITING:
            self._behind = True
        else:
            self._queue(drops)
        self._work.set()

    def mark(self, signals: Sequence[str]) -> None:
        """These signals are decided; their rows need not be swept. Lost marks are swept and marked again."""
        self._handled.extend(signals)
        self._work.set()

    async def reached(self, n: int, within_s: float) -> bool:
        """True once entry `n` is in the database; False when it is away or `within_s` real seconds have passed."""
        if not self.connected or within_s <= 0:
            return self.position >= n
        try:
            async with asyncio.timeout(within_s), self._moved:
                await self._moved.wait_for(lambda: self.position >= n or not self.connected)
        except TimeoutError:
            pass
        return self.position >= n

    async def run(self) -> None:
        """Runs until cancelled.

        Raises Forked when the two ledgers have parted.
        """
        while True:
            try:
                await self._follow()
            except psycopg.OperationalError as error:
                if self.connected:
                    log.warning("database_away", error=str(error).strip())
            except psycopg.Error:
                log.exception("database_refused")
            except Forked:
                raise
            except Exception:
                log.exception("drain_failed")
            await self._set_connected(connected=False)
            await asyncio.sleep(RETRY_S)

    async def _follow(self) -> None:
        async with await connect(self._url) as connection:
            self.position = await self._head(connection)
            self._drops.clear()
            self._queued, self._behind = self.position, True
            log.info("database_followed", from_entry=self.position)
            await self._set_connected(connected=True)
            await connection.execute(statement("ledger_stream"), {"stream": self._stream})
            await connection.commit()
            while True:
                await self._write(connection)
                self._work.clear()
                if not (self._drops or self._handled or self._behind):
                    await self._idle(connection)

    def _queue(self, drops: Sequence[Drop]) -> None:
        for drop in drops:
            n = drop.entry.content.n
            if n == self._queued + 1:
                self._drops.append(drop)
                self._queued = n
            elif n > self._queued:
                self._behind = True

    async def _idle(self, connection: psycopg.AsyncConnection) -> None:
        """Waits for work; each second the connection is tried, so that a lost database is known before it is needed."""
        try:
            async with asyncio.timeout(1.0):
                await self._work.wait()
        except TimeoutError:
            await connection.execute("SELECT 1")
            await connection.commit()

    async def _head(self, connection: psycopg.AsyncConnection) -> int:
        row = await (await connection.execute(statement("ledger_head"))).fetchone()
        n, digest = (int(row[0]), bytes(row[1])) if row is not None else (0, GENESIS)
        known = self._digest_of(n)
        if known is None or known != digest:
            raise Forked(f"entry {n} of the database's ledger is not the journal's: two desks have written; stop one")
        return n

    async def _write(self, connection: psycopg.AsyncConnection) -> None:
        while self._drops or self._handled or self._behind:
            if self._behind and not self._drops:
                missed = self._catch_up(self.position, CATCH_UP)
                self._queue(missed)
                self._behind = len(missed) == CATCH_UP
            drops = [self._drops[index] for index in range(min(AT_MOST, len(self._drops)))]
            handled = [self._handled[index] for index in range(min(10_000, len(self._handled)))]
            async with connection.transaction(), connection.pipeline():
                for drop in drops:
                    await _insert(connection, drop)
                signals = [*handled, *(drop.signal for drop in drops if drop.signal is not None)]
                if signals:
                    await connection.execute(statement("signals_handled"), {"at": self._clock(), "ids": signals})
            for _ in drops:
                self._drops.popleft()
            for _ in handled:
                self._handled.popleft()
            if drops:
                metrics.drained.inc(len(drops))
                await self._advance(drops[-1].entry.content.n)

    async def _advance(self, position: int) -> None:
        async with self._moved:
            self.position = position
            self._moved.notify_all()

    async def _set_connected(self, *, connected: bool) -> None:
        async with self._moved:
            self.connected = connected
            self._moved.notify_all()
        metrics.database_connected.set(connected)


async def connect(database_url: str) -> psycopg.AsyncConnection:
    """A connection that notices a dead server.

    Raises psycopg.OperationalError when there is none.
    """
    return await psycopg.AsyncConnection.connect(
        database_url,
        connect_timeout=5,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=10_000,
        application_name="firegrid-desk",
    )


async def entries_after(connection: psycopg.AsyncConnection, n: int) -> list[Entry]:
    """The database's entries that follow entry `n`, oldest first."""
    cursor = await connection.execute(statement("ledger_after"), {"entry": n})
    return [read(bytes(body), bytes(prev)) for _, body, prev, _ in await cursor.fetchall()]


async def _insert(connection: psycopg.AsyncConnection, drop: Drop) -> None:
    content = drop.entry.content
    await connection.execute(
        statement("ledger_append"),
        {
            "entry": content.n,
            "at": content.at,
            "kind": content.kind,
            "body": drop.entry.body,
            "prev": drop.entry.prev,
            "digest": drop.entry.digest,
        },
    )
    for name, rows in (("alarm_keep", drop.alarms), ("incident_keep", drop.incidents), ("order_keep", drop.orders)):
        for row in rows:
            await connection.execute(statement(name), row)
    for about in drop.touched:
        await connection.execute(statement("incident_entry"), {"incident": about, "entry": content.n})
    for note in drop.notes:
        await connection.execute(statement("note_keep"), {"digest": note.digest, "salt": note.salt, "note": note.text})
