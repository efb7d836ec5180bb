"""Which crew is soonest at each place (此刻三分钟圈): by road, over the yard, or by line where there are no roads."""

from collections.abc import Sequence
from copy import copy

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from devices.model import Mode, Place, Station
from devices.streets import distance_m
from dispatch.ways.roads import DETOUR_FACTOR, DIRECT_M, MODE_MPS, OFF_ROAD_MPS, Footing, Roads, ahead, leaving, part_of
from dispatch.ways.spread import PIECE, Soonest, nobody, spread


class Circle:
    """The places and stations of one registry on its streets. Asked from one thread at a time."""

    def __init__(
        self, places: Sequence[Place], stations: Sequence[Station], roads: Roads | None, limit_s: float
    ) -> None:
        self._places = np.array([(one.lon, one.lat) for one in places], np.float64).reshape(-1, 2)
        self._stations = np.array([(one.lon, one.lat) for one in stations], np.float64).reshape(-1, 2)
        self._muster_s = np.array([one.muster_s for one in stations], np.float64)
        self._modes = [one.mode for one in stations]
        self._limit_s = limit_s
        modes = set(self._modes) if roads is not None else set()
        self._go_on({mode: _Side(roads, mode, self._places) for mode in modes if roads is not None})

    def on(self, roads: Roads | None) -> "Circle":
        """The same on the same streets while other roads are closed: nobody stands elsewhere for it."""
        if roads is None or not self._sides:
            return self
        other = copy(self)
        other._go_on({mode: side.on(roads, mode) for mode, side in self._sides.items()})  # noqa: SLF001 - one of its own
        return other

    def _go_on(self, sides: dict[Mode, "_Side"]) -> None:
        self._sides = sides
        everybody = np.arange(len(self._stations))
        self._by_line = ~np.isfinite(self._by_road(everybody, np.zeros(len(everybody))).seconds)

    def soonest(self, free: NDArray[np.bool_]) -> Soonest:
        """For each place when the first of the stations that are `free` (bool[k]) is there, muster included, and which.

        As `Survey.travel` has it: by line where no road leads to the place from any station, free or not.
        """
        crews = np.flatnonzero(free)
        found = self._by_road(crews, self._muster_s)
        places = np.flatnonzero(self._by_line)
        alike: dict[tuple[Mode, float], list[int]] = {}
        for crew in crews.tolist():
            alike.setdefault((self._modes[crew], self._muster_s[crew]), []).append(crew)
        for (mode, muster_s), some in alike.items() if len(places) else ():
            tree = cKDTree(_on_sphere(self._stations[some]))
            for begin in range(0, len(places), PIECE):
                here = places[begin : begin + PIECE]
                _, nearest = tree.query(_on_sphere(self._places[here]))
                who = np.array(some)[nearest]
                metres = distance_m(*self._places[here].T, *self._stations[who].T)
                found.offer(here, muster_s + metres * DETOUR_FACTOR / MODE_MPS[mode], who)
        return found

    def _by_road(self, crews: NDArray[np.intp], ready_s: NDArray[np.float64]) -> Soonest:
        found = nobody(len(self._places))
        for mode, side in self._sides.items():
            mine = crews[[self._modes[crew] is mode for crew in crews.tolist()]]
            if len(mine):
                side.add(found, mine, self._stations[mine], ready_s[mine], self._limit_s)
        return found


class _Side:
    """The places on one mode's streets."""

    def __init__(self, roads: Roads, mode: Mode, places: NDArray[np.float64]) -> None:
        self._go_on(roads, mode)
        self._xy = roads.metres(places)
        self._there = self._graph.stand(self._xy)
        self._spots = shapely.STRtree(np.asarray(shapely.points(self._xy)))

    def on(self, roads: Roads, mode: Mode) -> "_Side":
        other = copy(self)
        other._go_on(roads, mode)  # noqa: SLF001 - one of its own
        return other

    def _go_on(self, roads: Roads, mode: Mode) -> None:
        self._roads, self._graph = roads, roads.graph(mode)

    def add(
        self,
        found: Soonest,
        who: NDArray[np.intp],
        origins: NDArray[np.float64],
        ready_s: NDArray[np.float64],
        limit_s: float,
    ) -> None:
        """`found` (the places) knows of `who`, ready after `ready_s` at `origins`; searched `limit_s` of travel far."""
        xy = self._roads.metres(origins)
        crews = self._graph.stand(xy)
        self._along_streets(found, who, crews, ready_s, limit_s)
        self._along_one(found, who, crews, ready_s)
        self._over_yards(found, who, xy, crews, ready_s)

    def _along_streets(
        self, found: Soonest, who: NDArray[np.intp], crews: Footing, ready_s: NDArray[np.float64], limit_s: float
    ) -> None:
        graph, there = self._graph, self._there
        nodes = nobody(len(graph.xy))
        on = np.flatnonzero(crews.segment >= 0)
        begun_s = (ready_s + crews.off_m / OFF_ROAD_MPS)[on]
        for ends, costs in zip((graph.high, graph.low), leaving(graph, crews), strict=True):
            nodes.offer(ends[crews.segment[on]].astype(np.intp), begun_s + costs[on], who[on])
        spread(graph.ways, nodes, limit_s + float(ready_s.max(initial=0)))
        places = np.flatnonzero(there.segment >= 0)
        segment, along = there.segment[places], there.along[places]
        walk_s = there.off_m[places] / OFF_ROAD_MPS
        for ends, share, edge_s in ((graph.low, along, graph.up), (graph.high, 1 - along, graph.down)):
            costs = part_of(share, edge_s[segment])
            node = ends[segment]
            known = np.flatnonzero(nodes.who[node] >= 0)
            seconds = nodes.seconds[node[known]] + costs[known] + walk_s[known]
            found.offer(places[known], seconds, nodes.who[node[known]])

    def _along_one(self, found: Soonest, who: NDArray[np.intp], crews: Footing, ready_s: NDArray[np.float64]) -> None:
        """A crew and a place at the same street need not pass its ends."""
        order = np.argsort(crews.segment, kind="stable")
        lower = np.searchsorted(crews.segment[order], self._there.segment, "left")
        upper = np.searchsorted(crews.segment[order], self._there.segment, "right")
        counts = np.where(self._there.segment >= 0, upper - lower, 0)
        places = np.repeat(np.arange(len(counts)), counts)
        past = np.cumsum(counts)
        crew = order[np.arange(len(places)) + np.repeat(lower - past + counts, counts)]
        seconds = ahead(self._graph, crews.some(crew), self._there.some(places))
        off_s = (crews.off_m[crew] + self._there.off_m[places]) / OFF_ROAD_MPS
        found.offer(places, ready_s[crew] + seconds + off_s, who[crew])

    def _over_yards(
        self,
        found: Soonest,
        who: NDArray[np.intp],
        xy: NDArray[np.float64],
        crews: Footing,
        ready_s: NDArray[np.float64],
    ) -> None:
        """Neighbours cross the yard where no street lies nearer to them than they to each other."""
        crew, places = self._spots.query(shapely.points(xy), "dwithin", DIRECT_M)
        straight_m = np.hypot(*(xy[crew] - self._xy[places]).T)
        across = straight_m <= crews.off_m[crew] + self._there.off_m[places]
        crew, places, straight_m = crew[across], places[across], straight_m[across]
        found.offer(places, ready_s[crew] + straight_m / OFF_ROAD_MPS, who[crew])


def _on_sphere(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of a ball of radius 1, float64[k, 3]: whoever is nearest through it is nearest over its surface."""
    lon, lat = np.radians(lonlat).T
    return np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
