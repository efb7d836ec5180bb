"""The registry in memory: one immutable snapshot, replaced whole when it changes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from devices.model import (
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
    profiles: dict[str, Profile] = field(default_factory=dict)
    _holders: dict[tuple[DutyKind, str], tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _shifts: dict[str, tuple[Shift, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        holders: dict[tuple[DutyKind, str], list[str]] = {}
        for duty in self.duties:
            holders.setdefault((duty.duty, duty.scope), []).append(duty.person)
        shifts: dict[str, list[Shift]] = {}
        for shift in self.shifts:
            shifts.setdefault(shift.station, []).append(shift)
        object.__setattr__(self, "_holders", {key: tuple(people) for key, people in holders.items()})
        object.__setattr__(self, "_shifts", {key: tuple(rows) for key, rows in shifts.items()})

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
        shifts = self._shifts.get(station)
        if shifts is None:
            return None
        return tuple(dict.fromkeys(shift.person for shift in shifts if _covers(shift, local)))

    def on_duty(self, station: str, local: datetime) -> bool:
        """True when the station has no roster (always on duty) or somebody's shift covers `local`."""
        people = self.on_shift(station, local)
        return people is None or bool(people)

    def within(self, grid: str, scopes: Iterable[str]) -> bool:
        """True when `grid` is one of `scopes` or lies below one."""
        wanted = set(scopes)
        return any(above.code in wanted for above in self.grid_chain(grid))


def _covers(shift: Shift, local: datetime) -> bool:
    moment = local.replace(tzinfo=None)
    for days_back in (0, 1):
        day = (moment - timedelta(days=days_back)).date()
        if day.isoweekday() != shift.weekday:
            continue
        start = datetime.combine(day, shift.start)
        end = datetime.combine(day, shift.until)
        if end <= start:
            end += timedelta(days=1)
        if start <= moment < end:
            return True
    return False
