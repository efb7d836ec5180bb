"""A district small enough to reason about: two small grids, four stations on a line, every distance known."""

from dataclasses import replace
from datetime import date, time

from devices.model import (
    Device,
    Duty,
    DutyKind,
    Equipment,
    Gateway,
    Grid,
    Kind,
    Lane,
    Mode,
    Person,
    Place,
    Shift,
    Station,
    StationKind,
    Water,
)
from devices.profile import Level, Profile
from devices.registry import Registry
from devices.rule import Rise, Rule


def _station(code: str, lon: float, kind: StationKind = StationKind.COMMUNITY, capacity: int = 1) -> Station:
    return Station(code, f"station {code}", kind, lon, 30.0, "G3-1", "000-1", 4, 30, Mode.EBIKE, capacity)


def _smoke(code: str, place: str, floor: int) -> Device:
    return Device(code, "smoke-photo", "GW-1", place, floor, f"{floor}01", id=int(code[-1]))


def small() -> Registry:
    """`P-1` has its own station ST-U and a manager; `P-2` has neither. ST-1 is nearest to both, then ST-2, ST-3.

    `P-4` stands 22 m from `P-1`, in another small grid, and has its own station ST-3; the others are a kilometre apart.
    """
    grids = [
        Grid("G1", "large", 1, None, ()),
        Grid("G2", "middle", 2, "G1", ()),
        Grid("G3-1", "small one", 3, "G2", ()),
        Grid("G3-2", "small two", 3, "G2", ()),
    ]
    places = [
        Place("P-1", "mall", "mall", "1 Road", 120.0, 30.0, 5, "G3-1", "ST-U"),
        Place(
            "P-2",
            "flats",
            "residential",
            "2 Road",
            120.0,
            30.01,
            9,
            "G3-1",
            None,
            "high",
            "gas bottles",
            "cannot walk, 5th floor",
            "W-1",
            "plans/P-2.pdf",
        ),
        Place("P-3", "empty", "shop", "3 Road", 120.0, 30.02, 1, "G3-2"),
        Place("P-4", "annex", "shop", "1a Road", 120.0, 30.0002, 2, "G3-2", "ST-3"),
    ]
    stations = [
        _station("ST-1", 120.001),
        _station("ST-2", 120.002),
        _station("ST-3", 120.003),
        _station("ST-U", 120.004, StationKind.UNIT),
        _station("BR-1", 120.0, StationKind.BRIGADE),
    ]
    duties = [
        Duty("L-3", DutyKind.LEADER, "G3-1"),
        Duty("D-3", DutyKind.DEPUTY, "G3-1"),
        Duty("L-2", DutyKind.LEADER, "G2"),
        Duty("L-1", DutyKind.LEADER, "G1"),
        Duty("M-1", DutyKind.MANAGER, "P-1"),
        Duty("C-1", DutyKind.CONTRACTOR, "P-1"),
    ]
    smoke = Profile(
        "smoke-photo",
        "photoelectric",
        Kind.SMOKE,
        {"smoke_db_m": (0, 10)},
        (Level("smoke_db_m", "fire", at_least=0.15, latching=True),),
    )
    electric = Profile(
        "electric-3p",
        "three-phase",
        Kind.ELECTRICAL,
        {"residual_ma": (0, 2000)},
        (
            Level("residual_ma", "residual", at_least=300),
            Level("cable_temperature_1_c", "cable_temperature", at_least=70),
            Level("cable_temperature_2_c", "cable_temperature", at_least=70),
            Level("arc_half_cycles", "arc", at_least=14, latching=True),
        ),
    )
    devices = [
        _smoke("S-1", "P-1", 1),
        _smoke("S-2", "P-1", 1),
        _smoke("S-3", "P-1", 3),
        _smoke("S-4", "P-2", 2),
        _smoke("S-9", "P-4", 1),
        Device("E-1", "electric-3p", "GW-1", "P-1", 1, "meter room", id=7),
        Device("E-3", "electric-3p", "GW-1", "P-3", 1, "meter room", id=8),
    ]
    water = [
        Water("H-1", "hydrant", 120.001, 30.01, "broken"),
        Water("H-2", "hydrant", 120.002, 30.01, "ok"),
        Water("H-3", "hydrant", 120.003, 30.01, "low_pressure"),
        Water("H-4", "tank", 120.004, 30.01, "half full"),
        Water("H-5", "tank", 120.005, 30.01, "ok"),
    ]
    lane = Lane(
        "L-1",
        '{"type":"LineString","coordinates":[[120.001,30.01],[120.0005,30.01]]}',
        '{"code":"L-1","name":"yard","state":"blocked","width_m":4}',
    )
    people = [
        Person(code, f"name of {code}", "000-2") for code in ("L-3", "D-3", "L-2", "L-1", "M-1", "C-1", "W-1", "W-2")
    ]
    return Registry(
        version=1,
        grids={one.code: one for one in grids},
        places={one.code: one for one in places},
        stations={one.code: one for one in stations},
        people={one.code: one for one in people},
        duties=tuple(duties),
        shifts=tuple(Shift("ST-2", day, time(8), time(20), "W-1") for day in range(1, 8)),
        gateways={"GW-1": Gateway("GW-1", "gateway", "P-1")},
        devices={one.code: one for one in devices},
        water={one.code: one for one in water},
        lanes={"L-1": lane},
        equipment=(Equipment("ST-1", "hose", 4, date(2026, 11, 1)), Equipment("ST-2", "ladder", 1)),
        profiles={"smoke-photo": smoke, "electric-3p": electric},
    )


def peopled() -> Registry:
    """The same with people who verify: a control room, a contact and a warden at `P-1`, a warden at `P-2`; and with
    officials: a patron over the large grid, a police officer over the middle one.
    """
    registry = small()
    duties = (
        *registry.duties,
        Duty("R-1", DutyKind.CONTROL_ROOM, "P-1"),
        Duty("K-1", DutyKind.CONTACT, "P-1"),
        Duty("W-1", DutyKind.WARDEN, "P-1"),
        Duty("W-2", DutyKind.WARDEN, "P-2"),
        Duty("O-1", DutyKind.PATRON, "G1"),
        Duty("O-2", DutyKind.POLICE, "G2"),
    )
    people = {code: Person(code, f"name of {code}", "000-2") for code in ("R-1", "K-1", "O-1", "O-2")}
    return replace(registry, duties=duties, people=registry.people | people)


def ruled() -> Registry:
    """The same with rules of every sort: fires by their level wait for a second detector, residual current for time."""
    registry = small()
    smoke, electric = registry.profiles["smoke-photo"], registry.profiles["electric-3p"]
    smoke = replace(
        smoke,
        limits={**smoke.limits, "temperature_c": (-40, 200)},
        levels=(*smoke.levels, Level("temperature_c", "fire", at_least=58, latching=True)),
        rules={
            "fire": Rule(delay_s=5, off_delay_s=5, latching=True, confirm="floor", alone_s=60),
            "prealarm": Rule(off_delay_s=10, escalates_after_s=100, escalates_to="fire"),
            "fault": Rule(delay_s=2),
        },
        rises=(Rise("temperature_c", "fire", per_minute=10, watch_from=40),),
    )
    electric = replace(
        electric,
        levels=(*electric.levels, Level("residual_ma", "residual", at_least=200, clear_below=150, level="prealarm")),
        rules={"residual": Rule(delay_s=3, off_delay_s=3, escalates_after_s=300)},
    )
    return replace(registry, profiles={"smoke-photo": smoke, "electric-3p": electric})
