"""What coverage is computed on: one registry's places, its stations and the grids they lie in, by number."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from devices.registry import Registry
from dispatch.ways.circle import Circle
from dispatch.ways.roads import Roads
from dispatch.ways.spread import Soonest


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """`places` and `stations` are codes, in the circle's order; `inside` pairs places with each grid they lie in,
    intp[2, p] of numbers of `places` and of `grids`.
    """

    registry: Registry
    circle: Circle
    places: tuple[str, ...]
    stations: tuple[str, ...]
    grids: tuple[str, ...]
    inside: NDArray[np.intp]

    def counted(self, places: NDArray[np.bool_]) -> NDArray[np.intp]:
        """For each of `grids` how many of these places (bool[n]) lie in it."""
        place, grid = self.inside
        return np.bincount(grid[places[place]], minlength=len(self.grids))


def survey(registry: Registry, roads: Roads | None, limit_s: float) -> Ground:
    """The ground of `registry` on its roads; takes seconds for a large district, so it is made away from the loop."""
    places = sorted(registry.places.values(), key=lambda one: one.code)
    stations = sorted(registry.stations.values(), key=lambda one: one.code)
    grids = tuple(sorted(registry.grids))
    number = {code: at for at, code in enumerate(grids)}
    pairs = [(at, number[grid.code]) for at, one in enumerate(places) for grid in registry.grid_chain(one.grid)]
    return Ground(
        registry=registry,
        circle=Circle(places, stations, roads, limit_s),
        places=tuple(one.code for one in places),
        stations=tuple(one.code for one in stations),
        grids=grids,
        inside=np.array(pairs, np.intp).reshape(-1, 2).T,
    )


def closed(before: Ground, roads: Roads | None) -> Ground:
    """The ground `before` on the same streets, `roads`, while others of them are closed."""
    return replace(before, circle=before.circle.on(roads))


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Who can be where soonest, with the crews that are free (bool[k] of the ground's stations)."""

    ground: Ground
    free: NDArray[np.bool_]
    soonest: Soonest
    within_s: float
    uncovered: NDArray[np.bool_]
    by_grid: NDArray[np.intp]

    def nearest(self, place: int) -> tuple[str | None, int | None]:
        """The free station that would be first at the place of this number, and its seconds; None for nobody."""
        who = int(self.soonest.who[place])
        return (self.ground.stations[who], round(float(self.soonest.seconds[place]))) if who >= 0 else (None, None)


def picture(ground: Ground, free: NDArray[np.bool_], within_s: float) -> Picture:
    """Which places no free crew reaches within `within_s`, and how many of them lie in each grid."""
    soonest = ground.circle.soonest(free)
    uncovered = ~(soonest.seconds <= within_s)
    return Picture(ground, free, soonest, within_s, uncovered, ground.counted(uncovered))
