"""Rows of a district pack (CONTRACT section 5) as the registry's values. Pure.

Each function reads `cells`; what is wrong stands in `cells.problems` afterwards, and the value is then not to be used.
Whether the codes a row names exist is checked by `devices.references`.
"""

import re
from collections.abc import Sequence
from datetime import time

from devices.cells import Cells
from devices.model import (
    Closure,
    ClosureKind,
    Device,
    Duty,
    DutyKind,
    Equipment,
    Gateway,
    Grid,
    Mode,
    MultiPolygon,
    Person,
    Place,
    Shift,
    Station,
    StationKind,
    Water,
)
from devices.profile import ALARMS
from devices.rule import LEVELS, NEAR, Override

COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "places.csv": (
        ("code", "name", "category", "address", "lon", "lat", "floors"),
        ("grid", "station", "risk", "hazards", "vulnerable", "keyholder", "plan"),
    ),
    "stations.csv": (
        ("code", "name", "kind", "lon", "lat", "grid", "phone", "crew_min", "muster_s", "mode"),
        ("capacity", "fallback"),
    ),
    "people.csv": (("code", "name", "phone"), ("station", "fallback")),
    "duties.csv": (("person", "duty", "scope"), ()),
    "rosters.csv": (("station", "weekday", "from", "to", "person"), ()),
    "gateways.csv": (("code", "name", "place"), ()),
    "devices.csv": (("code", "profile", "gateway", "place"), ("floor", "room", "lon", "lat", "installed_on")),
    "water.csv": (("code", "kind", "lon", "lat", "state"), ()),
    "closures.csv": (("code", "kind"), ("place", "lon", "lat", "from", "until", "modes", "note")),
    "equipment.csv": (("station", "item", "count"), ("checked_on", "expires_on")),
    "rules.csv": (
        ("code", "alarm"),
        (
            "place",
            "device",
            "column",
            "level",
            "at_least",
            "at_most",
            "clear_below",
            "clear_above",
            "delay_s",
            "off_delay_s",
            "latching",
            "confirm",
            "confirm_within_s",
            "alone_s",
            "escalates_after_s",
            "escalates_to",
        ),
    ),
}
"""File -> (columns that must be there, columns that may be missing)."""

_LEVELS = {1: "large", 2: "middle", 3: "small"}


def grid(cells: Cells, polygon: MultiPolygon) -> Grid:
    """A grid from its feature's properties. A large grid has no parent, the others have one."""
    code, name, parent = cells.code(), cells.text("name"), cells.maybe_code("parent")
    before = len(cells.problems)
    level = cells.integer("level", 1, 3)
    if len(cells.problems) > before:
        pass  # whether it needs a parent is not known
    elif level == 1 and parent is not None:
        cells.problems.append(f"parent: a large grid (level 1) lies in no other, but {parent} is given")
    elif level > 1 and parent is None:
        cells.problems.append(f"parent is empty: a {_LEVELS[level]} grid lies in a {_LEVELS[level - 1]} one")
    return Grid(code, name, level, parent, polygon)


def place(cells: Cells) -> Place:
    """A place; `grid` is empty when its position decides."""
    code, name, category, address = cells.code(), cells.text("name"), cells.text("category"), cells.text("address")
    lon, lat = cells.position()
    return Place(
        code=code,
        name=name,
        category=category,
        address=address,
        lon=lon,
        lat=lat,
        floors=cells.integer("floors", 0, 300),
        grid=cells.maybe_code("grid") or "",
        station=cells.maybe_code("station"),
        risk=cells.maybe_text("risk"),
        hazards=cells.maybe_text("hazards"),
        vulnerable=cells.maybe_text("vulnerable"),
        keyholder=cells.maybe_text("keyholder"),
        plan=cells.maybe_text("plan"),
    )


def station(cells: Cells) -> Station:
    """A station; muster at most an hour."""
    code, name, kind = cells.code(), cells.text("name"), cells.choice("kind", StationKind)
    lon, lat = cells.position()
    return Station(
        code=code,
        name=name,
        kind=kind,
        lon=lon,
        lat=lat,
        grid=cells.code("grid"),
        phone=cells.text("phone"),
        crew_min=cells.integer("crew_min", 0, 1000),
        muster_s=cells.integer("muster_s", 0, 3600),
        mode=cells.choice("mode", Mode),
        capacity=cells.maybe_integer("capacity", 1, 100) or 1,
        fallback=cells.maybe_address("fallback"),
    )


