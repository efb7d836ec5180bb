"""Drills: opened and closed here, played through MQTT and websocket like anything real."""

from fastapi import APIRouter
from starlette.responses import Response

from api import answer, shapes
from api.access import Verb
from api.context import Caller, Here

router = APIRouter(prefix="/api/drills", tags=["drills"])


@router.post("", status_code=201)
async def open_drill(asked: shapes.NewDrill, who: Caller, here: Here) -> Response:
    """The drill is open; its `id` is what items name under `drill`."""
    here.area(who, Verb.DRILL)
    return answer.outcome(await here.desk.open_drill(who.actor, asked.model_dump()), 201)


@router.post("/{drill}/close")
async def close_drill(drill: str, who: Caller, here: Here) -> Response:
    """The drill is over: items that still name it are real."""
    here.area(who, Verb.DRILL)
    return answer.outcome(await here.desk.close_drill(who.actor, drill))
