"""What the map is drawn from, without a request to any other server."""

from typing import Any

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response

from api import answer
from api.context import Context, Here, caller
from api.problem import Problem
from api.tiles import ARCHIVE, Tiles
from devices import rivers, streets
from devices.registry import Registry

router = APIRouter(prefix="/api", tags=["registry"])


class Roads:
    """The streets and rivers as GeoJSON, made once per version of the registry."""

    def __init__(self) -> None:
        self._version = -1
        self._made: tuple[bytes, bytes] | None = None

    async def get(self, here: Context, version: int) -> tuple[bytes, bytes] | None:
        """Two FeatureCollections, streets and rivers, or None where the district has no streets.

        Raises Problem 503 when they were never read and the database is away.
        """
        if version != self._version:
            rows = await here.rows("roads", {})
            self._made = await run_in_threadpool(_draw, **rows[0]) if rows else None
            self._version = version
        return self._made


def _draw(name: str, source: bytes, network: bytes) -> tuple[bytes, bytes]:
    return streets.geojson(streets.from_bytes(bytes(network))), rivers.geojson(name, bytes(source))


@router.get("/map", dependencies=[Depends(caller)])
async def district_map(request: Request, here: Here) -> Response:
    """`roads`, `rivers` and `lanes` as GeoJSON, `water` (sources), `bounds` [west, south, east, north] of the grids,
    `tiles`: the pictures that the operator has set up, or null.

    `roads` and `rivers` are null where the district has no streets, or while the database is away and they were never
    read.
    """
    registry = here.registry()
    tag = f'"{registry.version}"'
    roads: Roads = request.app.state.roads
    try:
        drawn = await roads.get(here, registry.version)
    except Problem:
        drawn, tag = None, ""
    if tag and request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    body = {
        "roads": msgspec.Raw(drawn[0]) if drawn is not None else None,
        "rivers": msgspec.Raw(drawn[1]) if drawn is not None else None,
        "water": [
            {"code": one.code, "kind": one.kind, "lon": one.lon, "lat": one.lat, "state": one.state}
            for one in registry.water.values()
        ],
        "lanes": _lanes(registry),
        "bounds": _bounds(registry),
        "tiles": _tiles(request.app.state.tiles),
    }
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"} if tag else {"Cache-Control": "no-store"}
    return answer.json(body, headers=headers)


@router.get(ARCHIVE.removeprefix("/api"), include_in_schema=False)
async def archive(request: Request) -> Response:
    """The archive of map pictures, by ranges; it names nobody and needs no token."""
    tiles: Tiles | None = request.app.state.tiles
    if tiles is None or tiles.archive is None:
        raise Problem(404, "no archive of map pictures is set up: FIREGRID_TILES names one")
    return FileResponse(tiles.archive, media_type="application/octet-stream")


def _tiles(tiles: Tiles | None) -> dict[str, Any] | None:
    if tiles is None:
        return None
    return {"kind": tiles.kind, "url": tiles.url, "datum": tiles.datum, "attribution": tiles.attribution}


def _lanes(registry: Registry) -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "id": one.code,
            "geometry": msgspec.Raw(one.geometry.encode()),
            "properties": msgspec.Raw(one.properties.encode()),
        }
        for one in registry.lanes.values()
    ]
    return {"type": "FeatureCollection", "features": features}


def _bounds(registry: Registry) -> list[float] | None:
    points = [
        point for grid in registry.grids.values() for polygon in grid.polygon for ring in polygon for point in ring
    ]
    if not points:
        return None
    lons, lats = [point[0] for point in points], [point[1] for point in points]
    return [min(lons), min(lats), max(lons), max(lats)]
