"""A district's streets: read from OpenStreetMap, timed for each mode of travel, kept as arrays, drawn as GeoJSON.

Which way may be used, and how, follows OpenStreetMap's tagging (wiki: Key:access, Key:oneway, Key:barrier) as a crew on
its way to a fire uses it: a gate is opened for it and private ground is entered; `no` stays `no`.
"""

import io
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TypeAlias
from zipfile import BadZipFile

import msgspec
import numpy as np
import osmium
from numpy.typing import NDArray

from devices.model import Mode

MODES = tuple(Mode)
"""The order of every array's mode axis: foot, ebike, motorcycle, vehicle."""
Speeds: TypeAlias = tuple[float, float, float, float]

EARTH_RADIUS_M = 6_371_008.8  # IUGG mean radius R1

# m/s by mode, waiting at junctions included; 0 = closed to the mode unless a tag opens it. All are assumptions:
# foot: a run with kit, between a walk (1.4) and a jog (3);
# ebike: 5, what micro stations' radius is usually planned with (GB 17761 caps e-bikes at 25 km/h); pushed on footways;
# motorcycle, vehicle: a Chinese city's streets by day, 20 to 35 km/h.
SPEEDS_MPS: dict[str, Speeds] = {
    "motorway": (0, 0, 0, 22),
    "motorway_link": (0, 0, 0, 12),
    "trunk": (2.5, 5, 13, 14),
    "trunk_link": (2.5, 5, 9, 9),
    "primary": (2.5, 5, 10, 9),
    "primary_link": (2.5, 5, 8, 7),
    "secondary": (2.5, 5, 9, 8),
    "secondary_link": (2.5, 5, 8, 7),
    "tertiary": (2.5, 5, 8.5, 7.5),
    "tertiary_link": (2.5, 5, 8, 7),
    "unclassified": (2.5, 5, 7, 6),
    "residential": (2.5, 5, 7, 6),
    "road": (2.5, 5, 7, 6),
    "living_street": (2.5, 4, 4, 4),
    "service": (2.5, 4, 4, 4),
    "pedestrian": (2.5, 3, 0, 0),
    "track": (2.0, 3, 4, 3),
    "cycleway": (2.5, 5, 0, 0),
    "path": (2.5, 3, 0, 0),
    "footway": (2.5, 1.4, 0, 0),
    "bridleway": (2.0, 1.4, 0, 0),
    "corridor": (2.0, 0, 0, 0),
    "steps": (1.0, 0, 0, 0),
}
CLASSES = tuple(SPEEDS_MPS)
"""The values of OpenStreetMap's `highway` that are streets; `StreetNetwork.way_class` counts in them."""
_CLOSED: Speeds = (0, 0, 0, 0)
_OPENED_MPS: Speeds = (2.5, 4, 4, 4)  # where only a tag lets the mode in
_PUSHED_MPS = 1.4  # bicycle=dismount

# The first key present decides; a Chinese e-bike (GB 17761) is a bicycle in law
_ACCESS_KEYS = (
    ("foot", "access"),
    ("bicycle", "vehicle", "access"),
    ("motorcycle", "motor_vehicle", "vehicle", "access"),
    ("motorcar", "motor_vehicle", "vehicle", "access"),
)
_NO_NEWS = frozenset({"use_sidepath", "unknown"})

# Who passes a barrier on a node without tags of its own. Not listed: all but vehicles.
_BARRIER_PASSES: dict[str, tuple[bool, bool, bool, bool]] = {
    **dict.fromkeys(("gate", "lift_gate", "swing_gate", "sliding_gate", "bump_gate"), (True, True, True, True)),
    **dict.fromkeys(("entrance", "toll_booth", "border_control", "sally_port", "no"), (True, True, True, True)),
    **dict.fromkeys(("cattle_grid", "kerb", "height_restrictor", "checkpoint"), (True, True, True, True)),
    **dict.fromkeys(("cycle_barrier", "motorcycle_barrier"), (True, True, False, False)),
    **dict.fromkeys(("stile", "kissing_gate", "turnstile", "full-height_turnstile"), (True, False, False, False)),
    **dict.fromkeys(("wall", "fence", "city_wall", "retaining_wall"), (False, False, False, False)),
}
_BOLLARD = (True, True, True, False)

# Seconds lost where one gets past, in the order of `MODES`: getting off, a bar that lifts, a guard. Assumptions.
_BARRIER_S: dict[str, Speeds] = {
    **dict.fromkeys(("gate", "swing_gate", "sliding_gate"), (3, 6, 10, 15)),
    **dict.fromkeys(("lift_gate", "sally_port", "toll_booth", "border_control", "checkpoint"), (0, 3, 5, 10)),
    **dict.fromkeys(("cycle_barrier", "motorcycle_barrier", "kissing_gate", "turnstile"), (3, 6, 6, 0)),
    "full-height_turnstile": (5, 0, 0, 0),
    "stile": (5, 0, 0, 0),
    "height_restrictor": (0, 0, 0, 3),
}

