"""The registry as lists: grids, places, stations, people, gateways, devices, each by code, filtered by grid."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api import answer, condition, lastseen, shapes
from api.access import Area, Verb
from api.answer import Cursor, Limit, by_code
from api.context import Caller, Context, Here
from api.problem import Problem, nothing
from devices import instant
from devices.model import Closure, DutyKind, Gateway, Grid, Person, Place, Station
from devices.registry import Registry
from devices.rule import Override

router = APIRouter(prefix="/api", tags=["registry"])

InGrid = Annotated[str | None, Query(alias="grid", max_length=64, description="this grid and those below")]


def _registry(here: Context, grid: str | None) -> Registry:
    registry = here.registry()
    if grid is not None and grid not in registry.grids:
        raise nothing("grid", grid)
    return registry


def _inside(registry: Registry, grid: str, wanted: str | None) -> bool:
    return wanted is None or registry.within(grid, (wanted,))


@router.get("/grids")
async def grids(who: Caller, here: Here, grid: InGrid = None, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """Grids with their polygons (MultiPolygon coordinates, WGS-84) and who answers for them."""
    registry = _registry(here, grid)
    area = here.area(who, Verb.READ_REGISTRY)
    found = [
        one
        for one in registry.grids.values()
        if area.covers_grid(registry, one.code) and _inside(registry, one.code, grid)
    ]
    chosen, following = by_code(found, lambda one: one.code, limit, cursor)
    return answer.page([_grid(registry, one) for one in chosen], following)


def _grid(registry: Registry, one: Grid) -> dict[str, Any]:
    leaders = [
        {"code": code, "name": registry.people[code].name, "duty": duty}
        for duty in (DutyKind.LEADER, DutyKind.DEPUTY)
        for code in registry.holders(duty, one.code)
        if code in registry.people
    ]
    return {
        "code": one.code,
        "name": one.name,
        "level": one.level,
        "parent": one.parent,
        "polygon": one.polygon,
        "leaders": leaders,
    }


@router.get("/places")
async def places(who: Caller, here: Here, grid: InGrid = None, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """Places; who is vulnerable and who has the key only for command and the leaders of the place's grids."""
    registry = _registry(here, grid)
    area = here.area(who, Verb.READ_REGISTRY)
    found = [
        one for one in registry.places.values() if _inside(registry, one.grid, grid) and area.covers(registry, one.code)
    ]
    chosen, following = by_code(found, lambda one: one.code, limit, cursor)
    household = _optional(here, who, Verb.READ_HOUSEHOLD)
    return answer.page([_place(registry, one, household) for one in chosen], following)


def _place(registry: Registry, one: Place, household: Area) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "code": one.code,
        "name": one.name,
        "category": one.category,
        "address": one.address,
        "lon": one.lon,
        "lat": one.lat,
        "floors": one.floors,
        "grid": condition.chain(registry, one.grid),
        "station": one.station,
        "risk": one.risk,
        "hazards": one.hazards,
    }
    if household.covers(registry, one.code):
        shape |= {"vulnerable": one.vulnerable, "keyholder": one.keyholder, "plan": one.plan}
    return shape


