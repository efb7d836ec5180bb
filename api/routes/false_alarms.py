"""False alarms of late, by device and by place: whom to look at before somebody switches a detector off."""

from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from api import answer, shapes
from api.access import Area, Verb
from api.answer import Cursor, Limit
from api.context import Caller, Context, Here
from api.desk import Shape

router = APIRouter(prefix="/api/false-alarms", tags=["statistics"])


@router.get("", responses=shapes.page(shapes.FalseAlarms))
async def false_alarms(
    who: Caller, here: Here, noun: Literal["device", "place"] | None = None, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """By noun and code. Memory answers, with the database away too."""
    area = here.area(who, Verb.READ_STATISTICS)
    found = [one for one in here.desk.false_alarms() if noun in (None, one["noun"]) and _covers(here, area, one)]
    return answer.page(*answer.by_code(found, lambda one: f"{one['noun']} {one['code']}", limit, cursor))


def _covers(here: Context, area: Area, one: Shape) -> bool:
    registry = here.registry()
    device = registry.devices.get(one["code"]) if one["noun"] == "device" else None
    return area.covers(registry, device.place if device is not None else one["code"])
