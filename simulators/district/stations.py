"""Forty stations: of units, of communities, of townships, and two brigades; their rosters and equipment."""

from dataclasses import dataclass
from datetime import date, time, timedelta

import numpy as np
import shapely
from shapely.geometry import Polygon

from devices.model import Equipment, Mode, Shift, Station, StationKind
from simulators.dice import Dice
from simulators.district import plane
from simulators.district.grids import DISTRICT, small_code
from simulators.district.parcels import SMALL_PER_MIDDLE, Parcels
from simulators.district.phones import Phones
from simulators.district.places import Site
from simulators.district.streets import Streets

UNITS = {"hospital": 3, "mall": 3, "factory": 3, "hotel": 2, "school": 2, "office": 1, "market": 1}
"""Whose own stations there are, 15 in all."""
SECOND_COMMUNITY = (5, 6, 1, 7, 9, 4, 10)
"""Middle grids with two community stations."""
TOWNSHIP_MIDDLES = (5, 7, 9, 2)
BRIGADE_MIDDLES = (2, 10)

DAY = (time(8), time(20))
NIGHT = (time(20), time(8))

ITEMS = {
    StationKind.UNIT: ("干粉灭火器", "消防水带", "消防头盔", "消防服", "防毒面罩", "强光手电", "手持扩音器", "灭火毯"),
    StationKind.COMMUNITY: (
        *("干粉灭火器", "水基型灭火器", "消防水带", "多功能水枪", "消防头盔", "消防服"),
        *("空气呼吸器", "破拆工具组", "强光手电", "手台", "灭火毯", "手抬机动泵"),
    ),
    StationKind.TOWNSHIP: (
        *("轻型水罐消防车", "消防水带", "多功能水枪", "空气呼吸器", "液压破拆工具", "手抬机动泵"),
        *("6米拉梯", "热成像仪", "手台", "移动照明灯"),
    ),
    StationKind.BRIGADE: (
        *("水罐消防车", "举高喷射消防车", "抢险救援车", "空气呼吸器", "液压破拆工具", "热成像仪"),
        *("15米拉梯", "移动排烟机", "手台", "无人机"),
    ),
}
INSPECTED_ON = date(2026, 11, 1)
"""The last round of checks ended on this day."""


@dataclass(frozen=True, slots=True)
class Post:
    """A station, where it is on the plane, and the place whose own it is, if any."""

    station: Station
    small: int
    unit: str | None = None


def _at_street(streets: Streets, small: Polygon) -> tuple[float, float]:
    """A spot in the small grid, 12 m or so off a corner of one of the greater streets, as central as can be."""
    heart = small.representative_point()
    corners = np.array([point for way in streets.named() if way.small is None for point in way.points])
    spots = corners + np.array([9.0, 8.0])
    inside = spots[shapely.contains_xy(small, spots)]
    x, y = inside[np.argmin(np.hypot(inside[:, 0] - heart.x, inside[:, 1] - heart.y))]
    return float(x), float(y)


def _post(
    row: tuple[StationKind, str, Mode, int, int],
    spot: tuple[float, float],
    small: int,
    parcels: Parcels,
    phones: Phones,
) -> Post:
    """A station of `row` = kind, name, mode, crew_min, muster_s; its code is given later."""
    kind, name, mode, crew_min, muster_s = row
    lon, lat = plane.degrees(*spot)
    capacity = {StationKind.TOWNSHIP: 2, StationKind.BRIGADE: 4}.get(kind, 1)
    phone = phones.desk()
    station = Station("", name, kind, lon, lat, small_code(parcels, small), phone, crew_min, muster_s, mode, capacity)
    return Post(station, small)


def _units(sites: tuple[Site, ...], parcels: Parcels, phones: Phones, dice: Dice) -> list[Post]:
    """The stations of large units, in their own yards."""
    posts = []
    for category, count in UNITS.items():
        candidates = [site for site in sites if site.place.category == category]
        for site in sorted(dice.shuffled(candidates)[:count], key=lambda site: site.place.code):
            row = (StationKind.UNIT, f"{site.place.name}微型消防站", Mode.FOOT, 3, dice.whole(30, 60))
            post = _post(row, (site.x + 8.0, site.y - 6.0), site.small, parcels, phones)
            posts.append(Post(post.station, post.small, site.place.code))
    return posts


