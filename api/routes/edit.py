"""Administrators put and delete what is registered, under the rules of a district pack."""

from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.responses import Response

from api import shapes
from api.access import Verb
from api.context import Caller, Here, away
from api.database import Away
from api.problem import Problem
from devices import change, edit

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
                wrong = await edit.put(connection, noun, code, body)
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
                wrong = await edit.delete(connection, noun, code)
        except Away:
            raise away() from None
        except KeyError:
            raise Problem(404, f"{noun} has no {code!r}") from None
        if wrong:
            raise Problem(409, "; ".join(wrong[:3]), errors=wrong[:100])
        return Response(status_code=204)


for _noun in change.NOUNS:
    _route(_noun)
