"""What the desk's decisions look out on besides its own state: registry, roads, screens, numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from devices import override
from devices.model import DutyKind, Station
from devices.registry import Registry
from devices.rule import PLAIN, Rule
from dispatch.facts.fact import Grids
from dispatch.policy.policy import Policy
from dispatch.ways.way import Search, by_line

Point = tuple[float, float]
Travel = Callable[[Point, Sequence[Station]], "list[tuple[float, str]]"]
"""For a place (lon, lat) and stations: each one's travel time in seconds (inf: cannot come) and how it was estimated,
`roads` or `line`."""
Near = Callable[[Point, Sequence[Station], float], NDArray[np.float64]]
"""Travel times by road alone, float64[k], searched so many seconds far; inf for who needs longer."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Addresses the district has set: `fallback` for whoever has none of their own, `brigade` the fire brigade's.

    `link` makes the address that shows an order to one person: from the page's name, the person, the order, and since
    when it is told of. None where phones cannot reach this system.
    """

    fallback: str | None = None
    brigade: str | None = None
    link: Callable[[str, str, str, datetime], str] | None = None


@dataclass(frozen=True, slots=True)
class World:
    """Values and lookups a decision may use. `local` gives a moment in the district's time zone (rosters)."""

    registry: Registry
    policy: Policy
    travel: Travel
    screens: Callable[[str], int]
    local: Callable[[datetime], datetime]
    grid_at: Callable[[float, float], str | None]
    near: Near | None = None
    webhooks: Webhooks = Webhooks()
    way: Search = by_line

    def grids_of(self, grid: str | None) -> Grids:
        """The codes of the grid and of those above it, by level."""
        return grids_of(self.registry, grid)

    def rule(self, device: str, kind: str) -> Rule:
        """How alarms of this kind behave at the device; plainly where it is not registered."""
        profile = override.profile_of(self.registry, device)
        return profile.rule(kind) if profile is not None else PLAIN

    def leader_of(self, grid: str) -> str | None:
        """Who answers for the grid: its leader, else its deputy; a person's code."""
        for duty in (DutyKind.LEADER, DutyKind.DEPUTY):
            if holders := self.registry.holders(duty, grid):
                return holders[0]
        return None

    def leaders_upward(self, grid: str | None) -> list[str]:
        """Who answers for the small grid and for those above it, in this order; each person once."""
        if grid is None:
            return []
        people = (self.leader_of(above.code) for above in self.registry.grid_chain(grid))
        return list(dict.fromkeys(person for person in people if person is not None))


def grids_of(registry: Registry, grid: str | None) -> Grids:
    """The codes of the grid and of those above it, by level; none where it is not registered."""
    by_level = {one.level: one.code for one in registry.grid_chain(grid)} if grid is not None else {}
    return Grids(by_level.get(3), by_level.get(2), by_level.get(1))
