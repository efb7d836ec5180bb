"""Distances and areas of the district: travel times by road or line, and which small grid a point lies in."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from operator import is_

import numpy as np
import structlog
from numpy.typing import NDArray

from devices import placement, streets
from devices.geometry import GridMap
from devices.model import Closure, ClosureKind, Mode, Station
from devices.registry import Registry
from devices.streets import StreetNetwork
from dispatch.views import placefile
from dispatch.ways import neighbours, way
from dispatch.ways.roads import Found, Roads, go_on, line_seconds
from dispatch.ways.way import Way
from dispatch.world import Point

log = structlog.get_logger()

KNOWN = 2_000_000
"""Of so many pairs of place and station at most the travel times are known beforehand: 16 MB."""
REST_S = 0.02
"""Between two searches from stations, each of which holds the interpreter nearly as long: fires are decided first."""
LOOK_S = 1.0
"""How often it is looked whether a closure has begun or ended."""


class Surveyor:
    """Holds the survey of the current registry. Called from a thread, it replaces it whole.

    Streets that are the same are not read again, and ways that no closure changes not searched again. `limit_s`: the
    policy's `travel_limit_s`.
    """

    def __init__(
        self,
        limit_s: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._limit_s = limit_s
        self.survey = Survey(Registry(), None, limit_s)
        self._clock = clock
        self._network: bytes | None = None
        self._roads: Roads | None = None
        self._found: Found = {}
        self._in_use = False
        self._working = threading.Lock()

    def __call__(self, registry: Registry, network: bytes | None) -> None:
        """The survey is that of `registry` and its streets; without streets that can be read, by line."""
        with self._working:
            _prepare(registry)
            if network != self._network:
                streets_ = _readable(network)
                self._roads = Roads(streets_) if streets_ is not None else None
                self._found = {}
                self._network = network
            self._make(registry)

    async def run(self) -> None:
        """Closures come into force and end when their time has come. Runs until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            if self._due(self.survey):
                await asyncio.to_thread(self._again)

    def _again(self) -> None:
        with self._working:
            if self._due(self.survey):
                self._make(self.survey.registry)

    def _due(self, survey: "Survey") -> bool:
        return _closed(survey.registry, self._clock()) != survey.closed

    def _make(self, registry: Registry) -> None:
        closed = _closed(registry, self._clock())
        # its own, searches of the desk's are not for this thread
        # before the first nobody is called yet, and whoever takes over is waited for
        rest = _rest if self._in_use else go_on
        roads = self._roads.closing(closed, self._found, rest) if self._roads is not None else None
        for code in roads.lost if roads is not None else ():
            log.warning("closure_on_no_street", closure=code)
        survey = Survey(registry, roads, self._limit_s, closed)
        self._found = roads.settle() if roads is not None else {}
        self.survey = survey
        self._in_use = True


def _rest() -> None:
    time.sleep(REST_S)


def _prepare(registry: Registry) -> None:
    """What lies near is in order; where that fails the registry counts all the same, and orders go without it."""
    for what in (neighbours, placefile):
        try:
            what.prepare(registry)
        except Exception:
            log.exception("not_prepared", what=what.__name__)


def _closed(registry: Registry, now: datetime) -> tuple[Closure, ...]:
    """The roads that are closed now."""
    return tuple(one for one in registry.closures.values() if one.kind is ClosureKind.ROAD and one.in_force(now))


def _readable(network: bytes | None) -> StreetNetwork | None:
    """Alarms do not wait for a damaged map."""
    try:
        return streets.from_bytes(network) if network else None
    except ValueError as error:
        log.error("streets_unreadable", error=str(error))  # noqa: TRY400 - the sentence says it
        return None


