"""Whether what names a code names one that is there, and of the right sort. Pure.

The same rules hold for a district pack and for a single edit: an edit is good when it adds no problem.
"""

from collections.abc import Callable, Container, Hashable, Iterator, Mapping
from dataclasses import dataclass

from devices import override
from devices.model import GRID_DUTIES, PLACE_DUTIES, STATION_DUTIES, Duty
from devices.registry import Registry


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong between rows. `noun` names the registry's collection, `key` the row in it (`key_of`)."""

    noun: str
    key: Hashable
    reason: str


class Anything:
    """Contains every code: for a file that could not be read, whose rows must not be missed one by one."""

    def __contains__(self, code: object) -> bool:
        return True


_ONE = {
    "grids": "grid",
    "places": "place",
    "stations": "station",
    "people": "person",
    "gateways": "gateway",
    "devices": "device",
}


def problems(registry: Registry, elsewhere: Mapping[str, Container[str]] | None = None) -> Iterator[Problem]:
    """Everything in `registry` that refers to nothing, or to a thing of the wrong sort.

    `elsewhere`: noun -> codes that count as there although the registry lacks them (rows with faults of their own).
    """
    check = _Check(registry, elsewhere or {})
    yield from check.grids()
    yield from check.stations()
    yield from check.places()
    yield from check.people()
    yield from check.duties()
    yield from check.shifts()
    yield from check.gateways()
    yield from check.devices()
    yield from check.equipment()
    yield from check.closures()
    yield from check.rules()


class _Check:
    def __init__(self, registry: Registry, elsewhere: Mapping[str, Container[str]]) -> None:
        self._registry = registry
        self._known: dict[str, Callable[[str], bool]] = {}
        for noun in _ONE:
            self._known[noun] = _knower(getattr(registry, noun), elsewhere.get(noun, ()))

    def _missing(self, noun: str, code: str | None, role: str = "") -> str | None:
        """Why `code` cannot be referred to; None when it can, or when none is given."""
        if not code or self._known[noun](code):
            return None
        others = [one for other, one in _ONE.items() if code in getattr(self._registry, other)]
        hint = f" ({code} is a {' and a '.join(others)})" if others else ""
        return f"{role or _ONE[noun]}: there is no {_ONE[noun]} {code}{hint}"

    def grids(self) -> Iterator[Problem]:
        for grid in self._registry.grids.values():
            if reason := self._missing("grids", grid.parent, "parent"):
                yield Problem("grids", grid.code, reason)
            parent = self._registry.grids.get(grid.parent or "")
            if parent is not None and parent.level != grid.level - 1:
                wrong = f"parent: {parent.code} is of level {parent.level}, one of level {grid.level - 1} is needed"
                yield Problem("grids", grid.code, wrong)

    def stations(self) -> Iterator[Problem]:
        for station in self._registry.stations.values():
            if reason := self._missing("grids", station.grid):
                yield Problem("stations", station.code, reason)

    def places(self) -> Iterator[Problem]:
        for place in self._registry.places.values():
            if reason := self._missing("grids", place.grid):
                yield Problem("places", place.code, reason)
            grid = self._registry.grids.get(place.grid)
            if grid is not None and grid.level != 3:
                wrong = f"grid: {grid.code} is of level {grid.level}, a place lies in a small one (3)"
                yield Problem("places", place.code, wrong)
            if reason := self._missing("stations", place.station):
                yield Problem("places", place.code, reason)

    def people(self) -> Iterator[Problem]:
        for person in self._registry.people.values():
            if reason := self._missing("stations", person.station):
                yield Problem("people", person.code, reason)

    def duties(self) -> Iterator[Problem]:
        for duty in self._registry.duties:
            if reason := self._missing("people", duty.person):
                yield Problem("duties", duty, reason)
            noun = scope_of(duty)
            if noun is not None and (reason := self._missing(noun, duty.scope, f"scope of a {duty.duty}")):
                yield Problem("duties", duty, reason)

    def shifts(self) -> Iterator[Problem]:
        for shift in self._registry.shifts:
            if reason := self._missing("stations", shift.station):
                yield Problem("shifts", shift, reason)
            if reason := self._missing("people", shift.person):
                yield Problem("shifts", shift, reason)

    def gateways(self) -> Iterator[Problem]:
        for gateway in self._registry.gateways.values():
            if reason := self._missing("places", gateway.place):
                yield Problem("gateways", gateway.code, reason)

    def devices(self) -> Iterator[Problem]:
        for device in self._registry.devices.values():
            if device.profile not in self._registry.profiles:
                known = ", ".join(sorted(self._registry.profiles))
                unknown = f"profile: there is no profile {device.profile}; there are {known}"
                yield Problem("devices", device.code, unknown)
            if reason := self._missing("gateways", device.gateway):
                yield Problem("devices", device.code, reason)
            if reason := self._missing("places", device.place):
                yield Problem("devices", device.code, reason)

    def equipment(self) -> Iterator[Problem]:
        for item in self._registry.equipment:
            if reason := self._missing("stations", item.station):
                yield Problem("equipment", (item.station, item.item), reason)

    def closures(self) -> Iterator[Problem]:
        for closure in self._registry.closures.values():
            if reason := self._missing("places", closure.place):
                yield Problem("closures", closure.code, reason)

    def rules(self) -> Iterator[Problem]:
        for one in self._registry.rules.values():
            if reason := self._missing("places", one.place) or self._missing("devices", one.device):
                yield Problem("rules", one.code, reason)
        for code, reason in self._registry.once(override.overridden).flaws:
            yield Problem("rules", code, reason)


def scope_of(duty: Duty) -> str | None:
    """What the scope of such a duty is a code of: grids, places or stations; None for a commander."""
    if duty.duty in GRID_DUTIES:
        return "grids"
    if duty.duty in PLACE_DUTIES:
        return "places"
    return "stations" if duty.duty in STATION_DUTIES else None


def _knower(here: Container[str], elsewhere: Container[str]) -> Callable[[str], bool]:
    return lambda code: code in here or code in elsewhere
