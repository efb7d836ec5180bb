"""The registry in memory: one immutable snapshot, replaced whole when it changes."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, TypeVar

from devices.model import (
    STATION_DUTIES,
    Closure,
    Device,
    Duty,
    DutyKind,
    Equipment,
    Gateway,
    Grid,
    Lane,
    Person,
    Place,
    Shift,
    Station,
    Water,
)
from devices.profile import Profile
from devices.rule import Override

Key = TypeVar("Key")
Value = TypeVar("Value")
Made = TypeVar("Made")


_WEEK = timedelta(days=7)
_Week = tuple[list[timedelta], list[tuple[str, ...]]]
"""From when on, after the beginning of Monday, who is on shift."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything the district registered, by code, as of `version` (which only grows)."""

    version: int = 0
    grids: dict[str, Grid] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    stations: dict[str, Station] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    duties: tuple[Duty, ...] = ()
    shifts: tuple[Shift, ...] = ()
    gateways: dict[str, Gateway] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    water: dict[str, Water] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    equipment: tuple[Equipment, ...] = ()
    closures: dict[str, Closure] = field(default_factory=dict)
    rules: dict[str, Override] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    _holders: dict[tuple[DutyKind, str], tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _shifts: dict[str, tuple[tuple[timedelta, timedelta, str], ...]] = field(init=False, repr=False, compare=False)
    _serving: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _places_in: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _devices_at: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _devices_behind: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _codes: dict[int, str] = field(init=False, repr=False, compare=False)
    _weeks: dict[str, "_Week"] = field(init=False, repr=False, compare=False, default_factory=dict)
    _made: dict[Any, Any] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        duties = ((duty.duty, duty.scope, duty.person) for duty in self.duties)
        places = ((grid.code, place.code) for place in self.places.values() for grid in self.grid_chain(place.grid))
        computed = {
            "_holders": _grouped(((kind, scope), person) for kind, scope, person in duties),
            "_serving": _serving(self.people, self.duties),
            "_shifts": _grouped((shift.station, (*_span(shift), shift.person)) for shift in self.shifts),
            "_places_in": _grouped(places),
            "_devices_at": _grouped((device.place, device.code) for device in self.devices.values()),
            "_devices_behind": _grouped((device.gateway, device.code) for device in self.devices.values()),
            "_codes": {device.id: device.code for device in self.devices.values()},
        }
        for name, value in computed.items():
            object.__setattr__(self, name, value)

    def once(self, make: Callable[["Registry"], Made]) -> Made:
        """What `make` makes of this registry; made at the first asking, for what not every process needs."""
        if make not in self._made:
            self._made[make] = make(self)
        made: Made = self._made[make]
        return made

    def grid_chain(self, grid: str) -> tuple[Grid, ...]:
        """The grid and those above it, small to large; empty when unknown."""
        chain: list[Grid] = []
        code: str | None = grid
        while code is not None and (found := self.grids.get(code)) is not None and len(chain) < 8:
            chain.append(found)
            code = found.parent
        return tuple(chain)

    def holders(self, duty: DutyKind, scope: str) -> tuple[str, ...]:
        """Codes of the people with `duty` over `scope`, in the pack's order."""
        return self._holders.get((duty, scope), ())

    def on_shift(self, station: str, local: datetime) -> tuple[str, ...] | None:
        """Codes of who is on shift at `station` at local time `local`; None when the station has no roster."""
        week = self._weeks.get(station)
        if week is None:
            if (shifts := self._shifts.get(station)) is None:
                return None
            week = self._weeks[station] = _week(shifts)
        edges, on = week
        return on[bisect_right(edges, _since_monday(local)) - 1]

    def rostered(self, station: str) -> tuple[str, ...]:
        """Codes of all whom the station's roster names; empty without one."""
        return tuple(dict.fromkeys(person for _, _, person in self._shifts.get(station, ())))

    def changes(self, station: str, local: datetime) -> tuple[timedelta, ...]:
        """How long it is from local time `local` to each beginning and end of a shift in the coming week, in order."""
        now = _since_monday(local)
        edges = {edge for start, end, _ in self._shifts.get(station, ()) for edge in (start, end)}
        return tuple(sorted({(edge - now) % _WEEK or _WEEK for edge in edges}))

    def on_duty(self, station: str, local: datetime) -> bool:
        """True when the station has no roster (always on duty) or somebody's shift covers `local`."""
        people = self.on_shift(station, local)
        return people is None or bool(people)

    def serving(self, station: str) -> tuple[str, ...]:
        """Codes of the people who serve at `station` or have a duty there, on shift or not."""
        return self._serving.get(station, ())

    def duties_of(self, person: str) -> tuple[Duty, ...]:
        """Everything `person` is responsible for."""
        return tuple(duty for duty in self.duties if duty.person == person)

    def places_in(self, grid: str) -> tuple[str, ...]:
        """Codes of the places in `grid` or in a grid below it."""
        return self._places_in.get(grid, ())

    def devices_at(self, place: str) -> tuple[str, ...]:
        """Codes of the devices at `place`."""
        return self._devices_at.get(place, ())

    def devices_behind(self, gateway: str) -> tuple[str, ...]:
        """Codes of the devices behind `gateway`."""
        return self._devices_behind.get(gateway, ())

    def devices_in(self, grid: str) -> tuple[str, ...]:
        """Codes of the devices at places in `grid` or in a grid below it."""
        return tuple(device for place in self.places_in(grid) for device in self.devices_at(place))

    def device_code(self, number: int) -> str | None:
        """The code of the device with the database's small number `number`; None when it is not in service."""
        return self._codes.get(number)

    def location(self, device: str) -> tuple[float, float] | None:
        """(lon, lat) of a device, its place's when it has none of its own; None when unknown."""
        found = self.devices.get(device)
        if found is None:
            return None
        if found.lon is not None and found.lat is not None:
            return found.lon, found.lat
        place = self.places.get(found.place)
        return None if place is None else (place.lon, place.lat)

    def within(self, grid: str, scopes: Iterable[str]) -> bool:
        """True when `grid` is one of `scopes` or lies below one."""
        wanted = set(scopes)
        return any(above.code in wanted for above in self.grid_chain(grid))


def _grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, tuple[Value, ...]]:
    groups: dict[Key, list[Value]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}


def _serving(people: dict[str, Person], duties: Iterable[Duty]) -> dict[str, tuple[str, ...]]:
    pairs = [(one.station, one.code) for one in people.values() if one.station is not None]
    pairs += [(duty.scope, duty.person) for duty in duties if duty.duty in STATION_DUTIES]
    return {station: tuple(dict.fromkeys(codes)) for station, codes in _grouped(pairs).items()}


def _span(shift: Shift) -> tuple[timedelta, timedelta]:
    """From when until when the shift lasts, after the beginning of Monday; one that ends at its start lasts a day."""
    day = timedelta(days=shift.weekday - 1)
    start, until = (_since_midnight(each) for each in (shift.start, shift.until))
    return day + start, day + until + timedelta(days=until <= start)


def _week(shifts: Iterable[tuple[timedelta, timedelta, str]]) -> _Week:
    """A whole week of these shifts, from Monday on."""
    given = list(shifts)
    edges = sorted({timedelta(), *(edge % _WEEK for start, end, _ in given for edge in (start, end))})
    # Sunday night's shift is not over on Monday morning
    on = [
        tuple(dict.fromkeys(who for start, end, who in given if start <= at < end or start <= at + _WEEK < end))
        for at in edges
    ]
    return edges, on


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)


def _since_monday(local: datetime) -> timedelta:
    return timedelta(days=local.weekday()) + _since_midnight(local.time())
