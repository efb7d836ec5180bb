"""Grids of three levels with codes and names, as GeoJSON."""

import json

from shapely.geometry import Polygon

from devices.model import Grid
from simulators.district import plane
from simulators.district.names import Words, numeral
from simulators.district.parcels import SMALL_PER_MIDDLE, Parcels

DISTRICT = "临江区"
SIDES = ("西", "东", "江南")


def large_code(large: int) -> str:
    """The code of large grid `large`."""
    return f"G{large + 1}"


def middle_code(parcels: Parcels, middle: int) -> str:
    """The code of middle grid `middle`: that of its large grid and its number there."""
    large = parcels.large_of_middle[middle]
    number = sum(owner == large for owner in parcels.large_of_middle[: middle + 1])
    return f"{large_code(large)}-{number:02d}"


def small_code(parcels: Parcels, small: int) -> str:
    """The code of small grid `small`: that of its middle grid and its number there."""
    return f"{middle_code(parcels, small // SMALL_PER_MIDDLE)}-{small % SMALL_PER_MIDDLE + 1}"


def grids(parcels: Parcels, words: Words) -> tuple[Grid, ...]:
    """All grids, large ones first."""
    found = [
        Grid(large_code(index), f"{words.word()}街道", 1, None, _polygon(polygon))
        for index, polygon in enumerate(parcels.larges)
    ]
    communities = [words.word() + "社区" for _ in parcels.middles]
    for index, polygon in enumerate(parcels.middles):
        parent = large_code(parcels.large_of_middle[index])
        found.append(Grid(middle_code(parcels, index), communities[index], 2, parent, _polygon(polygon)))
    for index, polygon in enumerate(parcels.smalls):
        middle = index // SMALL_PER_MIDDLE
        name = f"{communities[middle]}第{numeral(index % SMALL_PER_MIDDLE + 1)}网格"
        found.append(Grid(small_code(parcels, index), name, 3, middle_code(parcels, middle), _polygon(polygon)))
    return tuple(found)


def _polygon(polygon: Polygon) -> tuple[tuple[tuple[tuple[float, float], ...], ...], ...]:
    rings = [polygon.exterior, *polygon.interiors]
    return (tuple(tuple(plane.degrees(x, y) for x, y in ring.coords) for ring in rings),)


def geojson(found: tuple[Grid, ...]) -> str:
    """The grids as a GeoJSON FeatureCollection, one feature a line."""
    features = []
    for grid in found:
        properties = {"code": grid.code, "name": grid.name, "level": grid.level, "parent": grid.parent}
        geometry = {"type": "Polygon", "coordinates": grid.polygon[0]}
        feature = {"type": "Feature", "properties": properties, "geometry": geometry}
        features.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n"
