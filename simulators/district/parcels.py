"""The land divided: grids of three levels and the blocks between streets, every cut being a street.

All children tile their parent exactly: grids are put together from the faces of one noded set of lines, so
neighbours share every vertex.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import polygonize, split

from simulators.dice import Dice
from simulators.district.terrain import Terrain

SNAP_M = 0.1
BEND_EVERY_M = 150.0
"""A street has a vertex about this often; short ones are straight."""
SMALL_PER_MIDDLE = 5


class Street(StrEnum):
    """OpenStreetMap's classes, in falling order of importance."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    TERTIARY = "tertiary"
    RESIDENTIAL = "residential"
    LIVING = "living_street"
    FOOTWAY = "footway"


@dataclass(frozen=True, slots=True)
class Cut:
    """A line along which land was divided. `small` is the small grid it lies inside, None on a border of grids."""

    line: LineString
    street: Street
    small: int | None


@dataclass(frozen=True, slots=True)
class Parcels:
    """`blocks[i]` are the faces of small grid `i`; small grid `i` lies in middle `i // 5`, that in `larges[middle]`."""

    blocks: tuple[tuple[Polygon, ...], ...]
    smalls: tuple[Polygon, ...]
    middles: tuple[Polygon, ...]
    larges: tuple[Polygon, ...]
    large_of_middle: tuple[int, ...]
    cuts: tuple[Cut, ...]


def _halves(polygon: Polygon, line: LineString) -> tuple[Polygon, Polygon] | None:
    """The two parts of `polygon`, left and right of `line`; None when it does not fall into exactly two."""
    parts = [part for part in split(polygon, line).geoms if isinstance(part, Polygon)]
    if len(parts) != 2:
        return None
    first, second = parts
    at = line.project(Point(first.representative_point()))
    ahead, on = line.interpolate(min(at + 1.0, line.length)), line.interpolate(max(at - 1.0, 0.0))
    point = first.representative_point()
    left = (ahead.x - on.x) * (point.y - on.y) - (ahead.y - on.y) * (point.x - on.x) > 0
    return (first, second) if left else (second, first)


def _halved(polygon: Polygon, line: LineString) -> tuple[Polygon, Polygon]:
    """As `_halves`.

    Raises ValueError when `line` does not cut `polygon` into exactly two.
    """
    parts = _halves(polygon, line)
    if parts is None:
        raise ValueError("a great road does not cut the district in two; try another seed")
    return parts


def _extent(polygon: Polygon, angle: float) -> tuple[float, float]:
    ring = np.asarray(polygon.exterior.coords)
    along = ring[:, 0] * math.cos(angle) + ring[:, 1] * math.sin(angle)
    return float(along.min()), float(along.max())


