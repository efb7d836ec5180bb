"""Gateways' MQTT passwords: made here, kept as hashes; the simulator remembers only those it made."""

import secrets
from datetime import datetime
from pathlib import Path

import psycopg

from devices import broker_access
from runtime.statements import statement
from runtime.trouble import Trouble
from simulators import credentials


def make_missing(connection: psycopg.Connection, data: Path, now: datetime) -> dict[str, str]:
    """Gateway -> password, for those whose password the simulator knows; gateways that had none have one now."""
    known = credentials.read(data)
    with connection.transaction():
        rows = connection.execute(statement("gateways_without_password")).fetchall()
        for (code,) in rows:
            known[code] = _set_password(connection, code, now)
        if rows:
            connection.execute(statement("access_changed"))
    credentials.write(data, known)
    return known


def renew(connection: psycopg.Connection, code: str, now: datetime) -> str:
    """The gateway has this new password, and no other, within seconds.

    Raises Trouble for a gateway that is not registered.
    """
    with connection.transaction():
        if connection.execute(statement("gateway_registered"), {"gateway": code}).fetchone() is None:
            raise Trouble(f"no gateway {code!r} is registered: import its district pack first, or correct the code")
        password = _set_password(connection, code, now)
        connection.execute(statement("access_changed"))
    return password


def _set_password(connection: psycopg.Connection, code: str, now: datetime) -> str:
    password = secrets.token_urlsafe(18)
    row = {"gateway": code, "hash": broker_access.hash_password(password), "set_at": now}
    connection.execute(statement("gateway_password_set"), row)
    return password
