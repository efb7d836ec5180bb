"""The database follows the journal: entries in order, each with its projections, in doubt sent again byte for byte."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import accumulate, takewhile

import msgspec
import psycopg
import structlog

from devices import database
from devices.asked import go_if_cancelled
from dispatch import metrics
from dispatch.ledger import lead
from dispatch.ledger.lead import Forked, Superseded
from dispatch.ledger.projection import Drop, Row
from dispatch.statements import statement

log = structlog.get_logger()

AT_MOST = 400
"""Entries in one transaction, beyond those of its first drop."""
CATCH_UP = 50
"""Entries read from the journal at a time: their rows are made on the loop, which alarms need too."""
WAITING = 1000
"""Drops kept for a database that is slow or frozen; beyond, they are read from the journal when it is their turn."""
RETRY_S = 1.0
IDLE_S = 5
"""The session is used every second; one that is not belongs to a process that was stopped."""

NAME = "firegrid-desk"
"""As which the database knows the desk's connections."""


class Drain:
    """Writes what is put into it, in order, whenever the database answers.

    `digest_of` tells the journal's digest of an entry (None: not kept); `catch_up` gives the first so many entries
    after an entry as one drop, read from the journal (None: there are none). `position` is the last entry the database
    is known to have.
    """

    def __init__(
        self,
        database_url: str,
        stream: str,
        digest_of: Callable[[int], bytes | None],
        catch_up: Callable[[int, int], Drop | None],
        clock: Callable[[], datetime],
        epoch: Callable[[], int] = lambda: 1,
    ) -> None:
        self._epoch = epoch
        self._url = database_url
        self.stream = stream
        self._digest_of = digest_of
        self._catch_up = catch_up
        self._clock = clock
        self._drops: deque[Drop] = deque()
        self._handled: deque[str] = deque(maxlen=100_000)
        self._work = asyncio.Event()
        self._moved = asyncio.Condition()
        self._queued = 0
        self._behind = True
        self._adopted: psycopg.AsyncConnection | None = None
        self.position = 0
        self.connected = False
        self.rest_s = 0.0
        """Real seconds after each transaction in which entries gather for the next: for who waits for none of them."""

    def adopt(self, connection: psycopg.AsyncConnection) -> None:
        """The first session is this one, which holds the lock already."""
        self._adopted = connection

    async def release(self) -> None:
        """A session that was adopted and never used is closed, so that it holds the lock no more."""
        adopted, self._adopted = self._adopted, None
        if adopted is not None:
            await adopted.close()

    def put(self, drop: Drop) -> None:
        """The drop follows those put before, while the drain is `following`."""
        self._queue(drop)
        self._work.set()

    def following(self) -> bool:
        """True while drops are to be put; what is not put is read from the journal when it is its turn."""
        if not self.connected or len(self._drops) >= WAITING:
            self.miss()
        return not self._behind

    def miss(self) -> None:
        """Entries that were not put are in the journal."""
        self._behind = True
        self._work.set()

    def mark(self, signals: Sequence[str]) -> None:
        """These signals are decided; their rows need not be swept. Lost marks are swept and marked again."""
        self._handled.extend(signals)
        self._work.set()

    async def reached(self, n: int, within_s: float) -> bool:
        """True once entry `n` is in the database; False when it is away or `within_s` real seconds have passed."""
        if self.position >= n or not self.connected or within_s <= 0:
            return self.position >= n
        try:
            async with asyncio.timeout(within_s), self._moved:
                await self._moved.wait_for(lambda: self.position >= n or not self.connected)
        except TimeoutError:
            pass
        return self.position >= n

    async def run(self) -> None:
        """Runs until cancelled.

        Raises Forked when the two ledgers have parted, Superseded when another desk leads by now.
        """
        while True:
            try:
                await self._follow()
            except psycopg.OperationalError as error:
                if self.connected:
                    log.warning("database_away", error=str(error).strip())
            except psycopg.Error:
                log.exception("database_refused")
            except (Forked, Superseded):
                raise
            except Exception:
                log.exception("drain_failed")
            go_if_cancelled()
            await self._set_connected(connected=False)
            await asyncio.sleep(RETRY_S)

    async def _follow(self) -> None:
        adopted, self._adopted = self._adopted, None
        async with adopted or await database.connect(self._url, NAME, autocommit=False) as connection:
            if not await lead.alone(connection):
                await self._require_own(connection)
                return
            self.position = await self._head(connection)
            self._drops.clear()
            self._queued, self._behind = self.position, True
            log.info("database_followed", from_entry=self.position)
            await self._set_connected(connected=True)
            # a desk that is stopped holds the lock no longer than others wait for its beat
            await connection.execute(f"SET idle_session_timeout TO '{IDLE_S}s'")
            await connection.execute(f"SET idle_in_transaction_session_timeout TO '{IDLE_S}s'")
            # what a crash of the database takes is in the journal, and sent again (decision 0023)
            await connection.execute("SET synchronous_commit TO off")
            await connection.execute(statement("ledger_stream"), {"stream": self.stream})
            await connection.commit()
            while True:
                await self._write(connection)
                self._work.clear()
                if not (self._drops or self._handled or self._behind):
                    await self._idle(connection)

    def _queue(self, drop: Drop) -> None:
        if drop.first == self._queued + 1:
            self._drops.append(drop)
            self._queued = drop.last
        elif drop.last > self._queued:
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
        n, digest = await lead.head(connection)
        known = self._digest_of(n)
        if known is None or known != digest:
            await self._require_own(connection)
            raise Forked(f"entry {n} of the database's ledger is not the journal's: two desks have written; stop one")
        return n

    async def _require_own(self, connection: psycopg.AsyncConnection) -> None:
        """Raises Superseded when the database knows of an epoch that is newer than this desk's."""
        newest = await lead.newest_epoch(connection)
        if newest > self._epoch():
            raise Superseded(f"epoch {newest} has begun elsewhere")

    async def _write(self, connection: psycopg.AsyncConnection) -> None:
        while self._drops or self._handled or self._behind:
            if self._behind and not self._drops:
                missed = self._catch_up(self.position, CATCH_UP)
                self._behind = missed is not None
                if missed is not None:
                    self._queue(missed)
            drops = self._first()
            handled = [self._handled[index] for index in range(min(10_000, len(self._handled)))]
            async with connection.pipeline(), connection.transaction():
                if drops:
                    await _insert(connection, drops)
                if signals := [*handled, *(one for drop in drops for one in drop.signals)]:
                    await connection.execute(statement("signals_handled"), {"at": self._clock(), "ids": signals})
            for _ in drops:
                self._drops.popleft()
            for _ in handled:
                self._handled.popleft()
            if drops:
                metrics.drained.inc(drops[-1].last - self.position)
                await self._advance(drops[-1].last)
            if self.rest_s:
                await asyncio.sleep(self.rest_s)

    def _first(self) -> list[Drop]:
        """The drops of the next transaction."""
        before = accumulate((len(one.entries) for one in self._drops), initial=0)
        return [one for one, _ in zip(self._drops, takewhile(lambda n: n < AT_MOST, before), strict=False)]

    async def _advance(self, position: int) -> None:
        async with self._moved:
            self.position = position
            self._moved.notify_all()

    async def _set_connected(self, *, connected: bool) -> None:
        async with self._moved:
            self.connected = connected
            self._moved.notify_all()
        metrics.database_connected.set(connected)


