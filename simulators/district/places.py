"""Six hundred buildings: estates of dwellings inside blocks, everything else along streets, each with its address."""

import math
from dataclasses import dataclass, field

import shapely
from shapely.geometry import LineString, Point, Polygon

from devices.model import Place
from simulators.dice import Dice
from simulators.district import names, plane, zones
from simulators.district.grids import DISTRICT, small_code
from simulators.district.names import Words, numeral
from simulators.district.parcels import SMALL_PER_MIDDLE, Parcels
from simulators.district.streets import Streets
from simulators.district.terrain import Terrain
from simulators.district.zones import Zone

SETBACK_M = 15.0
APART_M = 22.0
METRES_PER_NUMBER = 7.0
INNER_CITY_M = 1500.0
"""Density falls to a third at this distance from the middle of the old town."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place with what the rest of the generator wants to know: where on the plane, in which estate and small grid."""

    place: Place
    x: float
    y: float
    small: int
    estate: str | None = None


@dataclass(slots=True)
class _Ground:
    """Where may still be built, and which house numbers are taken."""

    parcels: Parcels
    streets: Streets
    terrain: Terrain
    dice: Dice
    taken: dict[int, list[tuple[float, float]]] = field(default_factory=dict)
    numbers: set[tuple[str, int]] = field(default_factory=set)
    used: set[tuple[int, int]] = field(default_factory=set)
    tree: shapely.STRtree = field(init=False)
    lines: list[LineString] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = [LineString(way.points) for way in self.streets.named()]
        self.tree = shapely.STRtree(self.lines)

    def free(self, small: int, x: float, y: float) -> bool:
        """True, and the spot is taken from now on, when nothing stands near it in the small grid."""
        spots = self.taken.setdefault(small, [])
        if any(math.hypot(x - other_x, y - other_y) < APART_M for other_x, other_y in spots):
            return False
        spots.append((x, y))
        return True

    def plot(self, small: int, index: int, inset: float) -> Polygon | None:
        """The part of a block that can be built on, `inset` metres from its streets; None when there is none."""
        land = shapely.difference(self.parcels.blocks[small][index], self.terrain.shore).buffer(-inset)
        parts = [part for part in shapely.get_parts(land) if isinstance(part, Polygon) and not part.is_empty]
        return max(parts, key=lambda part: part.area, default=None)

    def address(self, x: float, y: float) -> str:
        """The nearest street and a house number not given before, even on one side and odd on the other."""
        point = Point(x, y)
        index = int(self.tree.nearest(point))
        way, line = self.streets.named()[index], self.lines[index]
        at = line.project(point)
        on, ahead = line.interpolate(max(at - 1.0, 0.0)), line.interpolate(min(at + 1.0, line.length))
        left = (ahead.x - on.x) * (y - on.y) - (ahead.y - on.y) * (x - on.x) > 0
        number = 2 * int(at / METRES_PER_NUMBER) + (1 if left else 2)
        while (way.name, number) in self.numbers:
            number += 2
        self.numbers.add((way.name, number))
        return f"{DISTRICT}{way.name}{number}号"


