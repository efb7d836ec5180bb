"""Who leads, as the database knows it: its advisory lock, its ledger's epochs, and entries nobody else has heard of."""

from collections.abc import Sequence
from datetime import datetime

import psycopg

from dispatch.facts.entry import GENESIS, Entry
from dispatch.ledger.journal import Note
from dispatch.statements import statement


class Forked(Exception):  # noqa: N818 - it says what is the case
    """The database's ledger and the journal hold different entries under one number: a person must look."""


class Superseded(Exception):  # noqa: N818 - it says what is the case
    """Another desk leads, in a newer epoch: this one decides nothing more."""


async def alone(connection: psycopg.AsyncConnection) -> bool:
    """True when this connection holds the lock of who leads; it does until it ends."""
    row = await (await connection.execute(statement("lead_lock"))).fetchone()
    await connection.commit()
    return row is not None and bool(row[0])


async def holder(connection: psycopg.AsyncConnection) -> tuple[int, datetime] | None:
    """The session that holds the lock and since when the server waits for its client; None when it does not wait."""
    row = await (await connection.execute(statement("lead_holder"))).fetchone()
    return (int(row[0]), row[1]) if row is not None and row[2] else None


async def end(connection: psycopg.AsyncConnection, pid: int) -> None:
    """The session of the database with this number has ended, and holds no lock."""
    await connection.execute(statement("lead_end"), {"pid": pid})
    await connection.commit()


async def head(connection: psycopg.AsyncConnection) -> tuple[int, bytes]:
    """Number and digest of the last entry the database has."""
    row = await (await connection.execute(statement("ledger_head"))).fetchone()
    return (int(row[0]), bytes(row[1])) if row is not None else (0, GENESIS)


async def digest_of(connection: psycopg.AsyncConnection, n: int) -> bytes:
    """The digest of the database's entry `n`; that before the first for 0."""
    row = await (await connection.execute(statement("ledger_digest"), {"entry": n})).fetchone()
    return bytes(row[0]) if row is not None else GENESIS


async def newest_epoch(connection: psycopg.AsyncConnection) -> int:
    """The epoch of the last desk that has begun to lead, 1 before any other followed the first."""
    row = await (await connection.execute(statement("lead_epoch"))).fetchone()
    return int(row[0]) if row is not None and row[0] is not None else 1


async def leave_behind(
    connection: psycopg.AsyncConnection, stream: str, entries: Sequence[Entry], notes: Sequence[Note]
) -> None:
    """Entries that the ledger does not have lie ready for whoever leads; each once, however often they are left."""
    async with connection.transaction():
        for one in entries:
            await connection.execute(
                statement("stray_keep"),
                {
                    "digest": one.digest,
                    "stream": stream,
                    "entry": one.content.n,
                    "kind": one.content.kind,
                    "at": one.content.at,
                    "body": one.body,
                },
            )
        for note in notes:
            await connection.execute(
                statement("note_keep"), {"digest": note.digest, "salt": note.salt, "note": note.text}
            )
