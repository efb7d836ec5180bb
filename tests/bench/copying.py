"""Bare COPY: the very rows FireGrid has just stored, into an empty schema, as fast as one connection writes them."""

import time
from collections.abc import Iterator

import psycopg
from psycopg import sql
from system import SEQS, System

PIECE = 20_000
"""Rows of one transaction."""

TABLES = ("readings_smoke", "readings_electrical")
DATABASE = "copied"


def rate(system: System, first_seq: int) -> float:
    """Rows a second, from the first COPY to the last commit; the servers must be running."""
    pieces = list(_pieces(system.postgres.url(), first_seq))
    _fresh(system)
    with psycopg.connect(system.postgres.url(DATABASE), autocommit=True) as connection:
        _write(connection, pieces[0])  # chunks and connection are warm, as they are in the other runs
        began = time.monotonic()
        for piece in pieces[1:]:
            _write(connection, piece)
        seconds = time.monotonic() - began
    return sum(rows for rows, _ in pieces[1:]) / seconds


def _pieces(url: str, first_seq: int) -> Iterator[tuple[int, dict[str, bytes]]]:
    """(rows, table -> binary COPY image), in order."""
    with psycopg.connect(url, autocommit=True) as connection:
        for begin in range(first_seq, first_seq + SEQS, PIECE):
            images, rows = {}, 0
            for table in TABLES:
                chosen = f"SELECT * FROM {table} WHERE seq >= {begin} AND seq < {begin + PIECE}"
                cursor = connection.cursor()
                with cursor.copy(f"COPY ({chosen}) TO STDOUT (FORMAT binary)") as copy:
                    images[table] = b"".join(bytes(part) for part in copy)
                rows += cursor.rowcount
            if not rows:
                return
            yield rows, images


def _fresh(system: System) -> None:
    with psycopg.connect(system.postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
    system.postgres.make_database(DATABASE)
    system.command("migrate", FIREGRID_DATABASE_URL=system.postgres.url(DATABASE))


def _write(connection: psycopg.Connection, piece: tuple[int, dict[str, bytes]]) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        for table, image in piece[1].items():
            with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                copy.write(image)
