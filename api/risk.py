"""Each grid's risk (四色风险): an index of 0 to 100 and its colour. Pure.

No notice or standard seen gives numbers for the four colours (DOMAIN 1.1): weights, full marks and limits are our
assumptions. Every part counts in proportion up to its full mark.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from devices.model import Place
from devices.registry import Registry


class Colour(StrEnum):
    """The four colours of the risk map, the gravest first."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"


LIMITS = ((60.0, Colour.RED), (40.0, Colour.ORANGE), (20.0, Colour.YELLOW), (0.0, Colour.BLUE))
"""From which index on a grid has the colour."""


@dataclass(frozen=True, slots=True)
class Part:
    """What counts: `weight` points at most, all of them from a value of `full` on."""

    name: str
    weight: float
    full: float


PARTS = (
    Part("incidents", 25, 0.05),
    Part("false_alarms", 10, 0.1),
    Part("devices", 15, 0.2),
    Part("uncovered", 20, 0.5),
    Part("places", 20, 0.8),
    Part("people", 10, 0.5),
)
"""By value: incidents and false alarms for each place in the period; the share of devices offline or faulty now; the
share of the watched time in which its places, on average, were out of reach; the mean hazard of its places (0 to 1);
the share of places with people who cannot get out alone.
"""

_COLOURS = {
    "red": 1.0, "orange": 0.7, "yellow": 0.4, "blue": 0.1, "红": 1.0, "橙": 0.7, "黄": 0.4, "蓝": 0.1,
    "重大": 1.0, "高": 1.0, "较大": 0.7, "较高": 0.7, "一般": 0.4, "中": 0.4, "低": 0.1, "较低": 0.1,
}  # fmt: skip
_CATEGORIES = {
    "three_in_one": 1.0, "三合一": 1.0, "ebike_charging": 0.9, "电动自行车充电": 0.9, "nursing_home": 0.9, "养老": 0.9,
    "warehouse": 0.7, "仓库": 0.7, "factory": 0.7, "工厂": 0.7, "mall": 0.7, "商场": 0.7, "market": 0.7, "市场": 0.7,
    "hotel": 0.7, "旅馆": 0.7, "hospital": 0.7, "医疗": 0.7, "entertainment": 0.7, "high_rise": 0.6, "高层": 0.6,
    "school": 0.5, "学校": 0.5, "small_place": 0.5, "九小场所": 0.5, "shop": 0.5, "宿舍": 0.6, "residential": 0.3,
    "住宅": 0.3, "office": 0.2, "办公": 0.2,
}  # fmt: skip
_UNKNOWN = 0.4


@dataclass(frozen=True, slots=True)
class Ground:
    """What the registry says of a grid: how many places and devices, and the sums of hazard and of places with people
    who cannot get out alone.
    """

    places: int = 0
    devices: int = 0
    hazard: float = 0.0
    people: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """What happened in a grid in the period. `place_minutes`: uncovered, of all its places together."""

    incidents: int = 0
    false_alarms: int = 0
    place_minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a grid's index: `value` as PARTS says (None: nobody knows), `points` of `weight`."""

    name: str
    value: float | None
    points: float
    weight: float


@dataclass(frozen=True, slots=True)
class Risk:
    """A grid's index and what it is made of."""

    index: float
    colour: Colour
    parts: tuple[Share, ...]


def hazard(place: Place) -> float:
    """0 to 1: as the place's registered risk says in words or as a colour, else by its category."""
    said = (place.risk or "").strip().lower()
    return _COLOURS.get(said, _CATEGORIES.get(place.category, _UNKNOWN))


def ground(registry: Registry) -> dict[str, Ground]:
    """Every grid with all that lies in it and below."""
    sums = {code: Ground() for code in registry.grids}
    for place in registry.places.values():
        devices, people = len(registry.devices_at(place.code)), int(bool(place.vulnerable))
        for grid in registry.grid_chain(place.grid):
            have = sums[grid.code]
            sums[grid.code] = Ground(
                have.places + 1, have.devices + devices, have.hazard + hazard(place), have.people + people
            )
    return sums


def out_of_order(registry: Registry, devices: Iterable[str]) -> dict[str, int]:
    """How many of these devices each grid has."""
    counts: dict[str, int] = {}
    for code in set(devices):
        device = registry.devices.get(code)
        place = registry.places.get(device.place) if device is not None else None
        for grid in registry.grid_chain(place.grid) if place is not None else ():
            counts[grid.code] = counts.get(grid.code, 0) + 1
    return counts


def of(about: Ground, past: Past, out: int, watched_minutes: float) -> Risk:
    """The grid's risk. A grid without places has none: index 0, blue."""
    places = about.places
    values: Mapping[str, float | None] = {
        "incidents": past.incidents / places if places else 0.0,
        "false_alarms": past.false_alarms / places if places else 0.0,
        "devices": min(1.0, out / about.devices) if about.devices else None,
        "uncovered": min(1.0, past.place_minutes / (watched_minutes * places)) if places and watched_minutes else None,
        "places": about.hazard / places if places else 0.0,
        "people": about.people / places if places else 0.0,
    }
    parts = tuple(_share(part, values[part.name]) for part in PARTS)
    index = round(sum(part.points for part in parts), 1)
    return Risk(index, next(colour for limit, colour in LIMITS if index >= limit), parts)


def _share(part: Part, value: float | None) -> Share:
    points = part.weight * min(1.0, value / part.full) if value is not None else 0.0
    return Share(part.name, round(value, 4) if value is not None else None, round(points, 2), part.weight)
