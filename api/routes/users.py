"""Administrators say who can sign in, hand out tokens, and end both; a secret is in the one answer that makes it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from starlette.responses import Response

from api import access, admin_log, answer, shapes, token, users
from api.access import Verb
from api.admin_log import Deed
from api.answer import Cursor, Limit
from api.context import Caller, Context, Here, away
from api.database import Away
from api.identity import Identity, Role, check
from api.moment import moment
from api.problem import Problem
from api.statements import statement
from api.why import Why
from devices import instant
from dispatch.facts.refused import Refused

router = APIRouter(prefix="/api", tags=["administration"])


@router.get("/users")
async def listed(who: Caller, here: Here) -> Response:
    """Who can sign in, and how many of their tokens count still. No password, nor anything made of one."""
    here.area(who, Verb.ADMINISTER)
    rows = await here.rows("users", {"now": here.clock()})
    return answer.json({"items": [row | {"signed_in_at": _at(row["signed_in_at"])} for row in rows], "next": None})


@router.put("/users/{name}", status_code=201)
async def put(name: shapes.Code, asked: shapes.NewUser, who: Caller, here: Here) -> Response:
    """A new user, or one with another role: a new `password`, said here and never again; earlier tokens have ended."""
    here.area(who, Verb.ADMINISTER)
    role = _known(here, asked.role, asked.scope)
    password, hashed = await users.new_password()
    values = {"name": name, "role": asked.role, "scope": asked.scope, "password_hash": hashed}
    async with _changing(here) as connection:
        await connection.execute(statement("user_put"), values)
        await _end_tokens(here, connection, name)
        deed = Deed("user", "users", name, detail={"role": str(role), "scope": asked.scope})
        await admin_log.add(connection, here.clock(), admin_log.who(who), deed)
    return answer.json({"name": name, "role": role, "scope": asked.scope, "password": password}, 201)


@router.post("/users/{name}/password", status_code=201)
async def new_password(name: shapes.Code, who: Caller, here: Here) -> Response:
    """A new `password`, said here and never again; the old one and the user's tokens count no longer."""
    here.area(who, Verb.ADMINISTER)
    password, hashed = await users.new_password()
    async with _changing(here) as connection:
        made = await connection.execute(statement("user_password"), {"name": name, "password_hash": hashed})
        if made.rowcount == 0:
            raise Problem(404, Refused(Why.USER_UNKNOWN, f"no user {name!r}: PUT makes one", name=name))
        await _end_tokens(here, connection, name)
        await admin_log.add(connection, here.clock(), admin_log.who(who), Deed("password", "users", name))
    return answer.json({"name": name, "password": password}, 201)


@router.delete("/users/{name}", status_code=204, response_class=Response)
async def end(name: shapes.Code, who: Caller, here: Here) -> Response:
    """They sign in no more, and their tokens count no longer: here at once, elsewhere within 5 s."""
    here.area(who, Verb.ADMINISTER)
    if who.name == name:
        raise Problem(409, Refused(Why.SHUT_OUT, "you would shut yourself out: let another administrator do it"))
    async with _changing(here) as connection:
        gone = await connection.execute(statement("user_delete"), {"name": name})
        if gone.rowcount == 0:
            raise Problem(404, Refused(Why.USER_UNKNOWN, f"no user {name!r}", name=name))
        await _end_tokens(here, connection, name)
        await admin_log.add(connection, here.clock(), admin_log.who(who), Deed("user_end", "users", name))
    return Response(status_code=204)


