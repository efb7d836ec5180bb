"""Stations' watches: handed over, checked, and what the checks said."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api import answer, shapes
from api.access import Verb
from api.answer import Cursor, Limit, by_code
from api.context import Caller, Here
from api.press import answer_check, hand_over
from api.problem import Problem, forbidden, nothing
from api.why import Why

router = APIRouter(prefix="/api", tags=["duty"])

STATES = ("open", "answered", "missed")


@router.post("/stations/{code}/handover")
async def take_over(code: str, asked: shapes.Handover, who: Caller, here: Here) -> Response:
    """These people are on watch from now on; answers how the station stands now."""
    area = here.area(who, Verb.HAND_OVER)
    if code not in here.registry().stations:
        raise nothing("station", code)
    if not area.covers_station(here.registry(), code):
        raise forbidden(
            Why.STATION_NOT_YOURS, "a station is handed over by its own screen, its chief and duty officers, or command"
        )
    return answer.outcome(await hand_over(here.desk, who, asked, code))


@router.post("/stations/{code}/duty-checks", status_code=201)
async def check_duty(code: str, who: Caller, here: Here) -> Response:
    """The station is asked whether somebody is there."""
    here.area(who, Verb.CHECK_DUTY)
    outcome = await here.desk.check_duty(who.actor, code)
    if outcome.missing:
        raise nothing("station", code)
    return answer.outcome(outcome, 201)


@router.get("/duty-checks")
async def duty_checks(
    who: Caller,
    here: Here,
    station: Annotated[str | None, Query(max_length=64)] = None,
    state: Annotated[str | None, Query(description="open, answered or missed")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Those of the last day and each station's last, by id."""
    area, registry = here.area(who, Verb.READ_CHECKS), here.registry()
    if state is not None and state not in STATES:
        raise Problem(422, f"state is one of {', '.join(STATES)}")
    found = [
        one
        for one in here.desk.checks()
        if station in (None, one["station"])
        and state in (None, one["state"])
        and area.covers_station(registry, one["station"])
    ]
    return answer.page(*by_code(found, lambda one: str(one["id"]), limit, cursor))


@dataclass(frozen=True, slots=True)
class _Answer:
    ref: str
    check: str
    value: dict[str, Any]


@router.post("/duty-checks/{check}/answer")
async def answer_duty_check(check: str, asked: shapes.CheckAnswer, who: Caller, here: Here) -> Response:
    """A person of the station says that somebody is there."""
    here.area(who, Verb.PRESS)
    outcome = await answer_check(here.desk, who, _Answer(asked.ref, check, {"person": asked.person}))
    if outcome.missing:
        raise nothing("duty check", check)
    return answer.outcome(outcome)
