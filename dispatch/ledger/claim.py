"""A desk asks to lead: by its journal, the database's ledger and lock, and the silence of who led before (DESIGN 8)."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from time import monotonic
from typing import Protocol

import msgspec
import psycopg
import structlog

from devices import database
from devices.model import CODE
from dispatch.facts.entry import Content, Entry, read, seal
from dispatch.facts.fact import Led
from dispatch.ledger import lead
from dispatch.ledger.journal import KEPT, Batch, Journal
from dispatch.ledger.lead import Forked
from dispatch.ledger.projection import notes_named
from dispatch.state import fold
from dispatch.state.state import State
from dispatch.statements import statement

log = structlog.get_logger()

DATABASE_ANSWERS_S = 10.0
"""A claim waits no longer for a database that takes connections but does not answer."""
MUTE_S = 5.0
"""Real seconds in which a desk that is neither heard nor has said anything to the database is taken to stand still."""


class Rival(Protocol):
    """What is heard of another desk's beat."""

    def silent(self) -> bool:
        """True when none has been heard for long enough, though we listened."""
        ...

    def epoch(self) -> int:
        """The newest epoch another desk has named; 0 for none."""
        ...


class Claimant:
    """The state as the journal and the database have it, from which a desk leads once `claimed`.

    Without a `rival` nobody else is asked: for tests, and for tools that are alone.
    """

    def __init__(
        self, journal: Journal, database_url: str, clock: Callable[[], datetime], rival: Rival | None, name: str
    ) -> None:
        self._journal, self._url, self._clock, self._rival, self._name = journal, database_url, clock, rival, name
        self.state = State()
        self.snapshot_at = 0
        self._holder: tuple[int, datetime] | None = None
        self._held_since = 0.0
        self.load()

    def load(self) -> None:
        """The state is the journal's."""
        kept = self._journal.snapshot()
        self.state = msgspec.msgpack.decode(kept, type=State) if kept is not None else State()
        fold.rearm(self.state)
        self.snapshot_at = self.state.last_entry
        for entry in self._journal.entries_after(self.state.last_entry, self.state.last_digest):
            fold.apply(self.state, entry)

    async def claimed(self, hand_over: Callable[[psycopg.AsyncConnection], None] | None = None) -> bool:
        """True when this desk is to lead now; the state then has all that the database has. False: ask again.

        The session that holds the lock is then given to `hand_over`; without one it is closed. Two desks on an empty
        ledger may both claim it: only the lock, held on, says to the second that it does not lead.

        Raises Forked when the two ledgers have parted and no newer epoch says why.
        """
        try:
            async with asyncio.timeout(DATABASE_ANSWERS_S), AsyncExitStack() as stack:
                opened = await database.connect(self._url, self._name, autocommit=False)
                connection = await stack.enter_async_context(opened)
                free = await lead.alone(connection)
                if not free:
                    await self._end_mute(connection)
                won = await self._is_ours(connection) and free and await self._by_ledger(connection)
                if won and hand_over is not None:
                    await connection.commit()
                    stack.pop_all()
                    hand_over(connection)
                return won
        except (psycopg.OperationalError, TimeoutError) as error:
            log.warning("database_away", error=str(error).strip() or "no answer")
            return self._by_journal()

    async def _end_mute(self, connection: psycopg.AsyncConnection) -> None:
        """Who holds the lock, is heard by nobody and has said nothing to the database holds it no more.

        The idle timeouts of the drain's session do not run while a pipeline of it is half sent.
        """
        holder = await lead.holder(connection)
        if holder is None or holder != self._holder:
            self._holder, self._held_since = holder, monotonic()
        elif self._rival is not None and self._rival.silent() and monotonic() - self._held_since >= MUTE_S:
            log.warning("mute_leader_ended", session=holder[0])
            await lead.end(connection, holder[0])

    def _by_journal(self) -> bool:
        """Without the database only who led last goes on, and only while nobody names a newer epoch."""
        if self._rival is None:
            return True
        return self.state.last_entry > 0 and self._led_last() and self._rival.epoch() <= self.state.epoch

    def _led_last(self) -> bool:
        """A ledger whose entries were all decided on this journal need not say who led."""
        return self.state.stream == self._journal.stream or (self.state.stream == "" and not self._journal.imported)

    async def _by_ledger(self, connection: psycopg.AsyncConnection) -> bool:
        await self._import(connection)
        if self._led_last() and not self._newer_heard():
            return True
        if self._rival is not None and not self._rival.silent():
            return False
        await self._take_over(connection)
        return True

    def _newer_heard(self) -> bool:
        """An epoch that the ledger does not know was named: the ledger is another one, or an older copy."""
        return self._rival is not None and self._rival.epoch() > self.state.epoch

    async def _is_ours(self, connection: psycopg.AsyncConnection) -> bool:
        """False when the journal's last entries were never heard of and another has led since; they are left behind,
        and the journal is set aside.
        """
        n, digest = await lead.head(connection)
        ours = self.state.last_entry
        if n > ours:
            n, digest = ours, await lead.digest_of(connection, ours)
        if digest == self._digest_of(n):
            return True
        parted = await self._parted(connection, n)
        if await lead.newest_epoch(connection) <= self.state.epoch:
            raise Forked(f"entry {parted + 1} of the database's ledger is not the journal's: two desks have written")
        strays = self._journal.entries_after(parted, self._digest_of(parted) or b"")
        named = [one for stray in strays for one in notes_named(stray.content)]
        await lead.leave_behind(connection, self._journal.stream, strays, self._journal.notes_of(named))
        await connection.commit()
        aside = self._journal.set_aside()
        log.error("journal_set_aside", file=aside.name, entries=len(strays), after=parted)
        self.load()
        return False

    async def _parted(self, connection: psycopg.AsyncConnection, until: int) -> int:
        """The last entry that both have."""
        cursor = await connection.execute(statement("ledger_digests"), {"after": until - KEPT, "until": until})
        same = (int(n) for n, digest in await cursor.fetchall() if bytes(digest) == self._journal.digest_of(int(n)))
        return next(same, 0)

    def _digest_of(self, n: int) -> bytes | None:
        return self.state.last_digest if n == self.state.last_entry else self._journal.digest_of(n)

    async def _import(self, connection: psycopg.AsyncConnection) -> None:
        behind = await entries_after(connection, self.state.last_entry)
        if not behind:
            return
        log.warning("ledger_imported", entries=len(behind), after=self.state.last_entry)
        if self.state.last_entry == 0:
            self._journal.mark_imported()
        for entry in behind:
            if entry.prev != self.state.last_digest:
                raise Forked(f"entry {entry.content.n} of the database does not follow the journal's last")
            fold.apply(self.state, entry)
        self._journal.append(Batch(behind, (), (), (), self._clock()))

    async def _take_over(self, connection: psycopg.AsyncConnection) -> None:
        """The ledger says that this desk leads, before anything else that it decides."""
        stream = self._journal.begin_stream()
        host = socket.gethostname()
        led = Led(
            epoch=max(self.state.epoch, self._rival.epoch() if self._rival is not None else 0) + 1,
            stream=stream,
            host=host if CODE.fullmatch(host) else "unnamed",
            after=self.state.stream,
        )
        content = Content(
            n=self.state.last_entry + 1,
            at=max(self._clock(), self.state.last_at or self._clock()),
            kind="led",
            cause={"epoch": led.epoch, "host": led.host, "stream": stream},
            facts=(led,),
        )
        entry = seal(content, self.state.last_digest)
        async with connection.transaction():
            await connection.execute(
                statement("ledger_append"),
                {
                    "entries": [content.n],
                    "ats": [content.at],
                    "kinds": [content.kind],
                    "bodies": [entry.body],
                    "prevs": [entry.prev],
                    "digests": [entry.digest],
                },
            )
        await connection.commit()
        fold.apply(self.state, entry)
        self._journal.append(Batch([entry], (), (), (), self._clock()))
        log.warning("lead_taken_over", epoch=led.epoch, after=led.after, stream=stream)


async def entries_after(connection: psycopg.AsyncConnection, n: int) -> list[Entry]:
    """The database's entries that follow entry `n`, oldest first."""
    cursor = await connection.execute(statement("ledger_after"), {"entry": n})
    return [read(bytes(body), bytes(prev)) for _, body, prev, _ in await cursor.fetchall()]
