"""Coverage now (此刻三分钟圈): where no free crew on duty can be within three minutes, and which stations answer."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query
from numpy.typing import NDArray
from starlette.responses import Response

from api import answer
from api.access import Area, Verb
from api.answer import Cursor, Limit
from api.context import Caller, Context, Here
from api.problem import Problem, nothing
from api.why import Why
from devices import instant
from devices.model import StationKind
from devices.registry import Registry
from dispatch.cover.coverage import Now, Readiness
from dispatch.facts.refused import Refused
from dispatch.ways.ground import Picture


def router(coverage: Callable[[], Now | None]) -> APIRouter:
    """The address of what `coverage` holds, for where somebody keeps it."""
    only = APIRouter(prefix="/api", tags=["statistics"])

    @only.get("/coverage", name="coverage")
    async def now(
        who: Caller,
        here: Here,
        grid: Annotated[str | None, Query(max_length=64, description="this grid and those below")] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """Which places no free crew on duty can reach in time, as of now, with how long the nearest would take.

        `uncovered` comes in pages by code; all else is of the whole answer.
        """
        area = here.area(who, Verb.READ_STATISTICS)
        found = coverage()
        if found is None:
            said = Refused(Why.COVERAGE_SOON, "coverage is being computed; try again in a few seconds")
            raise Problem(503, said, {"Retry-After": "2"})
        registry = found.picture.ground.registry
        if grid is not None and (grid not in registry.grids or not area.covers_grid(registry, grid)):
            raise nothing("grid", grid)
        return answer.json(_shape(here, found, _scopes(area, grid), limit, cursor))

    return only


async def minutes(here: Context, scopes: list[str] | None, start: datetime, end: datetime) -> dict[str, Any]:
    """Of the hours that began from `start` up to but without `end`: how long it was watched, and how long places of the
    grids `scopes` and below (None: the district, as `grid` null, and all) stood uncovered.
    """
    registry = here.registry()
    below = None if scopes is None else [code for code in registry.grids if registry.within(code, scopes)]
    rows = await here.rows("stats_coverage", {"from": start, "to": end, "grids": below})
    return {
        "watched_minutes": round(rows[0]["watched_minutes"], 1) if rows else 0,
        "grids": [
            {
                "grid": row["grid"] or None,
                "uncovered_minutes": round(row["uncovered_minutes"], 1),
                "place_minutes": round(row["place_minutes"], 1),
            }
            for row in rows
            if row["grid"] or scopes is None
        ],
    }


def _scopes(area: Area, grid: str | None) -> frozenset[str] | None:
    if grid is not None:
        return frozenset({grid})
    return None if area.everything else area.grids


def _shape(here: Context, found: Now, scopes: frozenset[str] | None, limit: int, cursor: str | None) -> dict[str, Any]:
    picture = found.picture
    ground = picture.ground
    inside = _inside(picture, scopes)
    total, uncovered = int(np.count_nonzero(inside)), picture.uncovered & inside
    left = int(np.count_nonzero(uncovered))
    chosen, following = answer.by_code(
        np.flatnonzero(uncovered).tolist(), lambda number: ground.places[number], limit, cursor
    )
    return {
        "as_of": instant.text(found.as_of),
        "within_s": picture.within_s,
        "places": {"total": total, "covered": total - left, "uncovered": left},
        "grids": _grids(picture, scopes),
        "uncovered": [_place(picture, number) for number in chosen],
        "next": following,
        "stations": _stations(here, found, scopes),
    }


def _inside(picture: Picture, scopes: frozenset[str] | None) -> NDArray[np.bool_]:
    ground = picture.ground
    if scopes is None:
        return np.ones(len(ground.places), np.bool_)
    wanted = np.isin(ground.grids, list(scopes))
    inside = np.zeros(len(ground.places), np.bool_)
    inside[ground.inside[0][wanted[ground.inside[1]]]] = True
    return inside


def _grids(picture: Picture, scopes: frozenset[str] | None) -> list[dict[str, Any]]:
    ground = picture.ground
    registry = ground.registry
    totals = ground.counted(np.ones(len(ground.places), np.bool_))
    return [
        {
            "code": code,
            "name": registry.grids[code].name,
            "level": registry.grids[code].level,
            "places": int(total),
            "covered": int(total - left),
            "uncovered": int(left),
        }
        for code, total, left in zip(ground.grids, totals, picture.by_grid, strict=True)
        if _within(registry, code, scopes)
    ]


def _place(picture: Picture, number: int) -> dict[str, Any]:
    place = picture.ground.registry.places[picture.ground.places[number]]
    nearest, seconds = picture.nearest(number)
    return {
        "place": place.code,
        "name": place.name,
        "category": place.category,
        "grid": place.grid,
        "lon": place.lon,
        "lat": place.lat,
        "nearest": nearest,
        "eta_s": seconds,
    }


def _stations(here: Context, found: Now, scopes: frozenset[str] | None) -> dict[str, Any]:
    """How they stand, and coverage as the documents mean it (全覆盖): of all registered, those that answer."""
    registry = found.picture.ground.registry
    pairs = [
        (registry.stations[code], stands)
        for code, stands in zip(found.picture.ground.stations, found.readiness, strict=True)
        if _within(registry, registry.stations[code].grid, scopes)
    ]
    ours = [one.code for one, _ in pairs if one.kind is not StationKind.BRIGADE]
    standing = Counter(stands for _, stands in pairs)
    on_line = sum(here.hub.screens(f"station:{code}") > 0 for code in ours)
    covered = sum(here.desk.covered(code) for code in ours)
    return {
        **{each.value: standing[each] for each in Readiness},
        "registered": len(ours),
        "with_screen": on_line,
        "covered": covered,
        "covered_pct": round(100 * covered / len(ours), 1) if ours else None,
    }


def _within(registry: Registry, grid: str, scopes: frozenset[str] | None) -> bool:
    return scopes is None or registry.within(grid, scopes)
