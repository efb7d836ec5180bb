"""`firegrid ledger verify`, `export` and `rebuild`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psycopg

from devices import database, store
from dispatch.ledger import ledger_file
from dispatch.ledger.audit import Audit, Broken
from dispatch.ledger.rebuild import Rebuild
from runtime import located
from runtime.settings import Settings
from runtime.statements import statement
from runtime.terminal import say
from runtime.trouble import Trouble

Row = tuple[int, bytes, bytes, bytes]


def verify(settings: Settings, given: argparse.Namespace) -> int:
    """The ledger's chain holds from its first entry to its last, in the database or in an exported file."""
    audit = Audit()
    try:
        if given.file is None:
            _verify_database(settings, audit)
        else:
            with _opened(given.file) as file:
                for row in ledger_file.read(file):
                    audit.take(*row)
    except Broken as broken:
        raise Trouble(f"ledger: {broken}") from None
    say(f"{audit.count} entries, the chain holds; last digest {audit.digest.hex()}")
    return 0


def _verify_database(settings: Settings, audit: Audit) -> None:
    with located.database(settings) as connection, connection.cursor(name="ledger") as cursor:
        for number, at, kind, prev, digest, body in cursor.execute(statement("ledger_whole")):
            content = audit.take(number, bytes(prev), bytes(digest), bytes(body))
            if (content.at, content.kind) != (at, kind):
                raise Broken(
                    f"entry {number}: its columns at and kind do not say what its bytes say; they were changed"
                )


def export(settings: Settings, given: argparse.Namespace) -> int:
    """The file (or standard output) holds every entry with its bytes and digests."""
    if given.file is None:
        _write(sys.stdout, given.format or "csv", _rows(settings))
        return 0
    form = given.format or ledger_file.format_of(given.file)
    draft = given.file.with_name(f".{given.file.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            count, last = _write(file, form, _rows(settings))
        draft.replace(given.file)
    except OSError as error:
        raise Trouble(f"{given.file}: {error.strerror or error}; name a file that can be written") from None
    finally:
        draft.unlink(missing_ok=True)
    say(f"{count} entries in {given.file}; last digest {last}")
    return 0


def _write(file: IO[str], form: str, rows: Iterator[Row]) -> tuple[int, str]:
    count, last = 0, bytes(32)
    for number, prev, digest, body in rows:
        ledger_file.write(file, form, number, prev, digest, body)
        count, last = count + 1, digest
    return count, last.hex()


def _rows(settings: Settings) -> Iterator[Row]:
    with located.database(settings) as connection, connection.cursor(name="ledger") as cursor:
        for number, _at, _kind, prev, digest, body in cursor.execute(statement("ledger_whole")):
            yield number, bytes(prev), bytes(digest), bytes(body)


def _opened(path: Path) -> IO[str]:
    try:
        return path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise Trouble(f"{path}: {error.strerror or error}; name a file that `ledger export` has written") from None


def rebuild(settings: Settings, _given: argparse.Namespace) -> int:
    """Alarms, incidents, orders and timelines are what the ledger says; how many were not is printed."""
    with located.database(settings):
        pass  # says in a sentence what is wrong, if the database is away or has no schema
    entries, tables = asyncio.run(_rebuild(located.database_url(settings)))
    for table, (rows, mended) in tables.items():
        say(f"{table}: {rows} rows, {mended} set right" if mended else f"{table}: {rows} rows, all as they were")
    say(f"rebuilt from {entries} entries")
    return 0


async def _rebuild(url: str) -> tuple[int, dict[str, tuple[int, int]]]:
    try:
        async with await database.connect(url, "firegrid-rebuild") as connection:
            work = Rebuild(connection, await store.load(connection))
            tables = await work.run()
            return work.entries, tables
    except Broken as broken:
        raise Trouble(f"ledger: {broken}") from None
    except psycopg.errors.LockNotAvailable:
        raise Trouble(
            "the ledger is in use for too long: try again when less is going on; nothing was changed"
        ) from None