def _across(polygon: Polygon, angle: float, at: float, bend: float) -> LineString:
    """A line across `polygon` at distance `at` along `angle`, bowed by `bend` metres."""
    low, high = _extent(polygon, angle + math.pi / 2)
    side = np.linspace(low - 30, high + 30, 2 + int((high - low) // BEND_EVERY_M))
    along = at + bend * np.sin(math.pi * (side - low) / max(high - low, 1.0))
    cos, sin = math.cos(angle), math.sin(angle)
    return LineString(np.column_stack([along * cos - side * sin, along * sin + side * cos]))


def _divide(polygon: Polygon, share: float, angle: float, dice: Dice) -> tuple[Polygon, Polygon, LineString] | None:
    """`polygon` cut across its longer side (of the two given by `angle`), about `share` of its area first."""
    spans = [(high - low, turn) for turn in (angle, angle + math.pi / 2) for low, high in [_extent(polygon, turn)]]
    span, axis = max(spans)
    at = _at_share(polygon, share, axis)
    for bend in (dice.normal(0, 0.02) * span, 0.0):
        line = _across(polygon, axis, at, bend)
        if (parts := _halves(polygon, line)) is not None:
            return *parts, line
    return None


def _at_share(polygon: Polygon, share: float, axis: float) -> float:
    """How far along `axis` a straight cut across it leaves `share` of the area behind."""
    cos, sin = math.cos(axis), math.sin(axis)
    turned = shapely.transform(polygon, lambda xy: xy @ np.array([[cos, -sin], [sin, cos]]))
    low, south, high, north = turned.bounds
    west = low
    for _ in range(10):
        middle = (low + high) / 2
        behind = shapely.area(shapely.clip_by_rect(turned, west - 1, south - 1, middle, north + 1))
        low, high = (middle, high) if behind < share * polygon.area else (low, middle)
    return (low + high) / 2


def _inside(line: LineString, polygon: Polygon) -> LineString:
    """The longest piece of `line` inside `polygon`."""
    pieces = shapely.get_parts(shapely.intersection(line, polygon))
    return max((piece for piece in pieces if isinstance(piece, LineString)), key=lambda piece: piece.length)


def _smalls(middle: Polygon, angle: float, dice: Dice) -> tuple[list[Polygon], list[LineString]]:
    """`middle` as five small grids, and the lines between them."""
    waiting, done, lines = [(middle, SMALL_PER_MIDDLE)], [], []
    while waiting:
        polygon, count = waiting.pop()
        if count == 1:
            done.append(polygon)
            continue
        less = count // 2
        parts = _divide(polygon, less / count + dice.between(-0.04, 0.04), angle, dice)
        if parts is None:
            raise ValueError("a middle grid cannot be divided; try another seed")
        lines.append(_inside(parts[2], polygon))
        waiting += [(parts[0], less), (parts[1], count - less)]
    return done, lines


def _blocks(small: Polygon, number: int, angle: float, coarse: float, dice: Dice) -> list[Cut]:
    """The streets inside a small grid, down to blocks of about 1.7 hectares times `coarse`."""
    waiting, cuts = [(small, 0)], []
    while waiting:
        polygon, depth = waiting.pop()
        if polygon.area < coarse * dice.between(15_000, 32_000):
            continue
        parts = _divide(polygon, dice.between(0.42, 0.58), angle + dice.normal(0, 0.03), dice)
        if parts is None:
            continue
        ranks = (Street.RESIDENTIAL, Street.LIVING, Street.FOOTWAY)
        street = Street.RESIDENTIAL if depth < 2 else dice.weighted(ranks, (0.45, 0.35, 0.2))
        cuts.append(Cut(_inside(parts[2], polygon), street, number))
        waiting += [(parts[0], depth + 1), (parts[1], depth + 1)]
    return cuts


def _middles(terrain: Terrain) -> tuple[list[Polygon], tuple[int, ...]]:
    """Twelve middle grids: four columns by two rows north of the river and one south; and the large grid of each."""
    north, south = _halved(terrain.outline, terrain.river.offset(0))
    upper, lower = _halved(north, terrain.boulevard)
    middles: list[Polygon] = []
    for row in (upper, lower, south):
        rest = row
        for avenue in terrain.avenues:
            west, rest = _halved(rest, avenue)
            middles.append(west)
        middles.append(rest)
    return middles, (0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 2)


def _great(terrain: Terrain) -> list[Cut]:
    cuts = [Cut(_inside(avenue, terrain.outline), Street.PRIMARY, None) for avenue in terrain.avenues]
    cuts.append(Cut(_inside(terrain.boulevard, terrain.outline), Street.PRIMARY, None))
    return cuts


def divide(terrain: Terrain, seed: int, coarse: tuple[float, ...]) -> Parcels:
    """The terrain divided into 3 large, 12 middle and 60 small grids and their blocks.

    `coarse[middle]` scales the size of blocks (an industrial estate's are larger). Raises ValueError for a seed whose
    terrain cannot be divided.
    """
    dice = Dice(seed, "parcels")
    middles, large_of_middle = _middles(terrain)
    cuts = _great(terrain)
    rough: list[Polygon] = []
    for index, middle in enumerate(middles):
        angle = 0.7 * terrain.river.direction(middle.centroid.x) + dice.normal(0, 0.05)
        parts, lines = _smalls(middle, angle, dice)
        cuts += [Cut(line, Street.TERTIARY, None) for line in lines]
        for part in parts:
            cuts += _blocks(part, len(rough), angle, coarse[index], dice)
            rough.append(part)
    lines = [cut.line for cut in cuts] + [terrain.outline.exterior, _inside(terrain.river.offset(0), terrain.outline)]
    faces = list(polygonize(shapely.get_parts(shapely.unary_union(lines, grid_size=SNAP_M))))
    blocks = _sorted_into(faces, rough)
    smalls = tuple(_joined(group) for group in blocks)
    joined = tuple(_joined(smalls[SMALL_PER_MIDDLE * index :][:SMALL_PER_MIDDLE]) for index in range(len(middles)))
    larges = tuple(
        _joined([polygon for polygon, owner in zip(joined, large_of_middle, strict=True) if owner == large])
        for large in range(max(large_of_middle) + 1)
    )
    return Parcels(blocks, smalls, joined, larges, large_of_middle, tuple(cuts))


def _sorted_into(faces: list[Polygon], rough: list[Polygon]) -> tuple[tuple[Polygon, ...], ...]:
    """The faces of each small grid."""
    tree = shapely.STRtree(rough)
    groups: list[list[Polygon]] = [[] for _ in rough]
    for face in faces:
        groups[int(tree.nearest(face.representative_point()))].append(face)
    return tuple(tuple(group) for group in groups)


def _joined(parts: list[Polygon] | tuple[Polygon, ...]) -> Polygon:
    """The one polygon that `parts` make up, with all their vertices on its border.

    Raises ValueError when they do not hang together.
    """
    whole = shapely.coverage_union_all(list(parts))
    if not isinstance(whole, Polygon):
        raise ValueError(f"a grid falls apart ({whole.geom_type}); try another seed")
    return shapely.normalize(whole)
