"""Blackouts: for works and tests, the alarms of a place, gateway or device call nobody for a time."""

from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from api import answer, shapes
from api.access import Area, Verb
from api.answer import Cursor, Limit
from api.context import Caller, Context, Here
from api.moment import moment
from api.problem import forbidden, nothing
from api.why import Why

router = APIRouter(prefix="/api/blackouts", tags=["blackouts"])


@router.get("", responses=shapes.page(shapes.Blackout))
async def blackouts(
    who: Caller, here: Here, state: Literal["open", "ended"] | None = None, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """Those that have not ended and those of the last day, by id. Memory answers, with the database away too."""
    area = here.area(who, Verb.READ_ALARMS)
    fitting = [
        one
        for one in here.desk.blackouts()
        if state in (None, "ended" if one["state"] == "ended" else "open")
        and _covers(here, area, one["noun"], one["code"])
    ]
    return answer.page(*answer.by_code(fitting, lambda one: one["id"], limit, cursor))


@router.post("", status_code=201, responses=shapes.one(shapes.Blackout))
async def black_out(asked: shapes.NewBlackout, who: Caller, here: Here) -> Response:
    """Who handles the alarms of a place may black them out; their fires only who handles all alarms."""
    area = here.area(who, Verb.HANDLE_ALARM)
    noun, code = _about(asked)
    if not _covers(here, area, noun, code):
        raise forbidden(
            Why.ALARM_NOT_YOURS,
            "alarms are blacked out by command, the place's control room and the leaders of its grids",
        )
    if asked.fire and not area.everything:
        raise forbidden(Why.FIRES_BY_COMMAND, "fires are blacked out by command alone: ask there, or leave fire out")
    request = {
        "noun": noun,
        "code": code,
        "start": moment("from", asked.start) if asked.start is not None else None,
        "until": moment("until", asked.until),
        "why": asked.why,
        "note": asked.note,
        "fire": asked.fire,
    }
    return answer.outcome(await here.desk.black_out(who.actor, request), 201)


@router.delete("/{blackout}", responses=shapes.one(shapes.Blackout))
async def end(blackout: str, who: Caller, here: Here) -> Response:
    """It is over: what is still on calls as usual."""
    area = here.area(who, Verb.HANDLE_ALARM)
    found = here.desk.blackout(blackout)
    if found is None:
        raise nothing("blackout", blackout)
    if not _covers(here, area, found["noun"], found["code"]):
        raise forbidden(
            Why.ALARM_NOT_YOURS, "a blackout is ended by command, the place's control room and the leaders of its grids"
        )
    return answer.outcome(await here.desk.end_blackout(who.actor, blackout))


def _about(asked: shapes.NewBlackout) -> tuple[str, str]:
    for noun, code in (("place", asked.place), ("gateway", asked.gateway), ("device", asked.device)):
        if code is not None:
            return noun, code
    raise ValueError("a blackout is of one thing")


def _covers(here: Context, area: Area, noun: str, code: str) -> bool:
    """True when all places whose alarms it concerns are the area's; of what is not registered, only where all is."""
    if area.everything:
        return True
    registry = here.registry()
    if noun == "place":
        places = {code}
    elif noun == "device":
        found = registry.devices.get(code)
        places = {found.place} if found is not None else set()
    else:
        gateway = registry.gateways.get(code)
        behind = {registry.devices[device].place for device in registry.devices_behind(code)}
        places = {gateway.place, *behind} if gateway is not None else set()
    return bool(places) and all(area.covers(registry, place) for place in places)
