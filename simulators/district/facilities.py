"""Hydrants and other water, and the fire lanes that must be kept free."""

import json

from shapely.geometry import LineString, Point

from devices.model import Water
from simulators.dice import Dice
from simulators.district import plane
from simulators.district.grids import DISTRICT
from simulators.district.parcels import Street
from simulators.district.places import Site
from simulators.district.streets import Streets
from simulators.district.terrain import QUAY_M, Terrain

HYDRANT_EVERY_M = 240.0
"""Streets' hydrants stand at most 120 m apart (GB 50974, from memory); the pack lists every other one."""
INTAKES = 8
WITH_LANE = frozenset({"high_rise", "hospital", "mall", "school", "hotel", "factory"})


def water(streets: Streets, sites: tuple[Site, ...], terrain: Terrain, seed: int) -> tuple[Water, ...]:
    """Hydrants along the larger streets, tanks of some units, and places where an engine can draw from the river."""
    dice = Dice(seed, "water")
    spots: list[tuple[str, float, float]] = []
    for way in streets.named():
        if way.street in {Street.PRIMARY, Street.SECONDARY, Street.TERTIARY}:
            line = LineString(way.points).parallel_offset(6.0)
            for step in range(int(line.length / HYDRANT_EVERY_M)):
                at = line.interpolate((step + 0.5) * HYDRANT_EVERY_M)
                spots.append(("hydrant", at.x, at.y))
    tanks = [site for site in sites if site.place.category in {"factory", "mall", "hospital"}]
    spots += [("tank", site.x + 14, site.y + 9) for site in tanks]
    for number in range(INTAKES):
        quay = terrain.quays[number % 2].intersection(terrain.outline)
        at = quay.interpolate((number + 0.5) / INTAKES, normalized=True)
        spots.append(("river_intake", at.x, at.y + (-QUAY_M if number % 2 == 0 else QUAY_M) * 0.6))
    found = []
    for number, (kind, x, y) in enumerate(spots, start=1):
        lon, lat = plane.degrees(x, y)
        state = dice.weighted(("ok", "low_pressure", "broken"), (0.93, 0.04, 0.03))
        found.append(Water(f"W-{number:04d}", kind, lon, lat, state))
    return tuple(found)


def lanes(sites: tuple[Site, ...], streets: Streets, seed: int) -> str:
    """Fire lanes from the street to large buildings, as GeoJSON lines."""
    dice = Dice(seed, "lanes")
    lines = [LineString(way.points) for way in streets.named() if way.street is not Street.FOOTWAY]
    seen: set[str] = set()
    features: list[str] = []
    for site in sites:
        key = site.estate or site.place.code
        if site.place.category not in WITH_LANE or key in seen:
            continue
        seen.add(key)
        here = Point(site.x, site.y)
        street = min(lines, key=here.distance)
        gate = street.interpolate(street.project(here))
        properties = {
            "code": f"L-{len(features) + 1:03d}",
            "name": f"{site.estate or site.place.name}消防车通道",
            "place": site.place.code,
            "width_m": dice.pick((4, 4, 4.5, 6)),
            "state": dice.weighted(("clear", "narrowed", "blocked"), (0.85, 0.1, 0.05)),
        }
        line = [plane.degrees(gate.x, gate.y), plane.degrees((gate.x + site.x) / 2, (gate.y + site.y) / 2 + 2)]
        line.append(plane.degrees(site.x, site.y))
        geometry = {"type": "LineString", "coordinates": line}
        feature = {"type": "Feature", "properties": properties, "geometry": geometry}
        features.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    return (
        f'{{"type":"FeatureCollection","name":"{DISTRICT}消防车通道","features":[\n' + ",\n".join(features) + "\n]}\n"
    )
