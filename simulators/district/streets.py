"""The street network: junctions, ways between them, one-ways and the bridges, as OpenStreetMap XML."""

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

import shapely
from shapely.geometry import LineString

from simulators.dice import Dice
from simulators.district import plane
from simulators.district.names import Words
from simulators.district.parcels import SNAP_M, Cut, Parcels, Street
from simulators.district.terrain import Terrain

Point2 = tuple[float, float]

LANES = {Street.PRIMARY: 6, Street.SECONDARY: 4, Street.TERTIARY: 2}
LIMIT_KMH = {Street.PRIMARY: 60, Street.SECONDARY: 50, Street.TERTIARY: 40, Street.RESIDENTIAL: 30, Street.LIVING: 15}
NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Way:
    """A street or a piece of one, vertex by vertex; ways meet where they share a vertex exactly. Metres."""

    name: str
    street: Street
    points: tuple[Point2, ...]
    small: int | None = None
    oneway: bool = False
    bridge: bool = False


@dataclass(frozen=True, slots=True)
class Streets:
    """All ways. Every one can be reached from every other on foot."""

    ways: tuple[Way, ...]

    def named(self) -> tuple[Way, ...]:
        """The ways a house can stand at."""
        return tuple(way for way in self.ways if not way.bridge)


@dataclass(frozen=True, slots=True)
class _Course:
    """One street before its junctions are known."""

    line: LineString
    street: Street
    name: str
    small: int | None = None
    bridge: bool = False


def _great_names(parcels: Parcels, words: Words) -> dict[int, str]:
    """Names for the cuts on borders of grids, by index in `parcels.cuts`."""
    suffix = {Street.PRIMARY: "大道", Street.TERTIARY: "路"}
    return {index: words.street(suffix[cut.street]) for index, cut in enumerate(parcels.cuts) if cut.small is None}


def _lane_names(cuts: list[Cut], words: Words) -> list[str]:
    """Names for the streets inside one small grid: the larger have their own, lanes are numbered after one of them."""
    names: list[str] = []
    stem, count = words.word(), 0
    for cut in cuts:
        if cut.street is Street.RESIDENTIAL and len(names) < 6:
            stem, count = words.word(), 0
            names.append(stem + "街" if len(names) % 2 else stem + "路")
            continue
        count += 1
        if count > len(NUMERALS):
            stem, count = words.word(), 1
        names.append(stem + NUMERALS[count - 1] + {Street.RESIDENTIAL: "街", Street.LIVING: "巷"}.get(cut.street, "弄"))
    return names


def _courses(terrain: Terrain, parcels: Parcels, words: Words) -> list[_Course]:
    """Every street, cut off at the quays, and the bridges between them."""
    courses = []
    great = _great_names(parcels, words)
    by_small: dict[int | None, list[Cut]] = {}
    for cut in parcels.cuts:
        by_small.setdefault(cut.small, []).append(cut)
    for index, name in great.items():
        cut = parcels.cuts[index]
        courses += [_Course(piece, cut.street, name) for piece in _pieces(cut.line.difference(terrain.shore))]
        if cut.street is Street.PRIMARY:
            spans = _pieces(cut.line.intersection(terrain.shore))
            courses += [_Course(piece, cut.street, name[:-2] + "大桥", bridge=True) for piece in spans]
    for small, cuts in by_small.items():
        if small is None:
            continue
        for cut, name in zip(cuts, _lane_names(cuts, words), strict=True):
            for piece in _pieces(cut.line.difference(terrain.shore)):
                courses.append(_Course(piece, cut.street, name, small))
    for quay, name in zip(terrain.quays, ("滨江北路", "滨江南路"), strict=True):
        courses += [_Course(piece, Street.SECONDARY, name) for piece in _pieces(quay.intersection(terrain.outline))]
    rim = _pieces(terrain.outline.exterior.difference(terrain.shore))
    for piece in shapely.get_parts(shapely.line_merge(shapely.MultiLineString(rim))):
        north = piece.interpolate(0.5, normalized=True).y > terrain.river.level
        courses.append(_Course(piece, Street.SECONDARY, "北环路" if north else "南环路"))
    return courses