async def _insert(connection: psycopg.AsyncConnection, drops: Sequence[Drop]) -> None:
    """Each table has one statement, however many rows: a storm makes thousands a second."""
    entries = [entry for drop in drops for entry in drop.entries]
    await connection.execute(
        statement("ledger_append"),
        {
            "entries": [one.content.n for one in entries],
            "ats": [one.content.at for one in entries],
            "kinds": [one.content.kind for one in entries],
            "bodies": [one.body for one in entries],
            "prevs": [one.prev for one in entries],
            "digests": [one.digest for one in entries],
        },
    )
    await keep_rows(connection, drops)
    for note in (note for drop in drops for note in drop.notes):
        await connection.execute(statement("note_keep"), {"digest": note.digest, "salt": note.salt, "note": note.text})


async def keep_rows(connection: psycopg.AsyncConnection, drops: Sequence[Drop]) -> None:
    """The projections have the drops' rows. Each table has one statement, however many rows."""
    if changes := [one for drop in drops for one in drop.changes]:
        await connection.execute(statement("alarm_change"), {"rows": msgspec.json.encode(changes).decode()})
    for name, rows in (
        ("alarm_keep", _latest(drop.alarms for drop in drops)),
        ("incident_keep", _latest(drop.incidents for drop in drops)),
        ("order_keep", _latest(drop.orders for drop in drops)),
    ):
        if rows:
            await connection.execute(statement(name), {"rows": msgspec.json.encode(rows).decode()})
    if touched := [one for drop in drops for one in drop.touched]:
        incidents, numbers = zip(*touched, strict=True)
        await connection.execute(statement("incident_entry"), {"incidents": list(incidents), "entries": list(numbers)})


def _latest(rows: Iterable[Sequence[Row]]) -> list[Row]:
    """Of each alarm, incident or order the last row."""
    return list({row["id"]: row for some in rows for row in some}.values())