def person(cells: Cells) -> Person:
    """A person."""
    return Person(
        cells.code(),
        cells.text("name"),
        cells.text("phone"),
        cells.maybe_code("station"),
        cells.maybe_address("fallback"),
    )


def duty(cells: Cells) -> Duty:
    """A duty; a commander's has no scope."""
    holder, scope = cells.code("person"), cells.maybe_code("scope")
    before = len(cells.problems)
    kind = cells.choice("duty", DutyKind)
    if len(cells.problems) > before:
        pass  # whether it needs a scope is not known
    elif kind is DutyKind.COMMANDER and scope is not None:
        cells.problems.append(f"scope: a commander has none, but {scope} is given")
    elif kind is not DutyKind.COMMANDER and scope is None:
        cells.problems.append("scope is empty")
    return Duty(holder, kind, scope or "")


def shifts(cells: Cells) -> tuple[Shift, ...]:
    """A roster's row: one shift for each weekday that `weekday` names."""
    days = weekdays(cells.raw("weekday"))
    if not days:
        cells.problems.append(
            f"weekday: {cells.raw('weekday')!r} is not 1..7 (Monday to Sunday), mon..sun, 周一..周日, "
            "a list, a range as 1-5, or *"
        )
    start, until = clock(cells.raw("from")), clock(cells.raw("to"), end=True)
    if start is None:
        cells.problems.append(f"from: {cells.raw('from')!r} is not a time like 08:00")
    if until is None:
        cells.problems.append(f"to: {cells.raw('to')!r} is not a time like 20:00, at latest 24:00")
    at, holder = cells.code("station"), cells.code("person")
    return tuple(Shift(at, day, start or time(), until or time(), holder) for day in days)


def gateway(cells: Cells) -> Gateway:
    """A gateway."""
    return Gateway(cells.code(), cells.text("name"), cells.code("place"))


def device(cells: Cells) -> Device:
    """A device; it has a position of its own or none."""
    code, profile, behind, at = cells.code(), cells.code("profile"), cells.code("gateway"), cells.code("place")
    lon, lat = cells.maybe_position()
    if (lon is None) is not (lat is None):
        cells.problems.append("lon and lat: give both or neither")
    return Device(
        code=code,
        profile=profile,
        gateway=behind,
        place=at,
        floor=cells.maybe_integer("floor", -20, 300),
        room=cells.maybe_text("room"),
        lon=lon,
        lat=lat,
        installed_on=cells.maybe_date("installed_on"),
    )


def water(cells: Cells) -> Water:
    """A source of water."""
    code, kind = cells.code(), cells.text("kind")
    lon, lat = cells.position()
    return Water(code, kind, lon, lat, cells.text("state"))


def closure(cells: Cells) -> Closure:
    """A closed road, which has a position, or a lift out of order, which has a place."""
    code, kind, place = cells.code(), cells.choice("kind", ClosureKind), cells.maybe_code("place")
    lon, lat = cells.maybe_position()
    start, until = cells.maybe_instant("from"), cells.maybe_instant("until")
    if kind is ClosureKind.ROAD and (lon is None or lat is None):
        cells.problems.append("lon and lat: a closed road needs both, a point on it")
    elif (lon is None) != (lat is None):
        cells.problems.append("lon and lat: give both or neither")
    if kind is ClosureKind.LIFT and place is None and not cells.problems:
        cells.problems.append("place is empty: a lift is out of order at a place")
    if start is not None and until is not None and until <= start:
        cells.problems.append("until: ends before it begins")
    return Closure(code, kind, place, lon, lat, start, until, _modes(cells, kind), cells.maybe_text("note"))


def _modes(cells: Cells, kind: ClosureKind) -> str | None:
    words = [word for word in re.split(r"[\s,;|]+", cells.raw("modes")) if word]
    if unknown := [word for word in words if word not in set(Mode)]:
        cells.problems.append(f"modes: {unknown[0][:40]!r} is none of {', '.join(Mode)}")
    if words and kind is ClosureKind.LIFT:
        cells.problems.append("modes: only a road is closed to modes of travel")
    return ",".join(mode for mode in Mode if mode in words) or None


def equipment(cells: Cells) -> Equipment:
    """What a station has of one item."""
    return Equipment(
        station=cells.code("station"),
        item=cells.text("item"),
        count=cells.integer("count", 0, 1_000_000),
        checked_on=cells.maybe_date("checked_on"),
        expires_on=cells.maybe_date("expires_on"),
    )


