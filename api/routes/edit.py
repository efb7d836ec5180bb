"""Administrators put and delete what is registered, under the rules of a district pack."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body
from psycopg import AsyncConnection
from starlette.responses import Response

from api import admin_log, shapes
from api.access import Verb
from api.context import Caller, Here, away
from api.database import Away
from api.identity import Identity
from api.problem import Problem
from devices import change, edit
from devices.edit import Record
from devices.registry import Registry

router = APIRouter(prefix="/api", tags=["registry"])

_VERBS = {"closures": Verb.CLOSE_WAY}
"""What more than administrators may put and delete."""

Body_ = Annotated[dict[str, Any], Body()]


def _route(noun: str) -> None:
    @router.put(f"/{noun}/{{code}}", status_code=204, response_class=Response, name=f"put {noun}")
    async def put(code: shapes.Code, body: Body_, who: Caller, here: Here) -> Response:
        """As the body says, new or changed as a whole: members as the columns of the pack's file, a grid's `geometry`.

        In force everywhere within about a second.
        """
        here.area(who, _VERBS.get(noun, Verb.EDIT))
        try:
            async with here.reachable.connection() as connection:
                wrong = await edit.put(connection, noun, code, body, _record("put", noun, code, who, here.clock()))
        except Away:
            raise away() from None
        if wrong:
            raise Problem(422, "; ".join(wrong[:3]), errors=wrong[:100])
        return Response(status_code=204)

    @router.delete(f"/{noun}/{{code}}", status_code=204, response_class=Response, name=f"delete {noun}")
    async def delete(code: shapes.Code, who: Caller, here: Here) -> Response:
        """Gone; a device is retired and keeps its history. 409 while something still refers to it."""
        here.area(who, _VERBS.get(noun, Verb.EDIT))
        try:
            async with here.reachable.connection() as connection:
                wrong = await edit.delete(connection, noun, code, _record("delete", noun, code, who, here.clock()))
        except Away:
            raise away() from None
        except KeyError:
            raise Problem(404, f"{noun} has no {code!r}") from None
        if wrong:
            raise Problem(409, "; ".join(wrong[:3]), errors=wrong[:100])
        return Response(status_code=204)


def _record(what: str, noun: str, code: str, who: Identity, at: datetime) -> Record:
    """Writes down who did it, in the change's own transaction."""

    async def record(connection: AsyncConnection[Any], before: Registry, after: Registry) -> None:
        if before != after:
            deed = admin_log.registered(what, noun, code, before, after)
            await admin_log.add(connection, at, admin_log.who(who), deed)

    return record


@router.put("/people/{code}/duties", status_code=204, response_class=Response)
async def duties(code: shapes.Code, body: list[shapes.Duty], who: Caller, here: Here) -> Response:
    """The person has these duties and no other. One they had keeps its place among those who are asked."""
    here.area(who, Verb.EDIT)
    wanted = [{"duty": one.duty, "scope": one.scope} for one in body]
    try:
        async with here.reachable.connection() as connection:
            wrong = await edit.charge(connection, code, wanted, _record("duties", "people", code, who, here.clock()))
    except Away:
        raise away() from None
    except KeyError:
        raise Problem(404, f"people has no {code!r}") from None
    if wrong:
        raise Problem(422, "; ".join(wrong[:3]), errors=wrong[:100])
    return Response(status_code=204)


for _noun in change.NOUNS:
    _route(_noun)
