"""Polygons of grids: read from GeoJSON, checked, and asked which of them a position lies in. Pure."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import shapely
import shapely.ops
from shapely.geometry import MultiPolygon as Shape
from shapely.geometry import Polygon, shape
from shapely.validation import explain_validity

from devices.model import MultiPolygon, Ring

Move: TypeAlias = Callable[[float, float], tuple[float, float]]
"""(lon, lat) -> (lon, lat), such as `gcj02.to_wgs84`."""

_EARTH_RADIUS_M = 6_371_008.8  # IUGG mean radius
_LANES = frozenset({"LineString", "MultiLineString", "Polygon", "MultiPolygon"})


def multipolygon(geometry: object, move: Move) -> MultiPolygon:
    """The polygons of a GeoJSON geometry, each position moved; heights are dropped, closedness and validity unchecked.

    Raises ValueError with a sentence that says what is wrong.
    """
    match geometry:
        case {"type": "Polygon", "coordinates": list(rings)}:
            polygons: list[object] = [rings]
        case {"type": "MultiPolygon", "coordinates": list(several)}:
            polygons = several
        case _:
            raise ValueError("geometry is no Polygon or MultiPolygon")
    if not polygons:
        raise ValueError("geometry has no polygon")
    return tuple(_polygon(rings, move) for rings in polygons)


def flaw(polygon: MultiPolygon) -> str | None:
    """What makes the polygons unusable: an open ring, or what OGC Simple Features forbids; None when they are sound."""
    for ring in (ring for rings in polygon for ring in rings):
        if ring[0] != ring[-1]:
            return f"a ring is not closed: it begins at {ring[0]} and ends at {ring[-1]}"
    form = to_shape(polygon)
    return None if form.is_valid else f"polygon is not valid: {explain_validity(form)}"


def to_shape(polygon: MultiPolygon) -> Shape:
    """The polygons as shapely sees them; open rings are closed."""
    return Shape([Polygon(rings[0], rings[1:]) for rings in polygon])


def stand_in(polygon: MultiPolygon) -> shapely.Geometry:
    """The polygons' area; of unsound ones, which have none, the convex hull."""
    form = to_shape(polygon)
    return form if form.is_valid else shapely.convex_hull(form)


def lane(geometry: object, move: Move) -> dict[str, object]:
    """A fire lane's GeoJSON geometry with each position moved. Raises ValueError with a sentence."""
    match geometry:
        case {"type": str(kind), "coordinates": list(coordinates)} if kind in _LANES:
            moved = {"type": kind, "coordinates": _moved(coordinates, move)}
        case _:
            raise ValueError(f"geometry is none of {', '.join(sorted(_LANES))}")
    try:
        form = shape(moved)
    except (ValueError, TypeError, IndexError, shapely.errors.ShapelyError) as error:
        raise ValueError(f"geometry cannot be read: {error}") from None
    if form.is_empty or not form.is_valid:
        raise ValueError(f"geometry is not valid: {explain_validity(form) if not form.is_empty else 'it is empty'}")
    return moved


class GridMap:
    """Which of some areas a position lies in. Where several do (border, overlap), the smallest code has it."""

    def __init__(self, areas: Iterable[tuple[str, shapely.Geometry]]) -> None:
        ordered = sorted(areas, key=lambda area: area[0])
        self._codes = [code for code, _ in ordered]
        self._forms = [form for _, form in ordered]
        self._tree = shapely.STRtree(self._forms)

    def find(self, positions: Sequence[tuple[float, float]]) -> list[str | None]:
        """For each (lon, lat) the smallest code of the areas that it lies in or on the border of; None for no area."""
        found: list[str | None] = [None] * len(positions)
        if positions and self._codes:
            which, area = self._tree.query(shapely.points(positions), predicate="intersects")
            for position, index in sorted(zip(which.tolist(), area.tolist(), strict=True), reverse=True):
                found[position] = self._codes[index]
        return found

    def nearest(self, lon: float, lat: float) -> tuple[str, float] | None:
        """Code of about the nearest area and its distance in metres; None when there are no areas."""
        if not self._codes:
            return None
        point = shapely.Point(lon, lat)
        index = int(self._tree.nearest(point))
        edge = shapely.ops.nearest_points(self._forms[index], point)[0]
        return self._codes[index], distance_m((lon, lat), (edge.x, edge.y))


def overlaps(areas: Mapping[str, shapely.Geometry]) -> list[tuple[str, str, float]]:
    """Pairs of codes whose areas share more than a border, and the shared part of the smaller of the two, 0 to 1."""
    codes, forms = list(areas), list(areas.values())
    if not forms:
        return []
    pairs = shapely.STRtree(forms).query(forms, predicate="intersects").T.tolist()
    found = []
    for one, other in sorted(pairs):
        if one < other:
            shared = forms[one].intersection(forms[other]).area / min(forms[one].area, forms[other].area)
            if shared > 0:
                found.append((codes[one], codes[other], shared))
    return found


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two (lon, lat) a few kilometres apart at most."""
    north = math.radians(other[1] - one[1])
    east = math.radians(other[0] - one[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
    return _EARTH_RADIUS_M * math.hypot(north, east)


def _polygon(rings: object, move: Move) -> tuple[Ring, ...]:
    if not isinstance(rings, list) or not rings:
        raise ValueError("geometry has a polygon without rings")
    return tuple(_ring(ring, move) for ring in rings)


def _ring(ring: object, move: Move) -> Ring:
    if not isinstance(ring, list) or len(ring) < 4:
        raise ValueError("geometry has a ring of fewer than 4 positions")
    return tuple(_position(position, move) for position in ring)


def _moved(coordinates: object, move: Move) -> object:
    if isinstance(coordinates, list) and coordinates and isinstance(coordinates[0], list):
        return [_moved(inner, move) for inner in coordinates]
    return list(_position(coordinates, move))


def _position(position: object, move: Move) -> tuple[float, float]:
    match position:
        case [int() | float() as lon, int() | float() as lat, *_] if not isinstance(lon, bool | None):
            if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # NaN and infinity are not within either
                raise ValueError(f"geometry has the position {lon}, {lat}: not a longitude and a latitude")
            return move(float(lon), float(lat))
        case _:
            raise ValueError(f"geometry has {str(position)[:40]!r} where a position is expected")
