"""What stands in a crew's way besides the way itself: lifts out of order, closed roads near the place."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import numpy as np

from devices import instant
from devices.model import Closure, ClosureKind
from devices.registry import Registry
from devices.streets import distance_m
from dispatch.state.state import Alarm, Incident

NEAR_M = 500.0
"""Closed roads so near are told; those farther away are in the estimate alone."""


def told(registry: Registry, about: Incident, alarms: Iterable[Alarm], at: datetime) -> list[dict[str, Any]]:
    """The closures in force `at` the incident's places, and the closed roads near where it began; by code."""
    places = _places(about, alarms)
    found = [
        one for one in registry.closures.values() if one.in_force(at) and (one.place in places or _near(one, about))
    ]
    return [
        {
            "code": one.code,
            "kind": one.kind.value,
            "place": one.place,
            "lon": one.lon,
            "lat": one.lat,
            "until": instant.text(one.until) if one.until is not None else None,
            "note": one.note,
        }
        for one in sorted(found, key=lambda one: one.code)
    ]


def climb_s(registry: Registry, alarms: Iterable[Alarm], at: datetime, floor_s: float) -> float:
    """Seconds on the stairs, `floor_s` for each, to the highest alarm at a place whose lift is out of order; 0 without
    one.
    """
    out = {one.place for one in registry.closures.values() if one.kind is ClosureKind.LIFT and one.in_force(at)}
    floors = [one.floor for one in alarms if one.place in out and one.floor is not None] if out else []
    return floor_s * max(max(floors, default=1) - 1, 0)


def _places(about: Incident, alarms: Iterable[Alarm]) -> set[str]:
    return {one.place for one in alarms} | ({about.place} if about.place is not None else set())


def _near(one: Closure, about: Incident) -> bool:
    if one.kind is not ClosureKind.ROAD or None in (one.lon, one.lat, about.lon, about.lat):
        return False
    lon, lat, lon2, lat2 = (np.array([each], np.float64) for each in (one.lon, one.lat, about.lon, about.lat))
    return bool(distance_m(lon, lat, lon2, lat2)[0] <= NEAR_M)
