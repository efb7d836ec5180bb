"""Distances and areas of the district: travel times by road or line, and which small grid a point lies in."""

from collections.abc import Sequence
from math import isfinite

import numpy as np
import structlog
from numpy.typing import NDArray

from devices import placement, streets
from devices.geometry import GridMap
from devices.model import Mode, Station
from devices.registry import Registry
from devices.streets import StreetNetwork
from dispatch.policy import Policy
from dispatch.roads import Roads, line_seconds
from dispatch.world import Point

log = structlog.get_logger()


class Surveyor:
    """Holds the survey of the current registry. Called from a thread, it replaces it whole."""

    def __init__(self) -> None:
        self.survey = Survey(Registry(), None, Policy().travel_limit_s)

    def __call__(self, registry: Registry, network: bytes | None) -> None:
        """The survey is that of `registry` and its streets; without streets that can be read, by line."""
        self.survey = Survey(registry, _readable(network), Policy().travel_limit_s)


def _readable(network: bytes | None) -> StreetNetwork | None:
    """Alarms do not wait for a damaged map."""
    try:
        return streets.from_bytes(network) if network else None
    except ValueError as error:
        log.error("streets_unreadable", error=str(error))  # noqa: TRY400 - the sentence says it
        return None


class Survey:
    """Made anew for each version of the registry, away from the loop; then asked by the desk, on one thread."""

    def __init__(self, registry: Registry, network: StreetNetwork | None, limit_s: float) -> None:
        self._areas: GridMap = placement.small_grids(registry.grids.values())
        self._roads = Roads(network) if network is not None else None
        self._limit_s = limit_s
        self.network = network
        self._origins: dict[tuple[str, ...], NDArray[np.float64]] = {}
        if registry.places and registry.stations:
            somewhere = next(iter(registry.places.values()))
            self.travel((somewhere.lon, somewhere.lat), list(registry.stations.values()))

    def grid_at(self, lon: float, lat: float) -> str | None:
        """The small grid that the point lies in; None outside all."""
        return self._areas.find([(lon, lat)])[0]

    def travel(self, place: Point, stations: Sequence[Station]) -> list[tuple[float, str]]:
        """Each station's travel time to `place` in seconds and its method; inf where it cannot come within the limit.

        By road where there are roads; by line where there are none, or none lead to the place at all.
        """
        if self._roads is not None and stations:
            try:
                times = self._by_road(self._roads, place, stations)
            except Exception:
                log.exception("roads_failed", lon=place[0], lat=place[1])
            else:
                if any(isfinite(seconds) for seconds, _ in times):
                    return times
        return [(line_seconds(place, (one.lon, one.lat), one.mode), "line") for one in stations]

    def _by_road(self, roads: Roads, place: Point, stations: Sequence[Station]) -> list[tuple[float, str]]:
        seconds = np.full(len(stations), np.inf)
        for mode in Mode:
            rows = [row for row, one in enumerate(stations) if one.mode is mode]
            if rows:
                seconds[rows] = roads.seconds_to(place, mode, self._positions(stations, rows), self._limit_s)
        return [(float(one), "roads") for one in seconds]

    def _positions(self, stations: Sequence[Station], rows: list[int]) -> NDArray[np.float64]:
        codes = tuple(stations[row].code for row in rows)
        found = self._origins.get(codes)
        if found is None:
            found = np.array([(stations[row].lon, stations[row].lat) for row in rows], dtype=np.float64)
            self._origins[codes] = found
        return found
