"""Sixty gateways, one in each small grid, and the detectors behind them."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from devices.model import Device, Gateway
from simulators.dice import Dice
from simulators.district.places import Site

ALARM, PHOTO, HEAT = "smoke-alarm", "smoke-photo", "smoke-heat"
ONE_PHASE, THREE_PHASE, DTU = "electric-1p", "electric-3p", "vendor-dtu"
SMOKE = frozenset({ALARM, PHOTO, HEAT})

DEMAND = {
    "residential": 6.0,
    "high_rise": 14.0,
    "shop": 2.0,
    "three_in_one": 3.0,
    "restaurant": 4.0,
    "ebike_charging": 3.0,
    "factory": 9.0,
    "school": 8.0,
    "hotel": 10.0,
    "office": 14.0,
    "warehouse": 6.0,
    "hospital": 18.0,
    "entertainment": 5.0,
    "nursing_home": 9.0,
    "mall": 18.0,
    "market": 7.0,
}
"""How many devices a place of each category has, relative to the others."""

GATEWAY_HOMES = ("hospital", "mall", "office", "school", "market", "hotel", "high_rise", "residential")
"""Where a grid's gateway stands, most suitable first."""

ROOMS = {
    "shop": ((ALARM, "店堂"), (ONE_PHASE, "配电箱"), (ALARM, "后仓")),
    "three_in_one": ((ALARM, "作业区"), (ALARM, "阁楼"), (ONE_PHASE, "配电箱"), (DTU, "总闸")),
    "restaurant": ((PHOTO, "大堂"), (HEAT, "厨房"), (ONE_PHASE, "厨房配电箱"), (PHOTO, "包厢"), (DTU, "总配电箱")),
    "ebike_charging": ((PHOTO, "充电区"), (DTU, "充电桩总箱"), (HEAT, "充电区尽头")),
    "factory": ((PHOTO, "车间"), (THREE_PHASE, "配电房"), (HEAT, "喷涂间"), (DTU, "车间配电柜"), (PHOTO, "仓库")),
    "school": ((PHOTO, "走廊"), (THREE_PHASE, "配电间"), (PHOTO, "实验室"), (HEAT, "食堂厨房"), (PHOTO, "图书室")),
    "hotel": (
        (PHOTO, "走廊"),
        (PHOTO, "客房"),
        (THREE_PHASE, "配电间"),
        (PHOTO, "客房"),
        (HEAT, "厨房"),
        (DTU, "层配电箱"),
    ),
    "office": ((PHOTO, "走廊"), (PHOTO, "办公区"), (THREE_PHASE, "强电井"), (PHOTO, "会议室"), (DTU, "层配电箱")),
    "warehouse": ((PHOTO, "货架区"), (THREE_PHASE, "配电房"), (PHOTO, "装卸区"), (DTU, "叉车充电间")),
    "hospital": (
        (PHOTO, "走廊"),
        (PHOTO, "病房"),
        (THREE_PHASE, "配电间"),
        (PHOTO, "护士站"),
        (DTU, "设备间"),
        (HEAT, "营养食堂"),
    ),
    "entertainment": ((PHOTO, "大厅"), (PHOTO, "包间"), (THREE_PHASE, "配电间"), (HEAT, "后厨"), (DTU, "音响电箱")),
    "nursing_home": ((PHOTO, "走廊"), (PHOTO, "房间"), (THREE_PHASE, "配电间"), (PHOTO, "活动室"), (HEAT, "厨房")),
    "mall": (
        (PHOTO, "中庭"),
        (PHOTO, "商铺"),
        (THREE_PHASE, "强电间"),
        (HEAT, "餐饮区厨房"),
        (PHOTO, "商铺"),
        (DTU, "层配电箱"),
    ),
    "market": ((PHOTO, "交易厅"), (ALARM, "摊位"), (THREE_PHASE, "配电间"), (DTU, "冷库电箱"), (ALARM, "摊位")),
}
"""What hangs where, in the order in which places are fitted out; repeated floor by floor."""

LAST_INSTALLED = date(2026, 10, 31)


@dataclass(frozen=True, slots=True)
class Fitting:
    """One device to be: which model, on which floor, in which room."""

    profile: str
    floor: int
    room: str


