"""How long a crew takes to a place: on the streets by its mode of travel, or by the straight line where there are none.

DESIGN decision 11. From a point off the streets one walks to the nearest point of a street in the mode's largest
strongly connected part: smaller parts are stubs of the map from which nobody gets anywhere.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Generic, TypeVar, overload

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from devices.model import Closure, Mode
from devices.streets import EARTH_RADIUS_M, MODES, StreetNetwork, distance_m
from dispatch.ways.closing import NOTHING_CLOSED, Closed, Pieces, piece_keys, shut
from dispatch.ways.spread import ways

SNAP_M = 1000.0  # farther from any street than this is unreachable
STANDING = 500  # points looked up at a time, so that other threads have their turn
OFF_ROAD_MPS = 1.4  # a walk, through gates and stairways
DIRECT_M = 100.0  # neighbours cross the yard instead of walking round by the street

DETOUR_FACTOR = 1.4  # road over straight line: 1.417 on average to US hospitals (Boscoe et al., Prof Geogr 64(2), 2012)
MODE_MPS = {Mode.FOOT: 2.5, Mode.EBIKE: 5.0, Mode.MOTORCYCLE: 8.0, Mode.VEHICLE: 7.0}
"""Speeds of the line estimate in m/s: those of ordinary streets in `devices.streets.SPEEDS_MPS`."""


@overload
def line_seconds(
    place: tuple[float, float], origin: tuple[float, float], mode: Mode, detour_factor: float = DETOUR_FACTOR
) -> float: ...
@overload
def line_seconds(
    place: tuple[float, float], origin: NDArray[np.float64], mode: Mode, detour_factor: float = DETOUR_FACTOR
) -> NDArray[np.float64]: ...
def line_seconds(
    place: tuple[float, float],
    origin: tuple[float, float] | NDArray[np.float64],
    mode: Mode,
    detour_factor: float = DETOUR_FACTOR,
) -> float | NDArray[np.float64]:
    """Seconds from `origin`, (lon, lat) or float64[k, 2], to `place`: great circle times detour factor over speed."""
    points = np.asarray(origin, np.float64)
    here = np.asarray(place, np.float64)
    metres = distance_m(points[..., 0], points[..., 1], here[0], here[1])
    seconds = metres * detour_factor / MODE_MPS[mode]
    return float(seconds) if points.ndim == 1 else seconds


@dataclass(frozen=True, slots=True, eq=False)
class Footing:
    """Where points stand: on which segment (-1 on none), how far along it (0 to 1), and metres from it (inf)."""

    segment: NDArray[np.intp]
    along: NDArray[np.float64]
    off_m: NDArray[np.float64]

    def some(self, rows: NDArray[np.intp]) -> "Footing":
        """Of these points only."""
        return Footing(self.segment[rows], self.along[rows], self.off_m[rows])


@dataclass(frozen=True, slots=True, eq=False)
class _Tree:
    """Seconds from each node to a place up to `limit_s`, and the next node on the way; node n is the place itself."""

    limit_s: float
    seconds: NDArray[np.float64]
    following: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class _Reach:
    """Seconds from each of k points to each node up to `limit_s`, float64[k, nodes]."""

    limit_s: float
    seconds: NDArray[np.float64]


Rest = Callable[[], None]
"""What a thread does between two searches, so that others have their turn."""


def go_on() -> None:
    """No rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """A search from some points, and the streets it was made on."""

    graph: "Graph"
    reach: _Reach


Found = Mapping[tuple[Mode, bytes], Searched]
"""Searches by mode and points."""


