"""The key that signs tokens: made once, kept in the database and in the data folder, so that either alone is enough."""

import os
import secrets
from pathlib import Path

import psycopg

from api.statements import statement
from api.token import KEY_BYTES


def settle(folder: Path, connection: psycopg.Connection | None) -> bytes:
    """The one key, kept in both places. `connection` is None while the database is away: then the folder's key counts,
    and is made if there is none. Where both have one the database's wins, since other machines use it.

    Raises OSError, or psycopg.Error.
    """
    path = folder / "token.key"
    kept = path.read_bytes() if path.exists() else None
    key = kept or secrets.token_bytes(KEY_BYTES)
    if connection is not None:
        key = _offer(connection, key)
    if key != kept:
        _write(path, key)
    return key


def _offer(connection: psycopg.Connection, key: bytes) -> bytes:
    with connection.transaction():
        connection.execute(statement("key_offer"), {"key": key})
        row = connection.execute(statement("key")).fetchone()
    if row is None:
        raise RuntimeError("token_keys is empty after an insert")
    return bytes(row[0])


def _write(path: Path, key: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