# A micro station's fire vehicle, a small pumper on a light lorry: an assumption, stations tell no sizes of their own.
_VEHICLE = (("maxheight", 2.6), ("maxweight", 4.5), ("maxwidth", 2.0))
"""Limits of ways and barriers (metres, tonnes) below which no vehicle of a station gets through."""

_ONEWAY = {"yes": (True, False), "1": (True, False), "true": (True, False), "-1": (False, True),
           "reverse": (False, True), "reversible": (False, False)}  # fmt: skip
_BOTH_WAYS = (True, True)

# Urban expressways are tagged trunk without saying that feet and bicycles are barred; national roads through townships
# are tagged trunk too and are used by all. Bridges, tunnels, tags and names tell them apart.
_EXPRESSWAY_NAME = re.compile(r"高架|快速路|隧道|高速")


@dataclass(frozen=True, slots=True, eq=False)
class StreetNetwork:
    """Streets as a directed graph of straight pieces, and as the lines they were drawn from.

    `lon`, `lat` float64[n] WGS-84 degrees; `start`, `end` int32[e] node numbers; `length_m` float32[e]; `seconds`
    float32[4, e] in the order of `MODES`, inf where the mode may not go. Edges may be parallel. Way `w` is the line of
    nodes `way_node[way_offset[w]:way_offset[w + 1]]` (int32), of class `CLASSES[way_class[w]]` (int8), named
    `way_name[w]`.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    length_m: NDArray[np.float32]
    seconds: NDArray[np.float32]
    way_offset: NDArray[np.int32]
    way_node: NDArray[np.int32]
    way_class: NDArray[np.int8]
    way_name: NDArray[np.str_]

    def to_bytes(self) -> bytes:
        """The network as a compressed .npz; the same network always gives the same bytes."""
        out = io.BytesIO()
        np.savez_compressed(out, **{field.name: getattr(self, field.name) for field in fields(self)})
        return out.getvalue()


def from_bytes(data: bytes) -> StreetNetwork:
    """The network `StreetNetwork.to_bytes` wrote.

    Raises ValueError when `data` is not one.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            network = StreetNetwork(**{field.name: arrays[field.name] for field in fields(StreetNetwork)})
    except (ValueError, KeyError, OSError, EOFError, BadZipFile, zlib.error, AttributeError) as error:
        raise ValueError(f"not a stored street network: {error}") from error
    if network.seconds.shape != (len(MODES), len(network.start)) or len(network.start) != len(network.end):
        raise ValueError("not a stored street network: its arrays do not fit together")
    return network


