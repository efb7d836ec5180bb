"""Who changed what: written in the transaction of the change itself, so that neither is there without the other.

It holds names of columns and digests, never what stood in them, and no secret.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from api.identity import Identity
from api.statements import statement
from devices import columns
from devices.registry import Registry

COMMAND_LINE = "command line"
"""Who changes something with `firegrid`: whoever may read the data folder."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One change. `what`: put, delete, duties, pack, user, password, user_end, token, token_end, gateway_password,
    gateway_password_end. `before` and `after`: SHA-256 of the thing, None where there was or is none.
    """

    what: str
    noun: str | None = None
    code: str | None = None
    changed: tuple[str, ...] = ()
    before: bytes | None = None
    after: bytes | None = None
    detail: Mapping[str, Any] | None = None

    def row(self, at: datetime, who: str) -> dict[str, Any]:
        """As the table takes it."""
        detail = Jsonb(dict(self.detail)) if self.detail is not None else None
        values = {name: getattr(self, name) for name in ("what", "noun", "code", "before", "after")}
        return {**values, "changed": list(self.changed), "detail": detail, "at": at, "who": who}


def who(identity: Identity) -> str:
    """The user's name, or of a token without one its role and the beginning of its id."""
    return identity.name or f"{identity.role} token {identity.token[:6]}"


def registered(what: str, noun: str, code: str, before: Registry, after: Registry) -> Deed:
    """A change of one thing of the registry."""
    was, now = (_told(registry, noun, code) for registry in (before, after))
    names = sorted(name for name in {**(was or {}), **(now or {})} if (was or {}).get(name) != (now or {}).get(name))
    return Deed(what, noun, code, tuple(names), _digest(was), _digest(now))


async def add(connection: psycopg.AsyncConnection[Any], at: datetime, by: str, deed: Deed) -> None:
    """It is written down, within the caller's transaction."""
    await connection.execute(statement("admin_log_add"), deed.row(at, by))


def add_now(connection: psycopg.Connection[Any], at: datetime, by: str, deed: Deed) -> None:
    """The same for the command line."""
    connection.execute(statement("admin_log_add"), deed.row(at, by))


def _told(registry: Registry, noun: str, code: str) -> dict[str, Any] | None:
    value = getattr(registry, noun).get(code)
    if value is None:
        return None
    told = columns.row(noun, value)
    if noun == "grids":
        told["geometry"] = value.polygon
    if noun == "people":
        told["duties"] = [[duty.duty.value, duty.scope] for duty in registry.duties_of(code)]
    return told


def _digest(told: dict[str, Any] | None) -> bytes | None:
    return None if told is None else hashlib.sha256(msgspec.json.encode(told, order="sorted")).digest()