def _pieces(geometry: shapely.Geometry) -> list[LineString]:
    return [part for part in shapely.get_parts(geometry) if isinstance(part, LineString) and part.length > 1.0]


def lay(terrain: Terrain, parcels: Parcels, words: Words, seed: int) -> Streets:
    """The streets of the district, noded: ways meet only in shared vertices, and all hang together."""
    dice = Dice(seed, "streets")
    courses = _courses(terrain, parcels, words)
    noded = shapely.get_parts(shapely.unary_union([course.line for course in courses], grid_size=SNAP_M))
    tree = shapely.STRtree([course.line for course in courses])
    edges: dict[int, list[LineString]] = {}
    for edge in noded:
        edges.setdefault(_owner(edge, courses, tree), []).append(edge)
    ways = []
    for index in sorted(edges):
        course = courses[index]
        for piece in shapely.get_parts(shapely.line_merge(shapely.MultiLineString(edges[index]))):
            oneway = course.street in {Street.RESIDENTIAL, Street.LIVING} and dice.chance(0.14)
            points = tuple((x, y) for x, y in piece.coords)
            ways.append(Way(course.name, course.street, points, course.small, oneway, course.bridge))
    return Streets(_connected(ways))


def _owner(edge: LineString, courses: list[_Course], tree: shapely.STRtree) -> int:
    """The street `edge` is a piece of: the one that keeps nearest to it; the greater street where two are as near."""
    middle = edge.interpolate(0.5, normalized=True)
    near = [int(index) for index in tree.query(middle.buffer(1.0))]
    ranks = list(Street)
    return min(
        near,
        key=lambda index: (round(courses[index].line.distance(middle), 1), ranks.index(courses[index].street), index),
    )


def _connected(ways: list[Way]) -> tuple[Way, ...]:
    """The ways of the largest part that hangs together."""
    parent = list(range(len(ways)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[Point2, int] = {}
    for index, way in enumerate(ways):
        for point in way.points:
            parent[root(index)] = root(first.setdefault(point, index))
    groups: dict[int, list[Way]] = {}
    for index, way in enumerate(ways):
        groups.setdefault(root(index), []).append(way)
    largest = max(groups, key=lambda part: len(groups[part]))
    return tuple(groups[largest])


def osm(streets: Streets, terrain: Terrain) -> str:
    """The network and the river as OpenStreetMap XML, version 0.6."""
    numbers: dict[Point2, int] = {}
    ways = []
    for number, way in enumerate(streets.ways, start=1):
        tags = {"highway": way.street.value, "name": way.name}
        if lanes := LANES.get(way.street):
            tags["lanes"] = str(lanes)
        if limit := LIMIT_KMH.get(way.street):
            tags["maxspeed"] = str(limit)
        if way.oneway:
            tags["oneway"] = "yes"
        if way.bridge:
            tags |= {"bridge": "yes", "layer": "1"}
        ways.append(_way(number, way.points, tags, numbers))
    ring = tuple((round(x, 1), round(y, 1)) for x, y in terrain.water.exterior.coords)
    ways.append(_way(len(ways) + 1, ring, {"natural": "water", "water": "river", "name": "临江"}, numbers))
    nodes = []
    for (x, y), number in numbers.items():
        lon, lat = plane.degrees(x, y)
        nodes.append(f'  <node id="{number}" version="1" lat="{lat:.7f}" lon="{lon:.7f}"/>\n')
    return "".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="firegrid">\n',
            *nodes,
            *ways,
            "</osm>\n",
        ]
    )


def _way(number: int, points: tuple[Point2, ...], tags: dict[str, str], numbers: dict[Point2, int]) -> str:
    refs = "".join(f'    <nd ref="{numbers.setdefault(point, len(numbers) + 1)}"/>\n' for point in points)
    written = "".join(f"    <tag k={quoteattr(key)} v={quoteattr(value)}/>\n" for key, value in tags.items())
    return f'  <way id="{number}" version="1">\n{refs}{written}  </way>\n'
