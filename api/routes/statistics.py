"""Counts and times from the projections. Drills are kept out."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api import answer
from api.access import Area, Verb
from api.context import Caller, Here
from api.moment import moment
from api.problem import nothing
from api.routes.coverage import minutes
from devices import instant
from devices.registry import Registry

router = APIRouter(prefix="/api", tags=["statistics"])

SHOWN_BY_DEFAULT = timedelta(days=30)


@router.get("/stats")
async def stats(
    who: Caller,
    here: Here,
    grid: Annotated[str | None, Query(max_length=64, description="this grid and those below")] = None,
    from_: Annotated[str | None, Query(alias="from", description="epoch ms or RFC 3339; 30 days before `to`")] = None,
    to: Annotated[str | None, Query(description="epoch ms or RFC 3339; now")] = None,
) -> Response:
    """Of what began from `from` up to but without `to`: counts of alarms, incidents and orders, and the orders' times.

    `seconds`: from drafting to delivered, acknowledged, turned out, arrived, controlled, as `count`, `p50`, `p90`.
    """
    registry = here.registry()
    grids = _grids(registry, here.area(who, Verb.READ_STATISTICS), grid)
    end = moment("to", to) if to is not None else here.clock()
    start = moment("from", from_) if from_ is not None else end - SHOWN_BY_DEFAULT
    values = {"from": start, "to": end, "grids": grids}
    counts = await here.rows("stats_counts", values)
    times = await here.rows("stats_times", values)
    return answer.json(
        {
            "grid": grid,
            "from": instant.text(start),
            "to": instant.text(end),
            "alarms": _counted(counts, "alarms"),
            "incidents": {
                "total": sum(row["count"] for row in counts if row["noun"] == "incidents"),
                "by_kind": _counted(counts, "incidents"),
                "by_verdict": _counted(counts, "verdicts"),
            },
            "orders": {"by_state": _counted(counts, "orders"), "by_kind": _counted(counts, "order_kinds")},
            "seconds": _times(times),
            "coverage": await minutes(here, grids, start, end),
        }
    )


def _counted(rows: list[dict[str, Any]], noun: str) -> dict[str, int]:
    return {row["name"]: row["count"] for row in rows if row["noun"] == noun}


def _times(rows: list[dict[str, Any]]) -> dict[str, Any]:
    kinds: dict[str, Any] = {}
    for row in rows:
        figures = {"count": row["count"], "p50": row["p50"], "p90": row["p90"]}
        kinds.setdefault(row["kind"], {})[row["event"]] = figures
    return kinds


def _grids(registry: Registry, area: Area, grid: str | None) -> list[str] | None:
    """The codes one of which must be in an item's chain of grids; None for no limit."""
    if grid is None:
        return None if area.everything else sorted(area.grids)
    if grid not in registry.grids or not area.covers_grid(registry, grid):
        raise nothing("grid", grid)
    return [grid]
