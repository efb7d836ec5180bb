"""The duty roster: who is on shift where, today and the days after, and where nobody is."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api import answer, roster, shapes
from api.access import Verb
from api.answer import Cursor, Limit, by_code
from api.context import Caller, Context, Here
from api.problem import nothing
from devices import instant
from devices.model import Station, StationKind
from devices.registry import Registry

router = APIRouter(prefix="/api", tags=["duty"])


@router.get("/roster", responses=shapes.page(shapes.Roster))
async def shifts(
    who: Caller,
    here: Here,
    *,
    grid: Annotated[str | None, Query(max_length=64, description="this grid and those below")] = None,
    day: Annotated[date | None, Query(description="the first day, in the district's time; today")] = None,
    days: Annotated[int, Query(ge=1, le=14)] = 2,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Each station's shifts of these days, without a hole: a span without people is a gap. Brigades are left out."""
    registry, area = here.registry(), here.area(who, Verb.READ_REGISTRY)
    if grid is not None and grid not in registry.grids:
        raise nothing("grid", grid)
    first = day or here.clock().astimezone(here.timezone).date()
    start = datetime.combine(first, time(), here.timezone)
    until = datetime.combine(first + timedelta(days=days), time(), here.timezone)
    found = [
        one
        for one in registry.stations.values()
        if one.kind is not StationKind.BRIGADE
        and area.covers_grid(registry, one.grid)
        and (grid is None or registry.within(one.grid, (grid,)))
    ]
    chosen, following = by_code(found, lambda one: one.code, limit, cursor)
    return answer.page([_station(here, registry, one, start, until) for one in chosen], following)


def _station(here: Context, registry: Registry, one: Station, start: datetime, until: datetime) -> dict[str, Any]:
    spans = roster.spans(registry, one.code, start, until)
    return {
        "station": one.code,
        "name": one.name,
        "grid": one.grid,
        "from": instant.text(start),
        "until": instant.text(until),
        "spans": None
        if spans is None
        else [
            {"from": instant.text(span.start), "until": instant.text(span.until), "people": span.people}
            for span in spans
        ],
        "serving": registry.serving(one.code),
        "taken_over": here.desk.watch(one)["taken_over"],
    }
