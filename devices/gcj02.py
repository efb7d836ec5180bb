"""GCJ-02, the shifted datum of Chinese maps, to WGS-84 and back. Pure.

The shift is a published approximation of a secret function; its inverse is found by iteration, so that `to_gcj02` of a
result gives the input back to better than 1e-9 degrees (0.1 mm). Against the real shift expect a metre or so.
"""

import math

_AXIS_M = 6378245.0  # Krasovsky 1940, which the shift is defined on
_ECCENTRICITY_2 = 0.00669342162296594323
_CONVERGED_DEG = 1e-10
_ROUNDS = 30


def to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """(lon, lat) in GCJ-02 of a WGS-84 position, degrees. Outside China's box nothing is shifted."""
    if outside(lon, lat):
        return lon, lat
    east, north = _shift(lon, lat)
    return lon + east, lat + north


def to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """(lon, lat) in WGS-84 of a GCJ-02 position, degrees. Outside China's box nothing is shifted."""
    if outside(lon, lat):
        return lon, lat
    guess_lon, guess_lat = lon, lat
    for _ in range(_ROUNDS):  # each round leaves under a hundredth of the error
        east, north = _shift(guess_lon, guess_lat)
        step_lon, step_lat = lon - east - guess_lon, lat - north - guess_lat
        guess_lon, guess_lat = guess_lon + step_lon, guess_lat + step_lat
        if abs(step_lon) < _CONVERGED_DEG and abs(step_lat) < _CONVERGED_DEG:
            break
    return guess_lon, guess_lat


def outside(lon: float, lat: float) -> bool:
    """True outside the box in which the shift is applied (the customary one; it is larger than China)."""
    return not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271)


def _shift(lon: float, lat: float) -> tuple[float, float]:
    """Degrees east and north that GCJ-02 moves a WGS-84 position."""
    x, y = lon - 105.0, lat - 35.0
    waves = 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + waves * 2.0 / 3.0
    north_m += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north_m += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + waves * 2.0 / 3.0
    east_m += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east_m += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    phi = math.radians(lat)
    magic = 1.0 - _ECCENTRICITY_2 * math.sin(phi) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY_2) / magic**1.5
    parallel_m = _AXIS_M / math.sqrt(magic) * math.cos(phi)
    return math.degrees(east_m / parallel_m), math.degrees(north_m / meridian_m)