def _homes(parcels: Parcels) -> list[tuple[StationKind, int]]:
    """(kind, small grid) of every station that is not a unit's."""
    homes = [(StationKind.COMMUNITY, middle * SMALL_PER_MIDDLE + 1) for middle in range(len(parcels.middles))]
    homes += [(StationKind.COMMUNITY, middle * SMALL_PER_MIDDLE + 3) for middle in SECOND_COMMUNITY]
    homes += [(StationKind.TOWNSHIP, middle * SMALL_PER_MIDDLE) for middle in TOWNSHIP_MIDDLES]
    return homes + [(StationKind.BRIGADE, middle * SMALL_PER_MIDDLE + 2) for middle in BRIGADE_MIDDLES]


def _row(
    kind: StationKind, small: int, names: dict[str, str], parcels: Parcels, dice: Dice, nth: int
) -> tuple[StationKind, str, Mode, int, int]:
    middle = small_code(parcels, small)[:-2]
    match kind:
        case StationKind.TOWNSHIP:
            street = names[middle[:2]]
            name = f"{street}{'' if nth == 0 else '第二'}专职消防队"
            return kind, name, Mode.VEHICLE, 4, dice.whole(60, 90)
        case StationKind.BRIGADE:
            return (
                kind,
                f"{DISTRICT}消防救援大队{'北城' if nth == 0 else '江南'}站",
                Mode.VEHICLE,
                6,
                dice.whole(45, 60),
            )
        case _:
            name = f"{names[middle]}{'第二' if nth else ''}微型消防站"
            return kind, name, dice.weighted((Mode.EBIKE, Mode.MOTORCYCLE, Mode.FOOT), (6, 3, 1)), 3, dice.whole(40, 75)


def posts(
    parcels: Parcels, streets: Streets, sites: tuple[Site, ...], names: dict[str, str], phones: Phones, seed: int
) -> tuple[Post, ...]:
    """All stations, numbered through. `names`: of grids by code."""
    dice = Dice(seed, "stations")
    found = _units(sites, parcels, phones, dice)
    counted: dict[str, int] = {}
    for kind, small in _homes(parcels):
        spot = _at_street(streets, parcels.smalls[small])
        area = {StationKind.BRIGADE: "", StationKind.TOWNSHIP: small_code(parcels, small)[:2]}
        key = kind + area.get(kind, small_code(parcels, small)[:-2])
        row = _row(kind, small, names, parcels, dice, counted.get(key, 0))
        counted[key] = counted.get(key, 0) + 1
        found.append(_post(row, spot, small, parcels, phones))
    return tuple(_coded(post, number) for number, post in enumerate(found, start=1))


def _coded(post: Post, number: int) -> Post:
    old = post.station
    station = Station(
        f"ST-{number:02d}", old.name, old.kind, old.lon, old.lat, old.grid, old.phone, old.crew_min, old.muster_s,
        old.mode, old.capacity,
    )  # fmt: skip
    return Post(station, post.small, post.unit)


def roster(post: Post, crew: list[str], dice: Dice) -> list[Shift]:
    """Two shifts a day, three teams taking turns. Some unit stations keep no watch at night; brigades have no roster.

    `crew` are codes of persons, at least three times `crew_min`.
    """
    station = post.station
    if station.kind is StationKind.BRIGADE:
        return []
    teams = [crew[start::3] for start in range(3)]
    nights = station.kind is not StationKind.UNIT or dice.chance(0.7)
    shifts = []
    for weekday in range(1, 8):
        for turn, (start, until) in enumerate((DAY, NIGHT)):
            if turn == 0 or nights:
                team = teams[(weekday + turn) % 3]
                shifts += [Shift(station.code, weekday, start, until, person) for person in team]
    return shifts


def equipment(post: Post, dice: Dice) -> list[Equipment]:
    """What lies ready in the station, when it was checked and when it expires."""
    rows = []
    for item in ITEMS[post.station.kind]:
        count = dice.whole(1, 2) if item.endswith(("车", "泵", "机", "仪")) else dice.whole(2, 12)
        checked = INSPECTED_ON - timedelta(days=dice.whole(0, 60))
        expires = INSPECTED_ON + timedelta(days=dice.whole(-40, 1500)) if "器" in item or "面罩" in item else None
        rows.append(Equipment(post.station.code, item, count, checked, expires))
    return rows
