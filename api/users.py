"""Users and their passwords, kept as argon2id hashes (RFC 9106, the library's low-memory profile)."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import psycopg
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.database import Database
from api.identity import Role, check
from api.statements import statement
from devices.model import CODE

LONGEST_PASSWORD = 256

_hasher = PasswordHasher()
_one_at_a_time = asyncio.Semaphore(1)
"""A hash takes 64 MiB: sign-ins wait for each other, so that many at once cannot take the memory of the alarms."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signs in by name. `scope`: the code their role is for, if it needs one."""

    name: str
    role: Role
    scope: str | None


def create(connection: psycopg.Connection, name: str, role: Role, scope: str | None) -> str:
    """The user exists with this role and a new random password, which is returned; an earlier one counts no longer.

    Raises ValueError for a name that is no code, or a role and scope that do not fit.
    """
    if not CODE.fullmatch(name):
        raise ValueError(f"user name {name[:80]!r} must be 1 to 64 letters, digits, dots, dashes or underscores")
    check(role, scope)
    password = secrets.token_urlsafe(12)
    values = {"name": name, "role": str(role), "scope": scope, "password_hash": _hasher.hash(password)}
    with connection.transaction():
        connection.execute(statement("user_put"), values)
    return password


def note_token(
    connection: psycopg.Connection,
    id: str,
    whose: tuple[Role, str | None, str | None],
    span: tuple[datetime, datetime],
    by: str,
) -> None:
    """A token of this id was given out, for a role, code and name, from when until when; so it can be ended."""
    role, scope, name = whose
    row = {"id": id, "role": str(role), "scope": scope, "name": name, "issued_by": by}
    connection.execute(statement("token_issued"), row | {"issued_at": span[0], "expires_at": span[1]})


async def new_password() -> tuple[str, str]:
    """A random password and its hash, made beside the loop while no other is being made."""
    password = secrets.token_urlsafe(12)
    async with _one_at_a_time:
        return password, await asyncio.to_thread(_hasher.hash, password)


async def verify(database: Database, name: str, password: str) -> User | None:
    """The user of this name if the password is theirs. A name nobody has takes as long as a wrong password.

    Raises api.database.Away.
    """
    rows = await database.rows("user", {"name": name}) if CODE.fullmatch(name) else []
    async with _one_at_a_time:
        kept = rows[0]["password_hash"] if rows else await asyncio.to_thread(_nobody)
        fits = await asyncio.to_thread(_fits, kept, password)
    if not rows or not fits:
        return None
    return User(rows[0]["name"], Role(rows[0]["role"]), rows[0]["scope"])


@cache
def _nobody() -> str:
    """A hash that no password fits, made when first needed: it takes a third of a second."""
    return _hasher.hash(secrets.token_urlsafe(16))


def _fits(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
