"""The registry's values: frozen, and the same shape in a district pack, in memory and in the database.

Longitudes and latitudes are WGS-84 degrees everywhere (DESIGN decision 12); GCJ-02 is converted at the edges.
"""

import re
import sys
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeAlias

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""What every code in the system looks like (use `fullmatch`)."""

Ring: TypeAlias = tuple[tuple[float, float], ...]
"""A closed ring of (lon, lat)."""
MultiPolygon: TypeAlias = tuple[tuple[Ring, ...], ...]
"""Polygons, each an outer ring followed by its holes."""


class Kind(StrEnum):
    """What a device measures; one hypertable of readings per kind."""

    SMOKE = "smoke"
    ELECTRICAL = "electrical"


class StationKind(StrEnum):
    """Whose station it is. A brigade is never ordered, it is reported to."""

    UNIT = "unit"
    COMMUNITY = "community"
    TOWNSHIP = "township"
    BRIGADE = "brigade"


class Mode(StrEnum):
    """How a station's crew travels."""

    FOOT = "foot"
    EBIKE = "ebike"
    MOTORCYCLE = "motorcycle"
    VEHICLE = "vehicle"


class DutyKind(StrEnum):
    """A responsibility of a person, and by its nature what the scope is: a grid, a place or a station."""

    LEADER = "leader"
    DEPUTY = "deputy"
    MEMBER = "member"
    PATRON = "patron"
    POLICE = "police"
    WARDEN = "warden"
    MANAGER = "manager"
    CONTRACTOR = "contractor"
    CONTACT = "contact"
    CONTROL_ROOM = "control_room"
    CHIEF = "chief"
    DUTY_OFFICER = "duty_officer"
    CREW = "crew"
    COMMANDER = "commander"


GRID_DUTIES = frozenset({DutyKind.LEADER, DutyKind.DEPUTY, DutyKind.MEMBER, DutyKind.PATRON, DutyKind.POLICE})
PLACE_DUTIES = frozenset(
    {DutyKind.WARDEN, DutyKind.MANAGER, DutyKind.CONTRACTOR, DutyKind.CONTACT, DutyKind.CONTROL_ROOM}
)
STATION_DUTIES = frozenset({DutyKind.CHIEF, DutyKind.DUTY_OFFICER, DutyKind.CREW})


@dataclass(frozen=True, slots=True)
class Grid:
    """A fire-safety grid (网格). `level`: 1 large, 2 middle, 3 small."""

    code: str
    name: str
    level: int
    parent: str | None
    polygon: MultiPolygon


@dataclass(frozen=True, slots=True)
class Place:
    """A building, shop, household or unit. `grid` is the smallest grid it lies in; `station` its own micro station;
    `plan` where its floor plan is: an address, a file's name or a shelf mark.
    """

    code: str
    name: str
    category: str
    address: str
    lon: float
    lat: float
    floors: int
    grid: str
    station: str | None = None
    risk: str | None = None
    hazards: str | None = None
    vulnerable: str | None = None
    keyholder: str | None = None
    plan: str | None = None


@dataclass(frozen=True, slots=True)
class Station:
    """A micro fire station (微型消防站) or a larger one. `muster_s` seconds from order to leaving; `capacity` incidents
    at once; `fallback` the webhook (SMS, voice) that reaches it where no screen does.
    """

    code: str
    name: str
    kind: StationKind
    lon: float
    lat: float
    grid: str
    phone: str
    crew_min: int
    muster_s: int
    mode: Mode
    capacity: int = 1
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A named responsible person; `station` where they serve, if anywhere; `fallback` the webhook (SMS, voice) that
    reaches them where no page does.
    """

    code: str
    name: str
    phone: str
    station: str | None = None
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """One responsibility of one person. `scope` is a grid's, place's or station's code; empty for a commander."""

    person: str
    duty: DutyKind
    scope: str


@dataclass(frozen=True, slots=True)
class Shift:
    """A person's weekly shift at a station, local time. `weekday` ISO 1 Monday .. 7 Sunday, of the shift's start.

    `until` at or before `start` ends the next day; equal means 24 hours.
    """

    station: str
    weekday: int
    start: time
    until: time
    person: str


@dataclass(frozen=True, slots=True)
class Gateway:
    """Publishes for the devices behind it; its code is its MQTT user name."""

    code: str
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class Device:
    """A detector or monitor. `id` is the database's small number for it (0 before it is stored); `lon`, `lat` fall
    back to the place's.
    """

    code: str
    profile: str
    gateway: str
    place: str
    floor: int | None = None
    room: str | None = None
    lon: float | None = None
    lat: float | None = None
    installed_on: date | None = None
    id: int = 0

    def __post_init__(self) -> None:
        """Words that thousands of devices share are kept in memory once."""
        for name in ("profile", "gateway", "place", "room"):
            if (word := getattr(self, name)) is not None:
                object.__setattr__(self, name, sys.intern(word))


@dataclass(frozen=True, slots=True)
class Water:
    """A hydrant, tank or other source of water. `state` is free text from the pack, such as `ok` or `broken`."""

    code: str
    kind: str
    lon: float
    lat: float
    state: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A fire lane to be kept free: GeoJSON geometry and properties as given, WGS-84."""

    code: str
    geometry: str
    properties: str


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a station has."""

    station: str
    item: str
    count: int
    checked_on: date | None = None
    expires_on: date | None = None


class ClosureKind(StrEnum):
    """What is out of order."""

    ROAD = "road"
    LIFT = "lift"


@dataclass(frozen=True, slots=True)
class Closure:
    """A road that is closed, at a point of it, or a lift out of order, at a place. In force from `start` up to `until`;
    None: since ever, for good. `modes`: to which modes of travel the road is closed, separated by commas; None: to all.
    """

    code: str
    kind: ClosureKind
    place: str | None = None
    lon: float | None = None
    lat: float | None = None
    start: datetime | None = None
    until: datetime | None = None
    modes: str | None = None
    note: str | None = None

    def in_force(self, at: datetime) -> bool:
        """True from `start` up to but without `until`."""
        return (self.start is None or self.start <= at) and (self.until is None or at < self.until)

    def closed_to(self, mode: Mode) -> bool:
        """True for a road that is closed to this mode."""
        return self.kind is ClosureKind.ROAD and (self.modes is None or mode.value in self.modes.split(","))