@router.get("/stations", responses=shapes.page(shapes.Station))
async def stations(who: Caller, here: Here, grid: InGrid = None, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """Stations as they stand now; telephone numbers for command and administrators."""
    registry = _registry(here, grid)
    area = here.area(who, Verb.READ_REGISTRY)
    found = [
        one
        for one in registry.stations.values()
        if _inside(registry, one.grid, grid) and area.covers_station(registry, one.code)
    ]
    chosen, following = by_code(found, lambda one: one.code, limit, cursor)
    phones, edits = (not _optional(here, who, verb).empty for verb in (Verb.READ_PHONES, Verb.EDIT))
    return answer.page([_station(here, registry, one, phones=phones, edits=edits) for one in chosen], following)


def _station(here: Context, registry: Registry, one: Station, *, phones: bool, edits: bool) -> dict[str, Any]:
    watch = here.desk.watch(one)
    shape: dict[str, Any] = {
        "code": one.code,
        "name": one.name,
        "kind": one.kind,
        "lon": one.lon,
        "lat": one.lat,
        "grid": condition.chain(registry, one.grid),
        "on_duty": watch["on_duty"],
        "engaged": here.desk.engaged(one.code),
        "crew_available": watch["crew_available"],
        "people": watch["people"],
        "taken_over": watch["taken_over"],
        "next_shift": watch["next_shift"],
        "last_check": watch["last_check"],
        "demoted": watch["demoted"],
        "covered": watch["covered"],
        "screens": here.hub.screens(f"station:{one.code}"),
        "crew_min": one.crew_min,
        "muster_s": one.muster_s,
        "mode": one.mode,
        "capacity": one.capacity,
    }
    if phones:
        shape["phone"] = one.phone
    if edits:
        shape["fallback"] = one.fallback
    return shape


@router.get("/rules")
async def rules(who: Caller, here: Here, grid: InGrid = None, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """What places and devices have otherwise than their profiles; members that are as there are null."""
    registry = _registry(here, grid)
    area = here.area(who, Verb.READ_REGISTRY)

    def inside(one: Override) -> bool:
        device = registry.devices.get(one.device or "")
        place = registry.places.get(device.place if device is not None else one.place or "")
        return place is not None and area.covers(registry, place.code) and _inside(registry, place.grid, grid)

    found = [one for one in registry.rules.values() if inside(one)]
    chosen, following = by_code(found, lambda one: one.code, limit, cursor)
    return answer.page([asdict(one) for one in chosen], following)


@router.get("/people")
async def people(who: Caller, here: Here, grid: InGrid = None, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """People with a duty where one may read, with those duties; telephone numbers for command and administrators."""
    registry = _registry(here, grid)
    area = here.area(who, Verb.READ_REGISTRY)
    found = [one for one in registry.people.values() if _seen(registry, area, one, grid)]
    chosen, following = by_code(found, lambda one: one.code, limit, cursor)
    phones, edits = (not _optional(here, who, verb).empty for verb in (Verb.READ_PHONES, Verb.EDIT))
    return answer.page([_person(registry, one, phones=phones, edits=edits) for one in chosen], following)


def _seen(registry: Registry, area: Area, one: Person, wanted: str | None) -> bool:
    if area.everything and wanted is None:
        return True
    scopes = [duty.scope for duty in registry.duties_of(one.code)]
    if one.station is not None:
        scopes.append(one.station)
    for scope in scopes:
        grid = _grid_of(registry, scope)
        covered = area.covers(registry, scope) or (grid is not None and area.covers_grid(registry, grid))
        if covered and (wanted is None or (grid is not None and _inside(registry, grid, wanted))):
            return True
    return False


def _grid_of(registry: Registry, scope: str) -> str | None:
    if scope in registry.grids:
        return scope
    found = registry.places.get(scope) or registry.stations.get(scope)
    return found.grid if found is not None else None


def _person(registry: Registry, one: Person, *, phones: bool, edits: bool) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "code": one.code,
        "name": one.name,
        "station": one.station,
        "duties": [{"duty": duty.duty, "scope": duty.scope} for duty in registry.duties_of(one.code)],
    }
    if phones:
        shape["phone"] = one.phone
    if edits:
        shape["fallback"] = one.fallback
    return shape


@router.get("/gateways")
async def gateways(who: Caller, here: Here, grid: InGrid = None, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """Gateways; `state` is `unknown` where nothing was heard yet, and but for alarms while the database is away."""
    registry = _registry(here, grid)
    area = here.area(who, Verb.READ_REGISTRY)
    found = [
        one
        for one in registry.gateways.values()
        if area.covers(registry, one.place) and _place_inside(registry, one.place, grid)
    ]
    chosen, following = by_code(found, lambda one: one.code, limit, cursor)
    heard = await lastseen.gateways(here, [one.code for one in chosen])
    off = condition.gateways_off(here.desk.alarms_on())
    items = [_gateway(registry, one, heard.get(one.code, {}), alarm=one.code in off) for one in chosen]
    return answer.page(items, following)


def _gateway(registry: Registry, one: Gateway, heard: dict[str, Any], *, alarm: bool) -> dict[str, Any]:
    place = registry.places.get(one.place)
    said, said_at, seen_at = heard.get("state"), heard.get("state_at"), heard.get("last_seen")
    return {
        "code": one.code,
        "name": one.name,
        "place": one.place,
        "grid": condition.chain(registry, place.grid if place is not None else None),
        "devices": len(registry.devices_behind(one.code)),
        "state": condition.gateway_state(said, said_at, seen_at, offline=alarm or heard.get("offline", False)),
        "state_at": instant.text(said_at) if said_at is not None else None,
        "last_seen": instant.text(seen_at) if seen_at is not None else None,
        "clocks_off": heard.get("clocks_off"),
    }


@router.get("/devices", responses=shapes.page(shapes.Device))
async def devices(
    who: Caller,
    here: Here,
    grid: InGrid = None,
    place: Annotated[str | None, Query(max_length=64)] = None,
    gateway: Annotated[str | None, Query(max_length=64)] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Devices as they stand now; `last_seen` is null and states follow from alarms alone while the database is away."""
    registry = _registry(here, grid)
    area = here.area(who, Verb.READ_REGISTRY)
    inside = {one for one in registry.places if area.covers(registry, one) and _place_inside(registry, one, grid)}
    found = [
        one
        for one in registry.devices.values()
        if one.place in inside and place in (None, one.place) and gateway in (None, one.gateway)
    ]
    chosen, following = by_code(found, lambda one: one.code, limit, cursor)
    seen = await lastseen.last_seen(here, chosen)
    alarms = list(here.desk.alarms_on())
    on, off = condition.kinds_on(alarms), condition.gateways_off(alarms)
    items = [condition.shape(registry, one, on.get(one.code, ()), seen.get(one.code), off) for one in chosen]
    return answer.page(items, following)


def _place_inside(registry: Registry, place: str, wanted: str | None) -> bool:
    found = registry.places.get(place)
    return wanted is None or (found is not None and _inside(registry, found.grid, wanted))


def _optional(here: Context, who: Caller, verb: Verb) -> Area:
    try:
        return here.area(who, verb)
    except Problem:
        return Area()


@router.get("/closures")
async def closures(who: Caller, here: Here, grid: InGrid = None, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """Closed roads and lifts out of order, over or to come too; `in_force` says which count now."""
    registry = _registry(here, grid)
    area = here.area(who, Verb.READ_REGISTRY)
    found = [
        one
        for one in registry.closures.values()
        if (one.place is None and grid is None)
        or (one.place is not None and area.covers(registry, one.place) and _place_inside(registry, one.place, grid))
    ]
    chosen, following = by_code(found, lambda one: one.code, limit, cursor)
    return answer.page([_closure(one, here.clock()) for one in chosen], following)


def _closure(one: Closure, now: datetime) -> dict[str, Any]:
    return {
        "code": one.code,
        "kind": one.kind,
        "place": one.place,
        "lon": one.lon,
        "lat": one.lat,
        "from": instant.text(one.start) if one.start is not None else None,
        "until": instant.text(one.until) if one.until is not None else None,
        "modes": one.modes.split(",") if one.modes is not None else None,
        "note": one.note,
        "in_force": one.in_force(now),
    }
