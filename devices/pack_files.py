"""A registry as the files of a district pack; the same registry always yields the same bytes. Pure.

What is read from them by `devices.pack` is the registry again.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, time
from enum import StrEnum
from typing import Any, TypeAlias

from devices import instant, placement, rows
from devices.model import Closure, Grid, Lane, Place, Shift
from devices.registry import Registry

Cell: TypeAlias = str | float | date | time | None


def files(registry: Registry) -> dict[str, bytes]:
    """File name -> contents, without roads. Optional files are there only when there is something in them."""
    found = {
        "grids.geojson": _collection(_grid(grid) for grid in _by_code(registry.grids)),
        "places.csv": _coded("places.csv", _free_of_grid(registry)),
        "stations.csv": _coded("stations.csv", _by_code(registry.stations)),
        "people.csv": _coded("people.csv", _by_code(registry.people)),
        "duties.csv": _coded("duties.csv", registry.duties),
        "gateways.csv": _coded("gateways.csv", _by_code(registry.gateways)),
        "devices.csv": _coded("devices.csv", _by_code(registry.devices)),
    }
    if registry.shifts:
        found["rosters.csv"] = _table("rosters.csv", [_shift(shift) for shift in sorted(registry.shifts, key=_order)])
    if registry.water:
        found["water.csv"] = _coded("water.csv", _by_code(registry.water))
    if registry.lanes:
        found["lanes.geojson"] = _collection(_lane(lane) for lane in _by_code(registry.lanes))
    if registry.equipment:
        had = sorted(registry.equipment, key=lambda one: (one.station, one.item))
        found["equipment.csv"] = _coded("equipment.csv", had)
    if registry.closures:
        found["closures.csv"] = _table("closures.csv", [_closure(one) for one in _by_code(registry.closures)])
    if registry.rules:
        found["rules.csv"] = _coded("rules.csv", _by_code(registry.rules))
    return found


def _by_code(values: dict[str, Any]) -> list[Any]:
    return [value for _, value in sorted(values.items())]


def _free_of_grid(registry: Registry) -> list[Place]:
    """The places, `grid` empty where their position gives the same: so they follow when polygons are changed."""
    followers = placement.followers(placement.small_grids(registry.grids.values()), registry.places)
    by_position = {place.code for place in followers}
    return [replace(place, grid="") if place.code in by_position else place for place in _by_code(registry.places)]


def _coded(file: str, values: Iterable[Any]) -> bytes:
    columns = [*rows.COLUMNS[file][0], *rows.COLUMNS[file][1]]
    return _table(file, [[getattr(value, column) for column in columns] for value in values])


def _table(file: str, lines: Iterable[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*rows.COLUMNS[file][0], *rows.COLUMNS[file][1]])
    writer.writerows([_cell(value) for value in line] for line in lines)
    return text.getvalue().encode()


def _cell(value: Cell) -> str:  # noqa: PLR0911 - one return per kind of cell
    match value:
        case None:
            return ""
        case True | False:
            return str(value).lower()
        case StrEnum():
            return value.value
        case float():
            return repr(value)
        case date():
            return value.isoformat()
        case time():
            return value.strftime("%H:%M")
        case _:
            return str(value)


def _shift(shift: Shift) -> list[Cell]:
    until = "24:00" if shift.until == time() else shift.until
    return [shift.station, shift.weekday, shift.start, until, shift.person]


def _closure(one: Closure) -> list[Cell]:
    start, until = (instant.text(at) if at is not None else None for at in (one.start, one.until))
    return [one.code, one.kind, one.place, one.lon, one.lat, start, until, one.modes, one.note]


def _order(shift: Shift) -> tuple[str, int, time, time, str]:
    return shift.station, shift.weekday, shift.start, shift.until, shift.person


def _grid(grid: Grid) -> dict[str, object]:
    properties = {"code": grid.code, "name": grid.name, "level": grid.level, "parent": grid.parent}
    several = len(grid.polygon) != 1
    kind, coordinates = ("MultiPolygon", grid.polygon) if several else ("Polygon", grid.polygon[0])
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def _lane(lane: Lane) -> dict[str, object]:
    return {"type": "Feature", "properties": json.loads(lane.properties), "geometry": json.loads(lane.geometry)}


def _collection(members: Iterable[dict[str, object]]) -> bytes:
    """One feature a line, so that two exports can be compared line by line."""
    lines = ",\n".join(json.dumps(member, ensure_ascii=False, separators=(",", ":")) for member in members)
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'.encode()