def _flats(floors: int, dice: Dice) -> Iterator[Fitting]:
    """An old residential building: alarms in flats, mostly of the old; a monitor at each entrance."""
    for count in itertools.count():
        if count % 5 == 1:
            yield Fitting(ONE_PHASE if count % 2 else DTU, 1, f"{count // 5 % 4 + 1}单元电表箱")
        else:
            floor = dice.whole(1, floors)
            yield Fitting(ALARM, floor, f"{floor}{dice.whole(1, 4):02d}室")


def _tower(floors: int) -> Iterator[Fitting]:
    """A high-rise: analogue detectors in the lobbies up the stairs, monitors in the shaft, one at the plant."""
    yield Fitting(PHOTO, 1, "大堂")
    yield Fitting(THREE_PHASE, 1, "配电间")
    yield Fitting(HEAT, 1, "发电机房")
    step = max(2, floors // 9)
    for count in itertools.count():
        floor = 2 + count * step % (floors - 1)
        yield Fitting(PHOTO, floor, ("电梯厅", "合用前室", "走廊")[count // 9 % 3])
        if count % 3 == 1:
            yield Fitting(DTU, floor, "楼层电井")
        if count % 4 == 2:
            yield Fitting(ALARM, floor, f"{floor}{count % 6 + 1:02d}室")


def _unit(category: str, floors: int) -> Iterator[Fitting]:
    """Any other place: its rooms, floor by floor."""
    rooms = ROOMS[category]
    for count in itertools.count():
        profile, room = rooms[count % len(rooms)]
        round_ = count // len(rooms)
        yield Fitting(profile, 1 + (count + round_) % floors, room if round_ == 0 else f"{room}{round_ + 1}")


def _fittings(site: Site, dice: Dice) -> Iterator[Fitting]:
    match site.place.category:
        case "residential":
            return _flats(site.place.floors, dice)
        case "high_rise":
            return _tower(site.place.floors)
        case category:
            return _unit(category, site.place.floors)


def _shares(sites: tuple[Site, ...], total: int, dice: Dice) -> list[int]:
    """How many devices each place gets: by demand, at least two, `total` in all."""
    demand = [DEMAND[site.place.category] * dice.between(0.7, 1.3) for site in sites]
    spare = total - 2 * len(sites)
    exact = [wanted * spare / sum(demand) for wanted in demand]
    shares = [2 + int(share) for share in exact]
    leftover = sorted(range(len(sites)), key=lambda index: (int(exact[index]) - exact[index], index))
    for index in leftover[: total - sum(shares)]:
        shares[index] += 1
    return shares


def gateways(sites: tuple[Site, ...], smalls: int) -> tuple[Gateway, ...]:
    """One gateway for each small grid, in its most suitable place."""
    found = []
    for small in range(smalls):
        inside = [site for site in sites if site.small == small]
        home = min(inside, key=lambda site: (_rank(site), site.place.code)).place
        found.append(Gateway(f"GW-{small + 1:02d}", f"{home.name}物联网关", home.code))
    return tuple(found)


def _rank(site: Site) -> int:
    category = site.place.category
    return GATEWAY_HOMES.index(category) if category in GATEWAY_HOMES else len(GATEWAY_HOMES)


def detectors(sites: tuple[Site, ...], total: int, seed: int) -> tuple[Device, ...]:
    """`total` devices over all places, each behind its small grid's gateway."""
    dice = Dice(seed, "detectors")
    counts = {"SMK": 0, "ELE": 0}
    found = []
    for site, share in zip(sites, _shares(sites, total, dice), strict=True):
        first_installed = LAST_INSTALLED - timedelta(days=dice.whole(30, 2500))
        for fitting in itertools.islice(_fittings(site, dice), share):
            series = "SMK" if fitting.profile in SMOKE else "ELE"
            counts[series] += 1
            installed = min(LAST_INSTALLED, first_installed + timedelta(days=dice.whole(0, 20)))
            found.append(
                Device(
                    code=f"{series}-{counts[series]:06d}",
                    profile=fitting.profile,
                    gateway=f"GW-{site.small + 1:02d}",
                    place=site.place.code,
                    floor=fitting.floor,
                    room=fitting.room,
                    installed_on=installed,
                )
            )
    return tuple(found)
