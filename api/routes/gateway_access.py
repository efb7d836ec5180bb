"""Administrators give gateways the passwords they log in to the broker with."""

import secrets
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api import admin_log, answer, shapes
from api.access import Verb
from api.admin_log import Deed
from api.context import Caller, Context, Here, away
from api.database import Away
from api.identity import Identity
from api.problem import Problem, nothing
from api.statements import statement
from api.why import Why
from devices import broker_access, instant
from dispatch.facts.refused import Refused

router = APIRouter(prefix="/api", tags=["administration"])


@router.get("/gateway-passwords")
async def listed(who: Caller, here: Here) -> Response:
    """Which gateways have a password, and since when; what it is, nobody knows."""
    here.area(who, Verb.ADMINISTER)
    rows = await here.rows("gateway_passwords", {})
    known = here.registry().gateways
    items = [
        {"gateway": row["gateway"], "set_at": instant.text(row["set_at"])} for row in rows if row["gateway"] in known
    ]
    return answer.json({"items": items, "next": None})


@router.post("/gateways/{code}/password", status_code=201)
async def renew(code: shapes.Code, who: Caller, here: Here) -> Response:
    """A new `password`, said here and never again, in force within 5 s; a session begun with the old one goes on."""
    here.area(who, Verb.ADMINISTER)
    if code not in here.registry().gateways:
        raise nothing("gateway", code)
    password = secrets.token_urlsafe(18)
    row = {"gateway": code, "hash": broker_access.hash_password(password), "set_at": here.clock()}
    await _change(here, who, "gateway_password_put", row, Deed("gateway_password", "gateways", code))
    return answer.json({"gateway": code, "password": password}, 201)


@router.delete("/gateways/{code}/password", status_code=204, response_class=Response)
async def end(code: shapes.Code, who: Caller, here: Here) -> Response:
    """The gateway logs in no more, within 5 s, until it is given a new password."""
    here.area(who, Verb.ADMINISTER)
    row = {"gateway": code}
    if await _change(here, who, "gateway_password_delete", row, Deed("gateway_password_end", "gateways", code)) == 0:
        raise Problem(404, Refused(Why.PASSWORD_NONE, f"gateway {code!r} has no password", gateway=code))
    return Response(status_code=204)


async def _change(here: Context, who: Identity, name: str, row: dict[str, Any], deed: Deed) -> int:
    try:
        async with here.reachable.connection() as connection, connection.transaction():
            changed = (await connection.execute(statement(name), row)).rowcount
            if changed:
                await connection.execute(statement("access_grown"))
                await admin_log.add(connection, here.clock(), admin_log.who(who), deed)
            return changed
    except Away:
        raise away() from None
