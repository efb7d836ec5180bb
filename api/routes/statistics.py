"""Counts, times, 1-3-5 and the load of alarms, from the views that outside tools read too. Drills are kept out."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query
from starlette.responses import Response

from api import answer, figures, shapes, tally
from api.access import Area, Verb
from api.context import Caller, Context, Here
from api.figures import Question
from api.moment import moment
from api.problem import Problem, nothing
from api.routes.coverage import minutes
from api.why import Why
from devices.registry import Registry
from dispatch.facts.refused import Refused

router = APIRouter(prefix="/api", tags=["statistics"])

SHOWN_BY_DEFAULT = timedelta(days=30)
CSV = "text/csv"

Grid = Annotated[str | None, Query(max_length=64, description="this grid and those below")]
Station = Annotated[str | None, Query(max_length=64, description="its orders, and the incidents it was ordered to")]
From = Annotated[str | None, Query(alias="from", description="epoch ms or RFC 3339; 30 days before `to`")]
To = Annotated[str | None, Query(description="epoch ms or RFC 3339; now")]
By = Annotated[
    Literal["day", "week", "month", "station", "grid"] | None,
    Query(description="also a line for each; days, weeks and months are the district's"),
]
Operators = Annotated[int, Query(ge=1, le=100, description="who share the alarms at the command desk")]
Format = Annotated[Literal["json", "csv"] | None, Query(alias="format", description="rather than by Accept")]


@router.get("/stats", responses=shapes.statistics())
async def stats(
    who: Caller,
    here: Here,
    *,
    grid: Grid = None,
    station: Station = None,
    from_: From = None,
    to: To = None,
    by: By = None,
    operators: Operators = 1,
    format_: Format = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Of what began from `from` up to but without `to`. As CSV: a line for each part, or one for the whole.

    `seconds`: from an order's drafting; `incident_seconds`: from an incident's opening; each as `count`, `p50`, `p90`.
    """
    registry, area = here.registry(), here.area(who, Verb.READ_STATISTICS)
    start, end = _range(here, from_, to)
    asked = Question(
        registry,
        grid,
        _grids(registry, area, grid),
        _station(registry, area, station),
        start,
        end,
        here.clock(),
        here.timezone,
    )
    if format_ == "csv" or (format_ is None and CSV in accept):
        sheet = tally.sheet(await figures.lines(here, asked, by or "whole"))
        return Response(sheet, 200, {"Content-Disposition": 'attachment; filename="stats.csv"'}, CSV)
    lines = await figures.lines(here, asked, by) if by is not None else []
    covered = await minutes(here, asked.grids, start, end)
    return answer.json({**await figures.whole(here, asked, operators), "by": by, "lines": lines, "coverage": covered})


def _range(here: Context, from_: str | None, to: str | None) -> tuple[datetime, datetime]:
    end = moment("to", to) if to is not None else here.clock()
    start = moment("from", from_) if from_ is not None else end - SHOWN_BY_DEFAULT
    if start > end:
        raise Problem(422, Refused(Why.PERIOD_REVERSED, "from: it is after to"))
    return start, end


def _station(registry: Registry, area: Area, station: str | None) -> str | None:
    if station is None:
        return None
    known = registry.stations.get(station)
    if known is None or not area.covers_grid(registry, known.grid):
        raise nothing("station", station)
    return station


def _grids(registry: Registry, area: Area, grid: str | None) -> list[str] | None:
    """The codes one of which must be in an item's chain of grids; None for no limit."""
    if grid is None:
        return None if area.everything else sorted(area.grids)
    if grid not in registry.grids or not area.covers_grid(registry, grid):
        raise nothing("grid", grid)
    return [grid]