class Survey:
    """Made anew for each version of the registry, away from the loop; then asked by the desk, on one thread."""

    def __init__(
        self, registry: Registry, roads: Roads | None, limit_s: float, closed: tuple[Closure, ...] = ()
    ) -> None:
        self._areas: GridMap = placement.small_grids(registry.grids.values())
        self.roads = roads
        self.limit_s = limit_s
        self.network = roads.network if roads is not None else None
        self.closed = closed
        self.registry = registry
        self._all = _Roll(tuple(registry.stations.values()))
        self._known = self._beforehand()
        if registry.places and registry.stations and not self._known:
            somewhere = next(iter(registry.places.values()))
            self.travel((somewhere.lon, somewhere.lat), self._all.stations)

    def grid_at(self, lon: float, lat: float) -> str | None:
        """The small grid that the point lies in; None outside all."""
        return self._areas.find([(lon, lat)])[0]

    def near(self, place: Point, stations: Sequence[Station], within_s: float) -> NDArray[np.float64]:
        """Each station's travel time to `place` by road, float64[k]; inf where it takes longer than `within_s`, or the
        roads do not say.
        """
        if self.roads is not None and stations:
            known = self._known.get(place) if self._roll(stations) is self._all else None
            if known is not None:
                return np.where(known <= within_s, known, np.inf)
            try:
                return self._by_road(self.roads, place, stations, min(within_s, self.limit_s))
            except Exception:
                log.exception("roads_failed", lon=place[0], lat=place[1])
        return np.full(len(stations), np.inf)

    def travel(self, place: Point, stations: Sequence[Station]) -> list[tuple[float, str]]:
        """Each station's travel time to `place` in seconds and its method; inf where it cannot come within the limit.

        By road where there are roads; by line where there are none, or none lead to the place at all.
        """
        seconds = self.near(place, stations, self.limit_s)
        if np.isfinite(seconds).any():
            return [(each, "roads") for each in seconds.tolist()]
        return [(line_seconds(place, (one.lon, one.lat), one.mode), "line") for one in stations]

    def way(self, origin: Point, place: Point, mode: Mode) -> Way:
        """The way to be drawn from `origin` to `place`, by the roads that are open; by line where they do not say."""
        if self.roads is not None:
            try:
                return way.find(self.roads, origin, place, mode)
            except Exception:
                log.exception("way_failed", lon=place[0], lat=place[1])
        return way.by_line(origin, place, mode)

    def _by_road(self, roads: Roads, place: Point, stations: Sequence[Station], within_s: float) -> NDArray[np.float64]:
        seconds = np.full(len(stations), np.inf)
        for mode, (rows, positions) in self._roll(stations).by_mode.items():
            seconds[rows] = roads.seconds_to(place, mode, positions, within_s)
        return seconds

    def _beforehand(self) -> dict[Point, NDArray[np.float64]]:
        """Where each registered place is -> the travel times to it by road, as `near` finds them; none where they are
        too many, or cannot be found all at once.
        """
        spots = list(dict.fromkeys((one.lon, one.lat) for one in self.registry.places.values()))
        if self.roads is None or not 0 < len(spots) * len(self._all.stations) <= KNOWN:
            return {}
        found = np.full((len(spots), len(self._all.stations)), np.inf)
        try:
            for mode, (rows, positions) in self._all.by_mode.items():
                times = self.roads.table(np.array(spots, np.float64), mode, positions, self.limit_s)
                if times is None:
                    return {}
                found[:, rows] = times
        except Exception:
            log.exception("travel_times_unknown")  # each is looked for when it is needed
            return {}
        return dict(zip(spots, found, strict=True))

    def _roll(self, stations: Sequence[Station]) -> "_Roll":
        """Nearly always all are asked for."""
        known = self._all.stations
        same = len(stations) == len(known) and all(map(is_, stations, known))
        return self._all if same else _Roll(tuple(stations))


class _Roll:
    """Stations by how they travel: mode -> which of them (intp[k]) and where they are (float64[k, 2] of lon, lat)."""

    def __init__(self, stations: tuple[Station, ...]) -> None:
        self.stations = stations
        self.by_mode: dict[Mode, tuple[NDArray[np.intp], NDArray[np.float64]]] = {}
        for mode in Mode:
            rows = [row for row, one in enumerate(stations) if one.mode is mode]
            if rows:
                positions = np.array([(stations[row].lon, stations[row].lat) for row in rows], dtype=np.float64)
                self.by_mode[mode] = np.array(rows, np.intp), positions