def distance_m(
    lon: NDArray[np.float64], lat: NDArray[np.float64], lon2: NDArray[np.float64], lat2: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Great-circle distances in metres, element by element (haversine)."""
    phi, phi2 = np.radians(lat), np.radians(lat2)
    h = np.sin((phi2 - phi) / 2) ** 2 + np.cos(phi) * np.cos(phi2) * np.sin(np.radians(lon2 - lon) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(h)), dtype=np.float64)


def geojson(network: StreetNetwork) -> bytes:
    """The streets as a GeoJSON FeatureCollection of LineStrings, with properties `class` and `name`."""
    places = np.column_stack((network.lon, network.lat)).round(6)
    features = [
        {
            "type": "Feature",
            "properties": {"class": CLASSES[network.way_class[way]], "name": str(network.way_name[way])},
            "geometry": {
                "type": "LineString",
                "coordinates": places[network.way_node[first:last]].tolist(),
            },
        }
        for way, (first, last) in enumerate(zip(network.way_offset[:-1], network.way_offset[1:], strict=True))
    ]
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def read(name: str, source: bytes) -> StreetNetwork:
    """The street network of the OpenStreetMap file `source`; `name` ends in `.osm` (XML) or `.osm.pbf`.

    Every way whose `highway` is in `CLASSES` is kept for drawing, but areas; ways are cut where the file lacks a node.
    Edges exist where at least one mode may go.

    `shanghai-center.osm` (written by OSMnx) gives its 796 ways and 2,458 nodes. It holds only one piece of each two-way
    street, there and back (A B A), so a plain reading counts such edges twice: 2,315 one-way and 4 x 268 make its 3,387
    directed edges. Here 12 of them (access=no) are missing, and those against one-way traffic, for feet, are added.

    Raises ValueError with a sentence naming the file and what is wrong.
    """
    form = _form(name)
    try:
        ways = _read_ways(source, form)
        nodes = _read_nodes(source, form, {ref for way in ways for ref in way.refs})
    except (RuntimeError, osmium.InvalidLocationError) as error:
        raise ValueError(f"{name}: cannot be read as OpenStreetMap data: {error}") from error
    pieces = [piece for way in ways for piece in _pieces(way, nodes)]
    network = _network(pieces, nodes) if pieces else None
    if network is None or not len(network.start):
        raise ValueError(
            f"{name}: holds no street that anybody may use (no way with a known highway tag and its nodes)"
        )
    return network


@dataclass(frozen=True, slots=True)
class _Way:
    refs: list[int]
    highway: int
    name: str
    forward: Speeds
    backward: Speeds


@dataclass(frozen=True, slots=True)
class _Node:
    lon: float
    lat: float
    passes: tuple[bool, bool, bool, bool]
    lost_s: Speeds


def _form(name: str) -> str:
    if name.endswith(".osm"):
        return "osm"
    if name.endswith(".osm.pbf"):
        return "pbf"
    raise ValueError(f"{name}: streets are read from a file ending in .osm or .osm.pbf")


def _read_ways(source: bytes, form: str) -> list[_Way]:
    ways = []
    found = osmium.FileProcessor(osmium.io.FileBuffer(source, form), osmium.osm.WAY)
    for way in found.with_filter(osmium.filter.KeyFilter("highway")):
        tags = dict(way.tags)
        if not isinstance(way, osmium.osm.Way) or tags["highway"] not in SPEEDS_MPS or tags.get("area") == "yes":
            continue
        forward, backward = speeds(tags)
        refs = [node.ref for node in way.nodes]
        ways.append(_Way(refs, CLASSES.index(tags["highway"]), tags.get("name", ""), forward, backward))
    return ways


def _read_nodes(source: bytes, form: str, wanted: set[int]) -> dict[int, _Node]:
    # not osmium's IdFilter: a dense bit set, so that a few of today's node numbers cost it a gigabyte
    return {
        node.id: _Node(node.lon, node.lat, passes(dict(node.tags)), lost_s(dict(node.tags)))
        for node in osmium.FileProcessor(osmium.io.FileBuffer(source, form), osmium.osm.NODE)
        if node.id in wanted and isinstance(node, osmium.osm.Node) and node.location.valid()
    }


def speeds(tags: Mapping[str, str]) -> tuple[Speeds, Speeds]:
    """Speeds in m/s along and against a way with these tags, in the order of `MODES`; 0 where a mode may not go."""
    base = _with_expressway_rule(SPEEDS_MPS.get(tags.get("highway", ""), _CLOSED), tags)
    limit = _maxspeed_mps(tags.get("maxspeed", ""))
    along, against = [], []
    for mode in range(len(MODES)):
        speed = 0.0 if MODES[mode] is Mode.VEHICLE and _too_small(tags) else _permitted(base[mode], mode, tags)
        if MODES[mode] is not Mode.FOOT:
            speed = min(speed, limit)
        there, back = _directions(mode, tags)
        along.append(speed if there else 0.0)
        against.append(speed if back else 0.0)
    return (along[0], along[1], along[2], along[3]), (against[0], against[1], against[2], against[3])


def passes(tags: Mapping[str, str]) -> tuple[bool, bool, bool, bool]:
    """Which of `MODES` get past a node with these tags: its own access tags decide, else the kind of barrier."""
    barrier = tags.get("barrier")
    if barrier is None:
        return (True, True, True, True)
    usual = _BARRIER_PASSES.get(barrier, _BOLLARD)
    if tags.get("locked") == "yes":
        usual = (usual[0], False, False, False)
    opened = [_gets_past(usual[mode], *_access(mode, tags)) for mode in range(len(MODES))]
    return (opened[0], opened[1], opened[2], opened[3] and not _too_small(tags))


def lost_s(tags: Mapping[str, str]) -> Speeds:
    """Seconds that each of `MODES` loses at a node with these tags, if it gets past at all."""
    return _BARRIER_S.get(tags.get("barrier", ""), (0, 0, 0, 0))


def _too_small(tags: Mapping[str, str]) -> bool:
    """True where a bridge, tunnel or bar is too low, too weak or too narrow for a station's vehicle."""
    limits = ((_size(tags.get(key, "")), needed) for key, needed in _VEHICLE)
    return any(limit is not None and limit < needed for limit, needed in limits)


def _size(text: str) -> float | None:
    """Metres or tonnes, `2.5`, `2.5 m` or `3.5 t`; None for what is no such number (`default`, feet)."""
    match = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*(?:m|t)?", text)
    return float(match[1].replace(",", ".")) if match is not None else None


def _gets_past(usual: bool, key: str, value: str | None) -> bool:  # noqa: FBT001 - a fact, not a switch
    if value == "no":
        return False
    return usual if key in ("", "access") or value in _NO_NEWS else True


def _with_expressway_rule(base: Speeds, tags: Mapping[str, str]) -> Speeds:
    barred = tags.get("motorroad") == "yes" or (
        tags.get("highway") in ("trunk", "trunk_link")
        and (
            tags.get("bridge", "no") != "no"
            or tags.get("tunnel", "no") != "no"
            or tags.get("expressway") == "yes"
            or _EXPRESSWAY_NAME.search(tags.get("name", "")) is not None
        )
    )
    return (0, 0, base[2], base[3]) if barred else base


def _access(mode: int, tags: Mapping[str, str]) -> tuple[str, str | None]:
    for key in _ACCESS_KEYS[mode]:
        if (value := tags.get(key)) is not None:
            return key, value
    return "", None


def _permitted(speed: float, mode: int, tags: Mapping[str, str]) -> float:
    key, value = _access(mode, tags)
    if tags.get("emergency") in ("yes", "designated"):
        return speed or _OPENED_MPS[mode]
    if value == "no":
        return 0
    if value == "dismount":
        return _PUSHED_MPS
    if value is None or value in _NO_NEWS or key == "access":
        return speed
    return speed or _OPENED_MPS[mode]


def _directions(mode: int, tags: Mapping[str, str]) -> tuple[bool, bool]:
    if MODES[mode] is Mode.FOOT:  # oneway is about wheels
        return _ONEWAY.get(tags.get("oneway:foot", ""), _BOTH_WAYS)
    if MODES[mode] is Mode.EBIKE:
        if "oneway:bicycle" in tags:
            return _ONEWAY.get(tags["oneway:bicycle"], _BOTH_WAYS)
        if any(tags.get(key, "").startswith("opposite") for key in ("cycleway", "cycleway:left", "cycleway:right")):
            return _BOTH_WAYS
    if "oneway" not in tags and (
        tags.get("junction") in ("roundabout", "circular") or tags.get("highway") == "motorway"
    ):
        return (True, False)
    return _ONEWAY.get(tags.get("oneway", ""), _BOTH_WAYS)


def _maxspeed_mps(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(mph|km/h)?", text)
    if match is None or float(match[1]) == 0:
        return float("inf")
    return float(match[1]) * (0.44704 if match[2] == "mph" else 1 / 3.6)


def _pieces(way: _Way, nodes: Mapping[int, _Node]) -> list[_Way]:
    runs: list[list[int]] = [[]]
    for ref in way.refs:
        if ref not in nodes:
            runs.append([])
        elif not runs[-1] or runs[-1][-1] != ref:
            runs[-1].append(ref)
    return [_Way(run, way.highway, way.name, way.forward, way.backward) for run in runs if len(run) > 1]


def _network(ways: list[_Way], nodes: Mapping[int, _Node]) -> StreetNetwork:
    refs, way_node = np.unique(np.array([ref for way in ways for ref in way.refs], np.int64), return_inverse=True)
    used = [nodes[ref] for ref in refs.tolist()]
    lon, lat = _floats(used, lambda node: node.lon), _floats(used, lambda node: node.lat)
    sizes = np.array([len(way.refs) for way in ways])
    way_of_node = np.repeat(np.arange(len(ways)), sizes)
    joined = way_of_node[1:] == way_of_node[:-1]  # a piece runs between neighbours of the same way
    first, second, way_of_edge = way_node[:-1][joined], way_node[1:][joined], way_of_node[1:][joined]
    start, end = np.concatenate((first, second)), np.concatenate((second, first))
    length_m = distance_m(lon[start], lat[start], lon[end], lat[end])
    mps = np.concatenate(
        (np.array([way.forward for way in ways])[way_of_edge], np.array([way.backward for way in ways])[way_of_edge])
    ).T
    open_to = np.array([node.passes for node in used]).T
    going = (mps > 0) & open_to[:, start] & open_to[:, end]
    # half of what is lost at a node on the way to it, half on the way from it
    lost = np.array([node.lost_s for node in used], np.float64).T / 2
    seconds = np.divide(length_m, mps, out=np.full(mps.shape, np.inf), where=going) + lost[:, start] + lost[:, end]
    kept = going.any(axis=0)
    return StreetNetwork(
        lon=lon,
        lat=lat,
        start=start[kept].astype(np.int32),
        end=end[kept].astype(np.int32),
        length_m=length_m[kept].astype(np.float32),
        seconds=seconds[:, kept].astype(np.float32),
        way_offset=np.concatenate(([0], np.cumsum(sizes))).astype(np.int32),
        way_node=way_node.astype(np.int32),
        way_class=np.array([way.highway for way in ways], np.int8),
        way_name=np.array([way.name for way in ways], np.str_),
    )


def _floats(nodes: list[_Node], value: Callable[[_Node], float]) -> NDArray[np.float64]:
    return np.array([value(node) for node in nodes], np.float64)