_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = {
    **{str(day): day for day in range(1, 8)},
    **{name: day for day, name in enumerate(_NAMES, 1)},
    **{name[:3]: day for day, name in enumerate(_NAMES, 1)},
    **{f"{week}{sign}": day for week in ("周", "星期") for day, sign in enumerate("一二三四五六日", 1)},
    "周天": 7,
    "星期天": 7,
}
_BETWEEN_DAYS = re.compile(r"\s*[-–~至到]\s*")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?")


def weekdays(text: str) -> tuple[int, ...]:
    """The ISO weekdays that `text` names: `1`, `mon`, `周一`, lists, ranges (`fri-mon` goes over Sunday), `*` for all.

    Empty when any part of it is not understood.
    """
    if text == "*":
        return tuple(range(1, 8))
    days: set[int] = set()
    for part in re.split(r"[,;、，；/|]", text.lower()):
        ends = [_DAY.get(word.strip()) for word in _BETWEEN_DAYS.split(part.strip())]
        match ends:
            case [int(day)]:
                days.add(day)
            case [int(first), int(last)]:
                days.update((first + step - 1) % 7 + 1 for step in range((last - first) % 7 + 1))
            case _:
                return ()
    return tuple(sorted(days))


def clock(text: str, *, end: bool = False) -> time | None:
    """A local time of day, HH:MM; 24:00 is midnight and only an `end`. None when it is not one."""
    matched = _TIME.fullmatch(text.replace("：", ":"))
    if matched is None:
        return None
    hour, minute = int(matched[1]), int(matched[2])
    if end and (hour, minute) == (24, 0):
        return time()
    return time(hour, minute) if hour < 24 and minute < 60 else None


_RULE_ONLY = ("off_delay_s", "latching", "confirm", "confirm_within_s", "alone_s", "escalates_after_s", "escalates_to")
_LEVEL_ONLY = ("level", "at_least", "at_most", "clear_below", "clear_above")
_FAR = 1e9
_DAY_S = 86400


def override(cells: Cells) -> Override:
    """What a place or a device has otherwise than the profile: one level of it (with `column`), or its kind's rule."""
    one = Override(
        code=cells.code(),
        alarm=cells.text("alarm"),
        place=cells.maybe_code("place"),
        device=cells.maybe_code("device"),
        column=cells.maybe_code("column"),
        level=_word(cells, "level", LEVELS),
        at_least=cells.maybe_number("at_least", -_FAR, _FAR),
        at_most=cells.maybe_number("at_most", -_FAR, _FAR),
        clear_below=cells.maybe_number("clear_below", -_FAR, _FAR),
        clear_above=cells.maybe_number("clear_above", -_FAR, _FAR),
        delay_s=cells.maybe_number("delay_s", 0, _DAY_S),
        off_delay_s=cells.maybe_number("off_delay_s", 0, _DAY_S),
        latching={"true": True, "false": False}.get(_word(cells, "latching", ("true", "false")) or ""),
        confirm=_word(cells, "confirm", (*NEAR, "none")),
        confirm_within_s=cells.maybe_number("confirm_within_s", 0, _DAY_S),
        alone_s=cells.maybe_number("alone_s", 0, _DAY_S),
        escalates_after_s=cells.maybe_number("escalates_after_s", 0, _DAY_S),
        escalates_to=_word(cells, "escalates_to", ("fire",)),
    )
    if one.alarm and one.alarm not in ALARMS:
        cells.problems.append(f"alarm: {one.alarm[:40]!r} is none of {', '.join(sorted(ALARMS))}")
    if (one.place is None) == (one.device is None):
        cells.problems.append("give either place or device")
    _of_one_thing(cells, one)
    return one


def _of_one_thing(cells: Cells, one: Override) -> None:
    strange = [key for key in (_LEVEL_ONLY if one.column is None else _RULE_ONLY) if cells.raw(key)]
    if strange and one.column is None:
        cells.problems.append(f"{strange[0]} is of a level: give column too")
    elif strange:
        cells.problems.append(f"{strange[0]} is of its kind's rule: leave column out")
    elif not any(cells.raw(key) for key in (*_LEVEL_ONLY, *_RULE_ONLY, "delay_s")):
        cells.problems.append("it changes nothing: give a level or a time")


def _word(cells: Cells, column: str, words: Sequence[str]) -> str | None:
    value = cells.raw(column)
    if value and value not in words:
        cells.problems.append(f"{column}: {value[:40]!r} is none of {', '.join(words)}")
    return value or None
