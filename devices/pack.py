"""A district pack (CONTRACT section 5): a folder in, a whole registry out, or everything that is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from devices import gcj02, placement, references, rows, streets
from devices.book import Book
from devices.fault import Fault
from devices.geometry import Move
from devices.profile import Profile
from devices.registry import Registry

MANDATORY = (
    "grids.geojson",
    "places.csv",
    "stations.csv",
    "people.csv",
    "duties.csv",
    "gateways.csv",
    "devices.csv",
)
ROADS = ("roads.osm", "roads.osm.pbf")
OPTIONAL = ("rosters.csv", "water.csv", "lanes.geojson", "equipment.csv", "closures.csv", "rules.csv", *ROADS)
FILES = MANDATORY + OPTIONAL
MOVES: dict[str, Move] = {"wgs84": lambda lon, lat: (lon, lat), "gcj02": gcj02.to_wgs84}
"""Coordinate reference system of a pack -> the way to WGS-84. Roads are OpenStreetMap's and thus WGS-84 in any pack."""

_COUNTED = (
    "grids",
    "places",
    "stations",
    "people",
    "duties",
    "shifts",
    "gateways",
    "devices",
    "water",
    "lanes",
    "equipment",
    "closures",
    "rules",
)


@dataclass(frozen=True, slots=True)
class Roads:
    """The street file as it came, and the network read from it (`StreetNetwork.to_bytes`)."""

    name: str
    source: bytes
    network: bytes


@dataclass(frozen=True, slots=True)
class Pack:
    """A district without mistakes: `registry` has version 0, its devices id 0. `notes`: what is odd but was taken."""

    registry: Registry
    roads: Roads | None = None
    notes: tuple[Fault, ...] = ()

    def lines(self) -> list[str]:
        """What to print: how much of everything there is, and the notes."""
        counts = [f"{noun} {len(getattr(self.registry, noun))}" for noun in _COUNTED]
        roads = f"roads {self.roads.name if self.roads else 'none, travel times will be by line'}"
        return [*counts, roads, *(f"note: {note}" for note in self.notes)]


def read(folder: Path, crs: str, profiles: Mapping[str, Profile]) -> Pack | list[Fault]:
    """The pack in `folder`, positions in WGS-84; or each of its faults in the order of files and lines.

    Raises ValueError when `crs` is none of MOVES.
    """
    if crs not in MOVES:
        raise ValueError(f"crs {crs!r} is none of {', '.join(MOVES)}")
    try:
        names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
        contents = {name: (folder / name).read_bytes() for name in names if name in FILES}
    except OSError as error:
        return [Fault(str(error.filename or folder), 0, f"cannot be read: {error.strerror}")]
    found = parse(contents, crs, profiles)
    if isinstance(found, list):
        return found
    strange = tuple(Fault(name, 0, "is no part of a pack and is ignored") for name in names if name not in FILES)
    return replace(found, notes=found.notes + strange)


def parse(files: Mapping[str, bytes], crs: str, profiles: Mapping[str, Profile]) -> Pack | list[Fault]:
    """The same from file names and their contents."""
    book = Book(files, MOVES[crs])
    for name in MANDATORY:
        if name not in files:
            book.refuse(name, 0, "is missing")
    grids = book.grids()
    registry = Registry(
        grids=grids,
        places=book.placed(book.keyed("places.csv", "places", rows.place), grids),
        stations=book.keyed("stations.csv", "stations", rows.station),
        people=book.keyed("people.csv", "people", rows.person),
        duties=book.distinct("duties.csv", "duties", rows.duty),
        shifts=book.distinct("rosters.csv", "shifts", rows.shifts),
        gateways=book.keyed("gateways.csv", "gateways", rows.gateway),
        devices=book.keyed("devices.csv", "devices", rows.device),
        water=book.keyed("water.csv", "water", rows.water),
        lanes=book.lanes(),
        equipment=book.distinct("equipment.csv", "equipment", rows.equipment),
        closures=book.keyed("closures.csv", "closures", rows.closure),
        rules=book.keyed("rules.csv", "rules", rows.override),
        profiles=dict(profiles),
    )
    roads = _roads(files, book)
    for problem in references.problems(registry, book.elsewhere):
        book.refuse(*book.where[problem.noun, problem.key], problem.reason)
    if book.faults:
        return sorted(set(book.faults), key=lambda fault: (_order(fault.file), fault))
    return Pack(registry, roads, (*book.notes, *_oddities(registry, book)))


def _roads(files: Mapping[str, bytes], book: Book) -> Roads | None:
    given = [name for name in ROADS if name in files]
    if not given:
        return None
    if len(given) > 1:
        book.refuse(given[1], 0, f"there is also {given[0]}: keep one of them")
    try:
        return Roads(given[0], files[given[0]], streets.read(given[0], files[given[0]]).to_bytes())
    except ValueError as error:
        book.refuse(given[0], 0, str(error))
        return None


def _oddities(registry: Registry, book: Book) -> list[Fault]:
    """What may well be a mistake, but need not."""
    odd = [Fault(*book.where["grids", code], reason) for code, reason in placement.oddities(registry.grids)]
    for device in registry.devices.values():
        floors = registry.places[device.place].floors
        if device.floor is not None and device.floor > floors + 1:  # one above is the roof
            reason = f"floor {device.floor}: place {device.place} has {floors}"
            odd.append(Fault(*book.where["devices", device.code], reason))
    return odd


def _order(file: str) -> int:
    return FILES.index(file) if file in FILES else len(FILES)
