"""Which points and fire lanes lie near a position: looked up in what is made once and asked often. Pure."""

import json
import math
from collections.abc import Iterable

import shapely
import shapely.ops
from shapely.geometry import shape

from devices.geometry import distance_m
from devices.model import Lane

_CELL_DEG = 0.001  # 111 m from south to north: a neighbour's distance is a few cells at most
_METRES_A_DEGREE = 111_195.0
_ROUNDING_M = 0.001  # a point on the edge of a cell is in the next one by less than its distance can tell


class Nearby:
    """Points (code, lon, lat), found by where they lie."""

    def __init__(self, points: Iterable[tuple[str, float, float]]) -> None:
        self._cells: dict[tuple[int, int], list[tuple[str, float, float]]] = {}
        for code, lon, lat in points:
            self._cells.setdefault((_cell(lon), _cell(lat)), []).append((code, lon, lat))

    def within(self, lon: float, lat: float, metres: float) -> list[tuple[float, str]]:
        """Each point no farther than `metres`, with its distance in metres; nearest first, ties by code."""
        north = (metres + _ROUNDING_M) / _METRES_A_DEGREE
        east = north / max(math.cos(math.radians(lat)), 0.01)
        found = [
            (away, code)
            for x in range(_cell(lon - east), _cell(lon + east) + 1)
            for y in range(_cell(lat - north), _cell(lat + north) + 1)
            for code, at_lon, at_lat in self._cells.get((x, y), ())
            if (away := distance_m((lon, lat), (at_lon, at_lat))) <= metres
        ]
        return sorted(found)


class NearbyLanes:
    """Fire lanes, found by where they run."""

    def __init__(self, lanes: Iterable[Lane]) -> None:
        ordered = sorted(lanes, key=lambda one: one.code)
        self._codes = [one.code for one in ordered]
        self._forms = [shape(json.loads(one.geometry)) for one in ordered]
        self._tree = shapely.STRtree(self._forms)

    def within(self, lon: float, lat: float, metres: float) -> list[tuple[float, str]]:
        """Each lane that comes as near as `metres`, with its least distance in metres; nearest first, ties by code."""
        north = (metres + _ROUNDING_M) / _METRES_A_DEGREE
        east = north / max(math.cos(math.radians(lat)), 0.01)
        here = shapely.Point(lon, lat)
        found = []
        for index in self._tree.query(shapely.box(lon - east, lat - north, lon + east, lat + north)).tolist():
            nearest = shapely.ops.nearest_points(self._forms[index], here)[0]
            if (away := distance_m((lon, lat), (nearest.x, nearest.y))) <= metres:
                found.append((away, self._codes[index]))
        return sorted(found)


def _cell(degrees: float) -> int:
    return math.floor(degrees / _CELL_DEG)
