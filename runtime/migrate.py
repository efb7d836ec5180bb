"""The schema, brought forward: numbered files of `migrations/`, each applied once, in order, then never changed."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql

from runtime.statements import statement
from runtime.trouble import Trouble

FOLDER = Path(__file__).parent / "migrations"
ALONE = "-- no transaction"
TABLE = """
CREATE TABLE IF NOT EXISTS migrations (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    digest     text NOT NULL,
    applied_at timestamptz NOT NULL
)
"""
LOCK = 0x66697265  # "fire", the advisory lock of whoever migrates


class MigrationTrouble(Trouble):
    """The database and the code do not fit; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file. `alone`: its first line says it cannot run inside a transaction."""

    number: int
    name: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def alone(self) -> bool:
        """Whether it must run outside a transaction."""
        return self.text.startswith(ALONE)


def read(folder: Path = FOLDER) -> list[Migration]:
    """The files in order. Raises `MigrationTrouble` unless they are numbered 1, 2, 3 … without gap or double."""
    found = []
    for file in sorted(folder.glob("*.sql")):
        match = re.fullmatch(r"(\d{4})_\w+\.sql", file.name)
        if match is None:
            raise MigrationTrouble(f"migration {file.name}: its name must be like 0001_what.sql")
        found.append(Migration(int(match[1]), file.stem, file.read_text(encoding="utf-8")))
    if [one.number for one in found] != list(range(1, len(found) + 1)):
        raise MigrationTrouble(f"migrations are not numbered without gap: {', '.join(one.name for one in found)}")
    return found


def plan(files: Sequence[Migration], applied: Sequence[tuple[int, str, str]]) -> list[Migration]:
    """What is left to apply, given rows (number, name, digest) already applied, in order.

    Raises `MigrationTrouble` when the database is newer than the files, or an applied file has changed since.
    """
    if len(applied) > len(files):
        newer = applied[len(files)][1]
        raise MigrationTrouble(f"the database is newer than this FireGrid (it has {newer}): install that version")
    for file, (_number, name, digest) in zip(files, applied, strict=False):
        if (file.name, file.digest) != (name, digest):
            raise MigrationTrouble(
                f"migration {file.name} was changed after this database applied {name}: restore the file, add a new one"
            )
    return list(files[len(applied) :])


def pending(url: str, folder: Path = FOLDER) -> list[str]:
    """Names of the migrations the database still lacks. Raises `MigrationTrouble`, `psycopg.OperationalError`."""
    with psycopg.connect(url, autocommit=True) as connection:
        return [one.name for one in plan(read(folder), _applied(connection))]


def migrate(url: str, now: datetime, folder: Path = FOLDER) -> list[str]:
    """The database has the current schema; the names just applied. Two at once apply each file once.

    Raises `MigrationTrouble`, and `psycopg.OperationalError` where there is no connection.
    """
    files = read(folder)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        connection.execute(TABLE)
        left = plan(files, _applied(connection))
        for one in left:
            try:
                _apply(connection, one, now)
            except psycopg.Error as error:
                raise MigrationTrouble(f"migration {one.name}: {str(error).splitlines()[0]}") from error
        return [one.name for one in left]


def _apply(connection: psycopg.Connection, one: Migration, now: datetime) -> None:
    row = (one.number, one.name, one.digest, now)
    if one.alone:
        connection.execute(sql.SQL(one.text))
        connection.execute(statement("insert_migration"), row)
        return
    with connection.transaction():
        connection.execute(sql.SQL(one.text))
        connection.execute(statement("insert_migration"), row)


def _applied(connection: psycopg.Connection) -> list[tuple[int, str, str]]:
    there = connection.execute("SELECT to_regclass('migrations')").fetchone()
    if there is None or there[0] is None:
        return []
    return connection.execute(statement("applied_migrations")).fetchall()