@router.get("/tokens")
async def tokens(who: Caller, here: Here, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """What was handed out here, by `firegrid token` or by signing in, and has not expired, newest first.

    The tokens themselves are kept nowhere.
    """
    here.area(who, Verb.ADMINISTER)
    key = answer.after(cursor, 2)
    after = (moment("cursor", key[0]), key[1]) if key is not None else (None, None)
    values = {"now": here.clock(), "at": after[0], "id": after[1], "most": limit + 1}
    rows = await here.rows("tokens", values)
    items = [row | {name: _at(row[name]) for name in ("issued_at", "expires_at")} for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return answer.page(
        items, answer.following((last["issued_at"].isoformat(), last["id"])) if last is not None else None
    )


@router.post("/tokens", status_code=201)
async def give(asked: shapes.NewToken, who: Caller, here: Here) -> Response:
    """A `token` for a role, said here and never again; `label` stands in the list in the place of a user's name."""
    here.area(who, Verb.ADMINISTER)
    role = _known(here, asked.role, asked.scope)
    now = here.clock()
    until = now + timedelta(days=asked.days)
    made, id = here.tokens.issue_known(role, asked.scope, until, asked.label)
    by = admin_log.who(who)
    row = {"id": id, "role": asked.role, "scope": asked.scope, "name": asked.label, "issued_at": now}
    async with _changing(here) as connection:
        await connection.execute(statement("token_issued"), row | {"expires_at": until, "issued_by": by})
        detail = {"role": asked.role, "scope": asked.scope, "until": instant.text(until)}
        await admin_log.add(connection, now, by, Deed("token", "tokens", id, detail=detail))
    return answer.json({"token": made, "id": id, "role": role, "scope": asked.scope, "expires_at": _at(until)}, 201)


@router.delete("/tokens/{id}", status_code=204, response_class=Response)
async def revoke(id: str, who: Caller, here: Here) -> Response:
    """It counts no longer: here at once, elsewhere within 5 s."""
    here.area(who, Verb.ADMINISTER)
    rows = await here.rows("token", {"id": id[:64]})
    if not rows:
        raise Problem(404, Refused(Why.TOKEN_UNKNOWN, "no such token was handed out, or it has expired"))
    await _revoke(here, who, id, rows[0]["expires_at"])
    return Response(status_code=204)


@router.post("/tokens/revoke", status_code=204, response_class=Response)
async def revoke_given(asked: shapes.GivenToken, who: Caller, here: Here) -> Response:
    """The same for a token that somebody holds in hand, listed or not."""
    here.area(who, Verb.ADMINISTER)
    try:
        found = here.tokens.verify(asked.token.strip(), here.clock())
    except token.Refused as refused:
        raise Problem(422, Refused(Why.TOKEN_WRONG, str(refused))) from None
    await _revoke(here, who, found.token, found.expires_at)
    return Response(status_code=204)


async def _revoke(here: Context, who: Identity, id: str, expires_at: Any) -> None:  # noqa: ANN401 - a time
    async with _changing(here) as connection:
        await connection.execute(statement("revoke"), {"id": id, "expires_at": expires_at})
        await admin_log.add(connection, here.clock(), admin_log.who(who), Deed("token_end", "tokens", id))
    here.tokens.revoked |= {id}


async def _end_tokens(here: Context, connection: AsyncConnection[Any], name: str) -> None:
    async with connection.cursor(row_factory=dict_row) as cursor:
        ended = await (await cursor.execute(statement("tokens_end"), {"name": name, "now": here.clock()})).fetchall()
    here.tokens.revoked |= {row["id"] for row in ended}


def _known(here: Context, role: str, scope: str | None) -> Role:
    """Raises Problem 422 where role and code do not fit, or nothing is registered by that code."""
    try:
        check(Role(role), scope)
    except ValueError:
        needs = (
            "needs a code: say which station, person or place" if scope is None else "is for no code: leave it empty"
        )
        raise Problem(422, Refused(Why.ROLE_SCOPE, f"role {role} {needs}", role=role)) from None
    if not access.registered(here.registry(), Identity("", Role(role), scope, None, here.clock())):
        said = f"nothing is registered as {scope!r} for role {role}: correct the code, or register it first"
        raise Problem(422, Refused(Why.ROLE_UNREGISTERED, said, role=role, named=scope or ""))
    return Role(role)


@asynccontextmanager
async def _changing(here: Context) -> AsyncIterator[AsyncConnection[Any]]:
    """One transaction: the change and the line about it, or neither.

    Raises Problem 503 while the database is away.
    """
    try:
        async with here.reachable.connection() as connection, connection.transaction():
            yield connection
    except Away:
        raise away() from None


def _at(found: Any) -> str | None:  # noqa: ANN401 - a time or None
    return instant.text(found) if found is not None else None


Noun = Annotated[str | None, Query(max_length=64)]


@router.get("/admin-log")
async def log(
    who: Caller,
    here: Here,
    noun: Noun = None,
    code: Noun = None,
    by: Noun = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Who changed what, the newest first: names of columns and digests, not what stood in them."""
    here.area(who, Verb.ADMINISTER)
    key = answer.after(cursor, 1)
    values = {"noun": noun, "code": code, "who": by, "below": _number(key), "most": limit + 1}
    rows = await here.rows("admin_log", values)
    items = [row | {"at": _at(row["at"])} for row in rows[:limit]]
    return answer.page(items, answer.following((str(items[-1]["id"]),)) if len(rows) > limit else None)


def _number(key: Sequence[str] | None) -> int | None:
    """Raises Problem 422 for a cursor of another list."""
    if key is None:
        return None
    if not key[0].isdecimal():
        raise Problem(422, "cursor: give back a `next` unchanged, with the same filters")
    return int(key[0])
