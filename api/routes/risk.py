"""The risk map: each grid's index and colour, made anew once a minute."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import answer, condition, risk, shapes
from api.access import Verb
from api.context import Caller, Context, Here
from api.problem import Problem, nothing
from devices import instant
from devices.registry import Registry
from dispatch.facts.alarm import PRIORITY, AlarmKind

router = APIRouter(prefix="/api", tags=["statistics"])

PERIOD = timedelta(days=30)
KEPT = timedelta(minutes=1)
OUT = frozenset({kind for kind in AlarmKind if PRIORITY[kind] >= PRIORITY[AlarmKind.FAULT]})
"""Alarms that say a device cannot be relied on."""


class Risks:
    """The last answer, kept for a minute, and longer while the database is away."""

    def __init__(self) -> None:
        self._kept: tuple[int, datetime, dict[str, risk.Risk]] | None = None

    async def get(self, here: Context) -> tuple[datetime, dict[str, risk.Risk]]:
        """When it was made, and each grid's risk.

        Raises Problem 503 where none was made of this registry yet and the database is away.
        """
        registry, now, kept = here.registry(), here.clock(), self._kept
        known = kept[1:] if kept is not None and kept[0] == registry.version else None
        if known is not None and now - known[0] < KEPT:
            return known
        try:
            made = (now, await _made(here, registry, now))
        except Problem:
            if known is None:
                raise
            return known
        self._kept = (registry.version, *made)
        return made


async def _made(here: Context, registry: Registry, now: datetime) -> dict[str, risk.Risk]:
    span = {"from": now - PERIOD, "to": now}
    happened = {row["grid"]: row for row in await here.rows("risk_incidents", span)}
    stood = {row["grid"]: row for row in await here.rows("risk_uncovered", span)}
    watched = stood[""]["watched_minutes"] if "" in stood else 0.0
    out = risk.out_of_order(registry, _out(here, registry))
    return {
        code: risk.of(
            about,
            risk.Past(
                happened[code]["incidents"] if code in happened else 0,
                happened[code]["false_alarms"] if code in happened else 0,
                stood[code]["place_minutes"] if code in stood else 0.0,
            ),
            out.get(code, 0),
            watched,
        )
        for code, about in registry.once(risk.ground).items()
    }


def _out(here: Context, registry: Registry) -> set[str]:
    """Devices that are offline or faulty, themselves or by their gateway."""
    alarms = list(here.desk.alarms_on())
    devices = {code for code, kinds in condition.kinds_on(alarms).items() if kinds & OUT}
    return devices.union(*(registry.devices_behind(one) for one in condition.gateways_off(alarms)))


@router.get("/risk", responses=shapes.page(shapes.GridRisk))
async def risks(
    request: Request,
    who: Caller,
    here: Here,
    grid: Annotated[str | None, Query(max_length=64, description="this grid and those below")] = None,
) -> Response:
    """Each grid's risk: `index` 0 to 100, its `colour`, and what it is made of. All in one answer."""
    area, registry = here.area(who, Verb.READ_STATISTICS), here.registry()
    if grid is not None and (grid not in registry.grids or not area.covers_grid(registry, grid)):
        raise nothing("grid", grid)
    kept: Risks = request.app.state.risks
    as_of, found = await kept.get(here)
    items = [
        _shape(registry, code, one)
        for code, one in found.items()
        if area.covers_grid(registry, code) and (grid is None or registry.within(code, (grid,)))
    ]
    return answer.json({"as_of": instant.text(as_of), "days": PERIOD.days, "items": items, "next": None})


def _shape(registry: Registry, code: str, one: risk.Risk) -> dict[str, Any]:
    known = registry.grids[code]
    return {
        "code": code,
        "name": known.name,
        "level": known.level,
        "index": one.index,
        "colour": one.colour,
        "parts": [asdict(part) for part in one.parts],
    }
