"""The whole district written as a district pack (CONTRACT section 5)."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, time
from pathlib import Path

from simulators.dice import Dice
from simulators.district import (
    detectors,
    facilities,
    grids,
    parcels,
    people,
    places,
    stations,
    streets,
    terrain,
    zones,
)
from simulators.district.names import Words
from simulators.district.phones import Phones

DEVICES = 3000


def write(folder: Path, seed: int = 1, devices: int = DEVICES) -> None:
    """`folder` holds the district of `seed` as a pack: 3 large, 12 middle and 60 small grids, 600 places, 40 stations,
    60 gateways and `devices` devices. The same seed always writes the same bytes.

    Raises ValueError for a seed (one in many) whose terrain cannot be divided into grids, or for fewer than two devices
    a place.
    """
    texts = draw(seed, devices)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())


def draw(seed: int, devices: int = DEVICES) -> dict[str, str]:
    """The files of the pack by name."""
    places_wanted = zones.DWELLINGS + sum(zones.COUNTS.values())
    if devices < 2 * places_wanted:
        raise ValueError(f"{devices} devices are fewer than two for each of {places_wanted} places")
    words, phones = Words(seed), Phones()
    land = terrain.form(seed)
    plots = parcels.divide(land, seed, tuple(zones.COARSE[zone] for zone in zones.OF_MIDDLE))
    areas = grids.grids(plots, words)
    roads = streets.lay(land, plots, words, seed)
    sites = places.settle(land, plots, roads, words, seed)
    posts = stations.posts(plots, roads, sites, {grid.code: grid.name for grid in areas}, phones, seed)
    own = {post.unit: post.station.code for post in posts if post.unit is not None}
    sites = tuple(replace(site, place=replace(site.place, station=own.get(site.place.code))) for site in sites)
    crowd = people.census(areas, sites, posts, words, phones, seed)
    stores = Dice(seed, "equipment")
    return {
        "grids.geojson": grids.geojson(areas),
        "places.csv": _table(
            "code name category address lon lat floors grid station risk hazards vulnerable keyholder",
            (site.place for site in sites),
        ),
        "stations.csv": _table(
            "code name kind lon lat grid phone crew_min muster_s mode capacity", (post.station for post in posts)
        ),
        "people.csv": _table("code name phone station", crowd.people),
        "duties.csv": _table("person duty scope", crowd.duties),
        "rosters.csv": _rows(
            ("station", "weekday", "from", "to", "person"),
            ((shift.station, shift.weekday, shift.start, shift.until, shift.person) for shift in crowd.shifts),
        ),
        "gateways.csv": _table("code name place", detectors.gateways(sites, len(plots.smalls))),
        "devices.csv": _table(
            "code profile gateway place floor room lon lat installed_on", detectors.detectors(sites, devices, seed)
        ),
        "water.csv": _table("code kind lon lat state", facilities.water(roads, sites, land, seed)),
        "lanes.geojson": facilities.lanes(sites, roads, seed),
        "equipment.csv": _table(
            "station item count checked_on expires_on",
            (row for post in posts for row in stations.equipment(post, stores)),
        ),
        "roads.osm": streets.osm(roads, land),
    }


def _table(columns: str, values: Iterable[object]) -> str:
    """Dataclass values as CSV, one column for each attribute named."""
    names = columns.split()
    return _rows(names, ([getattr(value, name) for name in names] for value in values))


def _rows(header: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case time():
            return value.strftime("%H:%M")
        case date():
            return value.isoformat()
        case float():
            return f"{value:.7f}"
        case _:
            return str(value)
