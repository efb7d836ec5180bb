"""Metres on the district's own plane <-> WGS-84 degrees. Where on the globe it lies is arbitrary: it is invented."""

import math

ORIGIN_LON = 120.55
ORIGIN_LAT = 30.2

METRES_PER_DEGREE = 111_320.0
"""Length of a degree of latitude, and of longitude at the equator; an error of 0.5 % does not matter here."""

_ACROSS = METRES_PER_DEGREE * math.cos(math.radians(ORIGIN_LAT))


def degrees(x: float, y: float) -> tuple[float, float]:
    """(lon, lat) of a point `x` metres east and `y` north of the origin, to seven decimals (1 cm)."""
    return round(ORIGIN_LON + x / _ACROSS, 7), round(ORIGIN_LAT + y / METRES_PER_DEGREE, 7)