def _weights(parcels: Parcels, category: str) -> list[float]:
    """How likely each small grid is to get a place of `category`: its zone's affinity, denser towards the middle."""
    weights = []
    for small, polygon in enumerate(parcels.smalls):
        away = math.hypot(polygon.centroid.x, polygon.centroid.y)
        zone = zones.OF_MIDDLE[small // SMALL_PER_MIDDLE]
        weights.append(zones.AFFINITY[category][zone] * 3 ** -(away / INNER_CITY_M))
    return weights


def _frontage(ground: _Ground, small: int, inset: float) -> tuple[float, float]:
    """A free spot along a street of the small grid.

    Raises ValueError when the small grid is full.
    """
    for attempt in range(400):
        index = ground.dice.whole(0, len(ground.parcels.blocks[small]) - 1)
        if (small, index) in ground.used and attempt < 200:
            continue
        plot = ground.plot(small, index, inset)
        if plot is None or plot.area < 60:
            continue
        spot = plot.exterior.interpolate(ground.dice.between(0, plot.exterior.length))
        if ground.free(small, spot.x, spot.y):
            return spot.x, spot.y
    raise ValueError(f"small grid {small} has no room left; try another seed")


def _estate_spots(ground: _Ground, small: int, count: int, spacing: float) -> list[tuple[float, float]]:
    """`count` free spots in rows inside one block of the small grid: the first block found with room for all.

    Raises ValueError when there is none.
    """
    best: list[tuple[float, float]] = []
    for index in ground.dice.shuffled(range(len(ground.parcels.blocks[small]))):
        plot = ground.plot(small, index, 20.0)
        if plot is None or (small, index) in ground.used:
            continue
        west, south, east, north = plot.bounds
        spots = [
            (west + spacing * (column + 0.5), north - spacing * 0.8 * (row + 0.5))
            for row in range(int((north - south) / (spacing * 0.8)) + 1)
            for column in range(int((east - west) / spacing) + 1)
        ]
        inside = [spot for spot in spots if plot.contains(Point(spot))]
        if len(inside) > len(best):
            best, best_index = inside, index
        if len(best) >= count:
            break
    if len(best) < count:
        raise ValueError(f"small grid {small} has no room for an estate; try another seed")
    ground.used.add((small, best_index))
    ground.taken.setdefault(small, []).extend(best[:count])
    return best[:count]


BUSINESSES = {
    "shop": names.SHOPS,
    "three_in_one": names.THREE_IN_ONE,
    "restaurant": names.RESTAURANTS,
}
"""Called after their owners."""

HOUSES = {
    "hotel": names.HOTELS,
    "factory": tuple(trade + form for trade in names.TRADES for form in ("有限公司", "厂", "科技有限公司")),
    "warehouse": tuple(trade + form for trade in names.STORES for form in ("仓库", "配送中心", "园区一号库")),
    "office": names.OFFICES,
    "mall": names.MALLS,
    "market": names.MARKETS,
    "entertainment": names.FUN,
    "nursing_home": names.HOMES,
}
"""Called by a word of their own."""


def _title(category: str, words: Words, dice: Dice, ordinal: int) -> str:
    """The name over the door."""
    if category in BUSINESSES:
        return words.owner() + dice.pick(BUSINESSES[category])
    if category == "school":
        return words.word() + names.SCHOOLS[ordinal % len(names.SCHOOLS)]
    if category == "hospital":
        own = ordinal < len(names.HOSPITALS)
        return DISTRICT + names.HOSPITALS[ordinal] if own else words.word() + "社区卫生服务中心"
    return words.word() + dice.pick(HOUSES[category])


def _remarks(category: str, dice: Dice) -> dict[str, str | None]:
    """Risk, hazards, who needs help and who has the key: known for some."""
    colours = zones.RISK.get(category, ("yellow", "blue", "blue"))
    people = zones.VULNERABLE_INSIDE.get(category)
    if people is None and category in {"residential", "high_rise"} and dice.chance(0.45):
        people = dice.pick(zones.VULNERABLE)
    return {
        "risk": dice.pick(colours),
        "hazards": dice.pick(zones.HAZARDS[category]) if dice.chance(0.42) else None,
        "vulnerable": people.format(n=dice.whole(2, 9)) if people else None,
        "keyholder": dice.pick(zones.KEYHOLDERS.get(category, zones.GATE)) if dice.chance(0.4) else None,
    }


def _estates(ground: _Ground, words: Words) -> list[tuple[str, str, str, int, float, float]]:
    """(estate, name, category, small, x, y) of every dwelling: one estate in each small grid."""
    dice, found = ground.dice, []
    smalls = range(len(ground.parcels.smalls))
    larger = set(dice.shuffled(list(smalls))[: zones.DWELLINGS - 3 * len(smalls)])
    for small in smalls:
        zone = zones.OF_MIDDLE[small // SMALL_PER_MIDDLE]
        tall = dice.chance(zones.HIGH_RISE_SHARE[zone])
        suffix = "职工公寓" if zone is Zone.INDUSTRY else dice.pick(names.ESTATE_NEW if tall else names.ESTATE_OLD)
        estate = words.word() + suffix
        spots = _estate_spots(ground, small, 4 if small in larger else 3, 46.0 if tall else 34.0)
        label = dice.pick(("{}幢", "{}号楼")) if not tall else "{}号楼"
        for number, (x, y) in enumerate(spots, start=1):
            found.append((estate, estate + label.format(number), "high_rise" if tall else "residential", small, x, y))
    return found


def settle(terrain: Terrain, parcels: Parcels, streets: Streets, words: Words, seed: int) -> tuple[Site, ...]:
    """All places of the district, numbered through by small grid; their own stations are not yet known."""
    dice = Dice(seed, "places")
    ground = _Ground(parcels, streets, terrain, dice)
    rows: list[tuple[str | None, str, str, int, float, float]] = list(_estates(ground, words))
    estates = [(row[0], row[3]) for row in rows if str(row[1]).endswith(("1幢", "1号楼"))]
    for category, count in zones.COUNTS.items():
        weights = _weights(parcels, category)
        sheds = dice.shuffled(estates)
        for ordinal in range(count):
            if category == "ebike_charging":
                estate, small = sheds[ordinal]
                title = f"{estate}电动自行车充电棚"
            else:
                estate, small = None, dice.weighted(range(len(weights)), weights)
                title = _title(category, words, dice, ordinal)
            x, y = _frontage(ground, small, SETBACK_M)
            rows.append((estate, title, category, small, x, y))
    rows.sort(key=lambda row: row[3])
    addresses: dict[str, str] = {}
    return tuple(_site(number, row, ground, addresses) for number, row in enumerate(_distinct(rows), start=1))


def _distinct(
    rows: list[tuple[str | None, str, str, int, float, float]],
) -> list[tuple[str | None, str, str, int, float, float]]:
    """The rows, a name that comes again marked as a branch."""
    seen: dict[str, int] = {}
    out = []
    for estate, title, category, small, x, y in rows:
        seen[title] = seen.get(title, 0) + 1
        again = "" if seen[title] == 1 else f"({numeral(seen[title])}店)"
        out.append((estate, title + again, category, small, x, y))
    return out


def _site(
    number: int, row: tuple[str | None, str, str, int, float, float], ground: _Ground, addresses: dict[str, str]
) -> Site:
    """The place of `row`. The buildings of an estate share its gate's address, kept in `addresses`."""
    estate, title, category, small, x, y = row
    lon, lat = plane.degrees(x, y)
    address = addresses.get(estate or "") or ground.address(x, y)
    if estate is not None:
        addresses[estate] = address
    low, high = zones.FLOORS[category]
    place = Place(
        code=f"P-{number:04d}",
        name=title,
        category=category,
        address=address,
        lon=lon,
        lat=lat,
        floors=ground.dice.whole(low, high),
        grid=small_code(ground.parcels, small),
        **_remarks(category, ground.dice),
    )
    return Site(place, x, y, small, estate)