class Graph:
    """One mode's streets: the largest strongly connected part, as a transposed CSR and as segments to stand on.

    Segment s joins nodes `low[s]` < `high[s]`; `up[s]` and `down[s]` are seconds from low to high and back, inf where
    one-way.
    """

    def __init__(self, network: StreetNetwork, mode: Mode, xy: NDArray[np.float64]) -> None:
        count = len(xy)
        start, end, seconds = _strong_part(*_quickest(network, mode), count)
        self.xy = xy
        self._edges = start, end, seconds
        self._keys, segment = np.unique(piece_keys(count, start, end), return_inverse=True)
        self._segment_of_edge = np.asarray(segment)
        self.low, self.high = np.divmod(self._keys, count)
        self.up, self.down = np.full(len(self._keys), np.inf), np.full(len(self._keys), np.inf)
        self.up[self._segment_of_edge[start < end]] = seconds[start < end]
        self.down[self._segment_of_edge[start > end]] = seconds[start > end]
        self._lines = shapely.STRtree(np.asarray(shapely.linestrings(np.stack((xy[self.low], xy[self.high]), axis=1))))
        self._whole = self.up, self.down
        self._shut = np.zeros(len(self._keys), np.bool_)
        self._go()

    def _go(self) -> None:
        """Searches go along the edges as they are now."""
        start, end, seconds = self._edges
        count = len(self.xy)
        self.ways = ways(count, start, end, seconds)
        # transposed: row = where an edge ends, so that a search from the place runs against the traffic
        transposed = csr_array((seconds, (end, start)), shape=(count, count))
        # and node n for the place, with two ways that each search sets
        self._searched = csr_array(
            (
                np.concatenate((transposed.data, np.zeros(2))),
                np.concatenate((transposed.indices, [count, count])).astype(np.int32),
                np.concatenate((transposed.indptr, [transposed.indptr[-1] + 2])).astype(np.int32),
            ),
            shape=(count + 1, count + 1),
        )

    def closing(self, keys: NDArray[np.int64]) -> "Graph":
        """The same streets where the pieces of these keys (`piece_keys`) are no way through.

        One still stands on them, and gets to their ends and back at a walk where one may go at all: nothing is sooner
        than it was.
        """
        shut = np.isin(self._keys, keys)
        closed = copy(self)
        closed._close(shut)  # noqa: SLF001 - one of its own
        return closed

    def _close(self, shut: NDArray[np.bool_]) -> None:
        self._shut = shut
        walk_s = np.hypot(*(self.xy[self.high] - self.xy[self.low]).T) / OFF_ROAD_MPS
        self.up = np.where(shut, np.maximum(self.up, walk_s), self.up)
        self.down = np.where(shut, np.maximum(self.down, walk_s), self.down)
        start, end, seconds = self._edges
        open_ = ~shut[self._segment_of_edge]
        self._edges = start[open_], end[open_], seconds[open_]
        self._segment_of_edge = self._segment_of_edge[open_]
        self._go()

    def stand(self, points: NDArray[np.float64]) -> Footing:
        """The footing of `points`, float64[k, 2] in local metres."""
        segment = np.full(len(points), -1, np.intp)
        along, off_m = np.zeros(len(points)), np.full(len(points), np.inf)
        # neighbours one after the other find the same part of the tree warm
        order = np.lexsort((points[:, 1] // SNAP_M, points[:, 0] // SNAP_M))
        for begin in range(0, len(points) if len(self.low) else 0, STANDING):
            some = order[begin : begin + STANDING]
            segment[some], along[some], off_m[some] = self._stand(points[some])
        far = off_m > SNAP_M
        segment[far], along[far], off_m[far] = -1, 0, np.inf
        return Footing(segment, along, off_m)

    def _stand(self, points: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
        _, near = self._lines.query_nearest(shapely.points(points), all_matches=False)
        begin, step = self.xy[self.low[near]], self.xy[self.high[near]] - self.xy[self.low[near]]
        square = np.maximum((step**2).sum(axis=1), 1e-12)
        share = np.clip(((points - begin) * step).sum(axis=1) / square, 0, 1)
        return near, share, np.hypot(*(points - begin - share[:, None] * step).T)

    def point(self, footing: Footing) -> NDArray[np.float64]:
        """Local metres of the first footing's point on its segment."""
        low, high = self.xy[self.low[footing.segment[0]]], self.xy[self.high[footing.segment[0]]]
        return np.asarray(low + footing.along[0] * (high - low), np.float64)

    def tree(self, place: Footing, limit_s: float) -> _Tree:
        """Seconds from every node to `place` (one point, standing): one search with the place as an extra node."""
        segment, along = place.segment[0], place.along[0]
        costs = part_of(np.array([along, 1 - along]), np.array([self.up[segment], self.down[segment]]))
        nodes = np.array([self.low[segment], self.high[segment]])
        # a closed direction becomes a way from the place to itself
        self._searched.data[-2:] = np.where(np.isfinite(costs), costs, 0)
        self._searched.indices[-2:] = np.where(np.isfinite(costs), nodes, len(self.xy))
        seconds, following = dijkstra(self._searched, indices=[len(self.xy)], limit=limit_s, return_predecessors=True)
        return _Tree(limit_s, seconds[0], following[0])

    def reach(self, origins: Footing, limit_s: float, before: "Searched | None" = None, rest: Rest = go_on) -> _Reach:
        """Seconds from `origins` to every node: a search from each, one after the other, with the point as an extra
        node. A search holds the interpreter as long as it runs, so others have their turn in between, while this one
        does `rest`.

        `before`: the same from the same origins while other roads were closed; searched again is only from where those
        that have been closed or opened since make a difference.
        """
        count = len(self.xy)
        if before is not None and before.reach.limit_s == limit_s:
            stale = self._stale(before, origins)
            if not stale.any():
                return before.reach
            found = before.reach.seconds.copy()
        else:
            stale, found = np.ones(len(origins.segment), np.bool_), np.full((len(origins.segment), count), np.inf)
        nodes = np.stack((self.high[origins.segment], self.low[origins.segment]), axis=1)
        costs = np.stack(leaving(self, origins), axis=1)
        open_ = np.isfinite(costs)
        first = np.append(self.ways.first, self.ways.first[-1] + 2).astype(np.int32)
        data = np.concatenate((self.ways.seconds, np.zeros(2)))
        indices = np.concatenate((self.ways.end, np.full(2, count, np.int32)))
        graph = csr_array((data, indices, first), shape=(count + 1, count + 1))
        for number in np.flatnonzero(stale & (origins.segment >= 0)).tolist():
            # a closed direction becomes a way from the point to itself
            graph.data[-2:] = np.where(open_[number], costs[number], 0)
            graph.indices[-2:] = np.where(open_[number], nodes[number], count)
            found[number] = dijkstra(graph, indices=[count], limit=limit_s)[0, :count]
            rest()
        return _Reach(limit_s, found)

    def _stale(self, before: "Searched", origins: Footing) -> NDArray[np.bool_]:
        """Of which origins the search `before` is not what it would be now, bool[k]; True also where it may be.

        A closed piece matters where a quickest way went along it, an opened one where it is sooner than what there is.
        """
        gone, back = self._shut & ~before.graph._shut, before.graph._shut & ~self._shut  # noqa: SLF001 - one of its own
        stale: NDArray[np.bool_] = (gone | back)[origins.segment] & (origins.segment >= 0)
        seconds, (up, down) = before.reach.seconds, self._whole
        for some, sooner in ((gone, np.less_equal), (back, np.less)):
            piece = np.flatnonzero(some)
            for begin, end, takes_s in ((self.low, self.high, up), (self.high, self.low, down)):
                here, there = seconds[:, begin[piece]], seconds[:, end[piece]]
                stale |= (np.isfinite(here) & sooner(here + takes_s[piece], there)).any(axis=1)
        return stale


class Roads:
    """Travel times on a street network. Remembers its last searches; not for two threads at once.

    While points and nodes make no more than `cells` pairs, the ways from the same points to all nodes are remembered:
    stations stay where they are, and a fire is somewhere else each time. Beyond, each place is searched from, and the
    last `trees` of these searches are remembered. `lost`: codes of closures that lie on no street.
    """

    def __init__(
        self,
        network: StreetNetwork,
        *,
        trees: int = 64,
        cells: int = 5_000_000,
        opened: "Roads | None" = None,
        closed: Closed = NOTHING_CLOSED,
        found: Found | None = None,
        rest: Rest = go_on,
    ) -> None:
        self._cells = cells
        self.network = network
        self._origin = np.array([network.lon.mean(), network.lat.mean()])
        self._scale = np.radians(EARTH_RADIUS_M) * np.array([np.cos(np.radians(self._origin[1])), 1.0])
        self._xy = self.metres(np.column_stack((network.lon, network.lat)))
        self._graphs: dict[Mode, Graph] = {}
        self._trees: _Recent[tuple[Mode, int, float], _Tree] = _Recent(trees)
        self._footings: _Recent[tuple[Mode, bytes], Footing] = _Recent(16)
        self._reaches: _Recent[tuple[Mode, bytes], _Reach] = _Recent(len(Mode))
        self._open = opened
        self._shut = closed.keys
        self._pieces: dict[Mode, Pieces] = {}
        self._before = dict(found or {})
        self._rest = rest
        self.lost = closed.lost

    def seconds_to(
        self, place: tuple[float, float], mode: Mode, origins: NDArray[np.float64], limit_s: float
    ) -> NDArray[np.float64]:
        """Seconds of travel from each of `origins` (float64[k, 2] of lon, lat) to `place`, float64[k].

        Walking to and from the streets is counted. inf: not within `limit_s`, by this mode, on these streets.
        """
        origins = np.asarray(origins, np.float64).reshape(-1, 2)
        graph, here, there = self.graph(mode), self._stand(place, mode), self._footing(mode, origins)
        straight_m = np.hypot(*(self.metres(origins) - self.metres(np.array([place]))).T)
        walk = _yard_seconds(straight_m, there.off_m + here.off_m[0])
        total = walk
        # wherever the place is: who asks once, beforehand, need not know one that stands on a street of this mode
        reach = self._reach(graph, mode, origins, there, limit_s) if self._few(graph, origins) else None
        if here.segment[0] >= 0:
            if reach is not None:
                road = _arriving(graph, there, here, reach)
            else:
                road = np.min(_exits(graph, there, here, self._tree(graph, mode, here, limit_s)), axis=0)
            total = np.minimum(walk, road + (there.off_m + here.off_m[0]) / OFF_ROAD_MPS)
        return np.where(total <= limit_s, total, np.inf)

    def table(
        self, places: NDArray[np.float64], mode: Mode, origins: NDArray[np.float64], limit_s: float
    ) -> NDArray[np.float64] | None:
        """`seconds_to` each of `places` (float64[n, 2] of lon, lat) at once, float64[n, k]; None where the ways from
        `origins` to all nodes are too many to be remembered.
        """
        graph = self.graph(mode)
        if not self._few(graph, origins):
            return None
        there, here = self._footing(mode, origins), graph.stand(self.metres(places))
        reach = self._reach(graph, mode, origins, there, limit_s)
        found = np.full((len(places), len(origins)), np.inf)
        starts, ends = self.metres(origins), self.metres(places)
        for number in range(len(origins)):
            start = there.some(np.array([number]))
            straight_m = np.hypot(*(starts[number] - ends).T)
            total = _yard_seconds(straight_m, start.off_m + here.off_m)
            road = _departing(graph, start, here, reach.seconds[number])
            total = np.minimum(total, road + (start.off_m + here.off_m) / OFF_ROAD_MPS)
            found[:, number] = np.where(total <= limit_s, total, np.inf)
        return found

    def _few(self, graph: Graph, origins: NDArray[np.float64]) -> bool:
        return len(graph.low) > 0 < len(origins) * len(graph.xy) <= self._cells

    def path(self, origin: tuple[float, float], place: tuple[float, float], mode: Mode) -> NDArray[np.float64]:
        """The quickest way as float64[m, 2] of lon, lat, from `origin` to `place`; empty where there is none."""
        return self.course(origin, place, mode)[0]

    def course(
        self, origin: tuple[float, float], place: tuple[float, float], mode: Mode
    ) -> tuple[NDArray[np.float64], float]:
        """The `path`, and its seconds of travel; inf where there is none."""
        ends = np.array([origin, place], np.float64)
        graph, here, there = self.graph(mode), self._stand(place, mode), self._stand(origin, mode)
        off_m = there.off_m + here.off_m
        yard_s = float(_yard_seconds(np.hypot(*np.diff(self.metres(ends), axis=0).T), off_m)[0])
        if np.isfinite(yard_s):
            return ends, yard_s
        if here.segment[0] < 0 or there.segment[0] < 0:
            return np.empty((0, 2)), np.inf
        tree = self._tree(graph, mode, here, np.inf)
        exits = _exits(graph, there, here, tree)[:, 0]
        nodes = _walk(graph, there, tree, exits)
        if nodes is None:
            return np.empty((0, 2)), np.inf
        inner = np.vstack((graph.point(there), graph.xy[nodes], graph.point(here)))
        points = np.vstack((ends[:1], inner / self._scale + self._origin, ends[1:]))
        return points, float(exits.min() + off_m[0] / OFF_ROAD_MPS)

    def metres(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres east and north of the district's middle, float64[k, 2], for `lonlat` of the same shape."""
        return np.asarray((lonlat - self._origin) * self._scale, np.float64)

    def graph(self, mode: Mode) -> Graph:
        """The streets of this mode."""
        if mode not in self._graphs:
            self._graphs[mode] = self._graph(mode)
        return self._graphs[mode]

    def _graph(self, mode: Mode) -> Graph:
        if self._open is None:
            return Graph(self.network, mode, self._xy)
        return self._open.graph(mode).closing(self._shut.get(mode, np.zeros(0, np.int64)))

    def closing(self, closures: Sequence[Closure], found: Found | None = None, rest: Rest = go_on) -> "Roads":
        """The same streets while these roads (none, some) are closed, not read anew. Its searches are its own: another
        thread may use it.

        One that lies on no street closes nothing. `found`: searches of these streets while others were closed, to begin
        from. Until it is settled it takes a `rest` after each search from a station.
        """
        if self._open is not None:
            return self._open.closing(closures, found, rest)
        roads = [one for one in closures if one.lon is not None and one.lat is not None]
        points = np.array([(one.lon, one.lat) for one in roads], np.float64).reshape(-1, 2)
        pieces = {mode: self._pieces_of(mode) for mode in Mode if any(one.closed_to(mode) for one in roads)}
        closed = shut(pieces, roads, self.metres(points))
        return Roads(self.network, cells=self._cells, opened=self, closed=closed, found=found, rest=rest)

    def settle(self) -> Found:
        """The searches it remembers, for the streets when other roads are closed. What it began from is let go, and it
        rests no more.
        """
        self._before, self._rest = {}, go_on
        return {key: Searched(self.graph(key[0]), reach) for key, reach in self._reaches.items()}

    def _pieces_of(self, mode: Mode) -> Pieces:
        if mode not in self._pieces:
            self._pieces[mode] = Pieces(self.network, mode, self._xy)
        return self._pieces[mode]

    def _stand(self, point: tuple[float, float], mode: Mode) -> Footing:
        return self.graph(mode).stand(self.metres(np.array([point], np.float64)))

    def _footing(self, mode: Mode, origins: NDArray[np.float64]) -> Footing:
        # the same stations are asked for again and again
        key = (mode, origins.tobytes())
        if (footing := self._footings.get(key)) is None:
            footing = self._footings.put(key, self.graph(mode).stand(self.metres(origins)))
        return footing

    def _reach(self, graph: Graph, mode: Mode, origins: NDArray[np.float64], there: Footing, limit_s: float) -> _Reach:
        key = (mode, origins.tobytes())
        reach = self._reaches.get(key)
        if reach is None or reach.limit_s < limit_s:
            reach = self._reaches.put(key, graph.reach(there, limit_s, self._before.pop(key, None), self._rest))
        return reach

    def _tree(self, graph: Graph, mode: Mode, place: Footing, limit_s: float) -> _Tree:
        key = (mode, int(place.segment[0]), float(place.along[0]))
        tree = self._trees.get(key)
        if tree is None or tree.limit_s < limit_s:
            tree = self._trees.put(key, graph.tree(place, limit_s))
        return tree


K = TypeVar("K")
V = TypeVar("V")


class _Recent(Generic[K, V]):
    """The `size` values used last, by key."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def items(self) -> list[tuple[K, V]]:
        return list(self._kept.items())

    def put(self, key: K, value: V) -> V:
        self._kept[key] = value
        self._kept.move_to_end(key)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return value


def _quickest(network: StreetNetwork, mode: Mode) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Start, end and seconds of the mode's edges, of parallel ones the quickest only: a CSR would add them up."""
    seconds = network.seconds[MODES.index(mode)].astype(np.float64)
    going = np.flatnonzero(np.isfinite(seconds) & (network.start != network.end))
    order = going[np.lexsort((seconds[going], network.end[going], network.start[going]))]
    start, end = network.start[order], network.end[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1])
    return start[first], end[first], seconds[order][first]


def _strong_part(
    start: NDArray[np.int32], end: NDArray[np.int32], seconds: NDArray[np.float64], count: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """The edges inside the largest strongly connected part. No quickest way between two of its nodes leaves it."""
    graph = csr_array((seconds, (start, end)), shape=(count, count))
    _, part = connected_components(graph, directed=True, connection="strong")
    inside = (part[start] == part[end]) & (part[start] == np.bincount(part).argmax())
    return start[inside], end[inside], seconds[inside]


def part_of(share: NDArray[np.float64], seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """`share` of `seconds`; none of a closed direction's infinity costs nothing."""
    return np.multiply(share, seconds, out=np.zeros_like(share), where=share > 0)


def _yard_seconds(straight_m: NDArray[np.float64], off_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds straight across, inf where points are not neighbours or a street lies nearer than they to each other."""
    return np.where((straight_m <= DIRECT_M) & (straight_m <= off_m), straight_m / OFF_ROAD_MPS, np.inf)


def leaving(graph: Graph, there: Footing) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Seconds from each footing `there` to its segment's high end, and to its low end; nonsense where it has none."""
    up, down = graph.up[there.segment], graph.down[there.segment]
    return part_of(1 - there.along, up), part_of(there.along, down)


def ahead(graph: Graph, there: Footing, place: Footing) -> NDArray[np.float64]:
    """Seconds from each footing `there` along its segment to `place` (one, or as many); inf where that is elsewhere."""
    segment, along, goal = there.segment, there.along, place.along
    up, down = graph.up[segment], graph.down[segment]
    onward = np.where(
        goal >= along, part_of(np.maximum(goal - along, 0), up), part_of(np.maximum(along - goal, 0), down)
    )
    return np.where(segment == place.segment, onward, np.inf)


def _exits(graph: Graph, there: Footing, place: Footing, tree: _Tree) -> NDArray[np.float64]:
    """Seconds on streets from each footing `there`: by its segment's high end, by its low end, along the segment."""
    to_high, to_low = leaving(graph, there)
    by_high = to_high + tree.seconds[graph.high[there.segment]]
    by_low = to_low + tree.seconds[graph.low[there.segment]]
    return np.where(there.segment >= 0, np.stack((by_high, by_low, ahead(graph, there, place))), np.inf)


def _arriving(graph: Graph, there: Footing, place: Footing, reach: _Reach) -> NDArray[np.float64]:
    """Seconds on streets from each footing `there`, whose reach it is: the same as by the best of `_exits`."""
    segment, along = place.segment[0], place.along[0]
    last = part_of(np.array([along, 1 - along]), np.array([graph.up[segment], graph.down[segment]]))
    ends = reach.seconds[:, [graph.low[segment], graph.high[segment]]] + last
    return np.where(there.segment >= 0, np.minimum(ends.min(axis=1), ahead(graph, there, place)), np.inf)


def _departing(graph: Graph, there: Footing, places: Footing, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds on streets from the one footing `there`, which is so many `seconds` from each node, to each of `places`:
    the same as `_arriving`.
    """
    if there.segment[0] < 0 or not len(graph.low):
        return np.full(len(places.segment), np.inf)
    segment, along = places.segment, places.along
    by_low = seconds[graph.low[segment]] + part_of(along, graph.up[segment])
    by_high = seconds[graph.high[segment]] + part_of(1 - along, graph.down[segment])
    road = np.minimum(np.minimum(by_low, by_high), ahead(graph, there, places))
    return np.where(segment >= 0, road, np.inf)


def _walk(graph: Graph, there: Footing, tree: _Tree, exits: NDArray[np.float64]) -> list[int] | None:
    """The nodes passed from the one footing `there` to the tree's place by its best exit; None where there is none."""
    best = int(np.argmin(exits))
    if not np.isfinite(exits[best]):
        return None
    if best == 2:
        return []
    node = int((graph.high if best == 0 else graph.low)[there.segment[0]])
    nodes = []
    while node != len(graph.xy):
        nodes.append(node)
        node = int(tree.following[node])
    return nodes
