"""The projections made anew from the ledger, and those kept live set right where they differ (decision 0036)."""

from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import psycopg
from psycopg import sql

from devices.registry import Registry
from dispatch.facts.entry import Entry, read
from dispatch.ledger.audit import Audit
from dispatch.ledger.drain import keep_rows
from dispatch.ledger.projection import SETTLED, TABLES, project
from dispatch.state import fold
from dispatch.state.state import State, incidents_of
from dispatch.statements import statement

CHUNK = 1000
FORGET_EVERY = 20
"""Chunks between two times of forgetting."""
HELD = timedelta(days=30)
"""What ended longer ago than this is let go while folding: no outage is so long that a later entry is about it."""
LOCK_WITHIN_S = 30


class Rebuild:
    """Folds the ledger of `connection`'s database into side tables of that session alone, then compares.

    The desk may go on meanwhile. It waits only for the last step, in which what it has added since is folded in and
    rows that differ are replaced, all in one transaction.
    """

    def __init__(self, connection: psycopg.AsyncConnection, registry: Registry) -> None:
        self._connection = connection
        self._registry = registry
        self._state = State()
        self._audit = Audit()
        self._settling: deque[datetime] = deque()

    @property
    def entries(self) -> int:
        """How many have been folded."""
        return self._audit.count

    async def run(self) -> dict[str, tuple[int, int]]:
        """Table -> how many rows the ledger gives it, and how many it had otherwise, in vain or not at all.

        Raises Broken where the ledger is not whole, psycopg.errors.LockNotAvailable when the ledger could not be had
        for `LOCK_WITHIN_S`; then nothing was changed.
        """
        schema = await self._side_tables()
        await self._fold()
        async with self._connection.transaction():
            await self._connection.execute(statement("rebuild_patience"), {"lock_timeout": f"{LOCK_WITHIN_S}s"})
            # nobody adds an entry while rows are compared; who reads goes on
            await self._connection.execute("LOCK TABLE ledger IN SHARE ROW EXCLUSIVE MODE")
            await self._fold()
            return {table: await self._replace(schema, table) for table in TABLES}

    async def _side_tables(self) -> str:
        """Tables of the same names stand before the real ones in this session, so the same statements fill them."""
        row = await (await self._connection.execute("SELECT current_schema()")).fetchone()
        schema = str(row[0]) if row is not None else "public"
        for table in TABLES:
            like = sql.SQL("CREATE TEMPORARY TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING INDEXES)")
            await self._connection.execute(like.format(sql.Identifier("pg_temp", table), sql.Identifier(schema, table)))
        return schema

    async def _fold(self) -> None:
        chunks = 0
        async for entries in self._chunks():
            together: list[Entry] = []
            for entry in entries:
                if self._settles(entry.content.at):
                    await self._keep(together)
                    together = []
                fold.apply(self._state, entry)
                together.append(entry)
                if self._closes(entry):
                    self._settling.append(entry.content.at + SETTLED)
            await self._keep(together)
            chunks += 1
            if chunks % FORGET_EVERY == 0:
                self._forget(entries[-1].content.at - HELD)

    def _closes(self, entry: Entry) -> bool:
        abouts = {about for one in entry.content.facts for about in incidents_of(self._state, one)}
        found = [self._state.incidents[about] for about in abouts if about in self._state.incidents]
        return any(one.closed_at == entry.content.at for one in found)

    def _settles(self, at: datetime) -> bool:
        """True when an incident's row is final before what happens at `at`: it is to be written as it is now."""
        settled = False
        while self._settling and self._settling[0] <= at:
            self._settling.popleft()
            settled = True
        return settled

    async def _keep(self, entries: list[Entry]) -> None:
        async with self._connection.pipeline(), self._connection.transaction():
            await keep_rows(self._connection, [project(self._state, self._registry, entries, ())])

    def _forget(self, limit: datetime) -> None:
        fold.forget(self._state, lambda one: one.closed_at is not None and one.closed_at < limit, limit, limit)

    async def _chunks(self) -> AsyncIterator[list[Entry]]:
        while True:
            cursor = await self._connection.execute(
                statement("ledger_chunk"), {"entry": self._audit.count, "limit": CHUNK}
            )
            entries = []
            for number, prev, digest, body in await cursor.fetchall():
                self._audit.take(number, bytes(prev), bytes(digest), bytes(body))
                entries.append(read(bytes(body), bytes(prev)))
            if not entries:
                return
            yield entries

    async def _replace(self, schema: str, table: str) -> tuple[int, int]:
        names = {
            "kept": sql.Identifier(schema, table),
            "fresh": sql.Identifier("pg_temp", table),
            "same": sql.SQL(" AND ").join(
                sql.SQL("fresh.{0} = kept.{0}").format(sql.Identifier(key)) for key in TABLES[table]
            ),
        }
        wrong = await self._connection.execute(
            sql.SQL(
                "DELETE FROM {kept} kept WHERE NOT EXISTS"
                " (SELECT FROM {fresh} fresh WHERE {same} AND ROW(fresh.*) IS NOT DISTINCT FROM ROW(kept.*))"
            ).format(**names)
        )
        added = await self._connection.execute(
            sql.SQL(
                "INSERT INTO {kept} SELECT * FROM {fresh} fresh WHERE NOT EXISTS (SELECT FROM {kept} kept WHERE {same})"
            ).format(**names)
        )
        counted = await self._connection.execute(sql.SQL("SELECT count(*) FROM {fresh}").format(**names))
        row = await counted.fetchone()
        return int(row[0]) if row is not None else 0, max(wrong.rowcount, added.rowcount)
