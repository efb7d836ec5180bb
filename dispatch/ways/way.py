"""A crew's way to a place, to be drawn and followed: by road, or the straight line where no road leads there."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from devices.model import Mode
from devices.streets import distance_m
from dispatch.ways.roads import Roads, line_seconds

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Way:
    """`line`: points (lon, lat) from the start to the place. `travel_s`: seconds on it, without muster. `method`:
    `roads` or `line`.
    """

    line: tuple[Point, ...]
    length_m: float
    travel_s: float
    method: str


Search = Callable[[Point, Point, Mode], Way]
"""From where, to where, how."""


def by_line(origin: Point, place: Point, mode: Mode) -> Way:
    """The straight line; its time as the estimate by line has it."""
    return Way((origin, place), _length_m((origin, place)), line_seconds(place, origin, mode), "line")


def find(roads: Roads, origin: Point, place: Point, mode: Mode) -> Way:
    """The quickest way by road, else the straight line."""
    points, travel_s = roads.course(origin, place, mode)
    if not len(points):
        return by_line(origin, place, mode)
    line = tuple((float(lon), float(lat)) for lon, lat in points)
    return Way(line, _length_m(line), travel_s, "roads")


def _length_m(line: tuple[Point, ...]) -> float:
    lon, lat = np.array(line, np.float64).T
    return float(distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum())
