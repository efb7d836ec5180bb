"""Alarms: reading them, and acknowledging, shelving, resetting."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api import answer, shapes
from api.access import Area, Verb
from api.answer import Cursor, Limit
from api.context import Caller, Here
from api.desk import Shape
from api.history import Memory, merged, not_held
from api.identity import Identity
from api.moment import moment
from api.problem import Problem, forbidden, nothing
from api.why import Why
from dispatch.facts.alarm import AlarmState

router = APIRouter(prefix="/api/alarms", tags=["alarms"])


@router.get("", responses=shapes.page(shapes.Alarm))
async def alarms(
    who: Caller,
    here: Here,
    device: Annotated[str | None, Query(max_length=64)] = None,
    place: Annotated[str | None, Query(max_length=64)] = None,
    grid: Annotated[str | None, Query(max_length=64, description="this grid and those below")] = None,
    state: Annotated[str | None, Query(description="open, or one state of an alarm")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Newest first. States other than `cleared` answer without the database."""
    area = here.area(who, Verb.READ_ALARMS)
    wanted = _states(state)
    held = _held(here, area)
    fitting = (
        one
        for one in here.desk.alarms_briefly()
        if one["state"] in wanted and _asked_for(one, device, place, grid) and _within(area, held, one)
    )
    past = "alarms" if AlarmState.CLEARED in wanted else None
    values: dict[str, Any] = {
        "device": device,
        "place": place,
        "grid": grid,
        "state": state,
        **not_held(here.desk.alarms_briefly() if past else ()),
        "everything": area.everything,
        "grids": sorted(area.grids),
        "places": sorted(area.places),
        "recipient": area.recipient,
    }
    memory = Memory(fitting, here.desk.alarm, "raised_at")
    return answer.page(*await merged(here, past, values, memory, limit, cursor))


@router.post("/{alarm}/actions", responses=shapes.one(shapes.Alarm))
async def act(alarm: str, asked: shapes.AlarmAction, who: Caller, here: Here) -> Response:
    """A person has seen the alarm, sets it aside until a time, or resets it after looking."""
    area = here.area(who, Verb.HANDLE_ALARM)
    found = here.desk.alarm(alarm)
    if found is None:
        raise nothing("alarm", alarm)
    if not _handles(area, found):
        raise _not_theirs(here, who, found)
    until = moment("until", asked.until) if asked.until is not None else None
    return answer.outcome(await here.desk.act_on_alarm(who.actor, alarm, asked.action, until))


def _handles(area: Area, found: Shape) -> bool:
    return area.covers_at(found["place"], found["grid"])


def _not_theirs(here: Here, who: Identity, found: Shape) -> Problem:
    area = here.area(who, Verb.READ_ALARMS)
    if _within(area, _held(here, area), found):
        return forbidden(
            Why.ALARM_NOT_YOURS, "alarms are handled by command, the place's control room and the leaders of its grids"
        )
    return nothing("alarm", found["id"])


def _held(here: Here, area: Area) -> frozenset[str]:
    if area.recipient is None or area.everything:
        return frozenset()
    return here.desk.incidents_of(area.recipient)


def _within(area: Area, held: frozenset[str], one: Shape) -> bool:
    return one["incident"] in held or area.covers_at(one["place"], one["grid"])


def _asked_for(one: Shape, device: str | None, place: str | None, grid: str | None) -> bool:
    return (
        device in (None, one["device"])
        and place in (None, one["place"])
        and (grid is None or any(above["code"] == grid for above in one["grid"]))
    )


def _states(state: str | None) -> frozenset[AlarmState]:
    if state is None:
        return frozenset(AlarmState)
    if state == "open":
        return frozenset(AlarmState) - {AlarmState.CLEARED}
    if state not in set(AlarmState):
        raise Problem(422, f"state is open, or one of {', '.join(AlarmState)}")
    return frozenset({AlarmState(state)})
