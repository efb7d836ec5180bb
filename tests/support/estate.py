"""Estate: a district of many places with one detector each, for runs in which hundreds of fires are published.

Its north and south halves are small grids with two stations each, none of which is ever at its capacity. Gateway n
(`GW-01` …) has detectors that burn (`F-01-000` …, each alone in a place) and devices that publish (`D-01-00` …, all
in the gateway's own place). There are no streets: the way is taken by line.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

GATEWAYS = tuple(f"GW-{number:02d}" for number in range(1, 7))
FIRES_EACH, DEVICES_EACH = 60, 20
STATIONS = ("ST-NW", "ST-NE", "ST-SW", "ST-SE")

_WEST, _SOUTH, _EAST, _NORTH = 120.500, 30.500, 120.530, 30.530
_MIDDLE = (_SOUTH + _NORTH) / 2
_Row = Sequence[object]


def fires(gateway: str) -> list[str]:
    """The gateway's detectors that burn."""
    return [f"F-{gateway[3:]}-{number:03d}" for number in range(FIRES_EACH)]


def devices(gateway: str) -> list[str]:
    """The gateway's devices that publish."""
    return [f"D-{gateway[3:]}-{number:02d}" for number in range(DEVICES_EACH)]


def size() -> int:
    """How many devices are registered."""
    return len(GATEWAYS) * (FIRES_EACH + DEVICES_EACH)


def write(folder: Path) -> Path:
    """The folder is the estate's district pack."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, tuple[Sequence[str], Iterable[_Row]]] = {
        "places.csv": (("code", "name", "category", "address", "lon", "lat", "floors"), _places()),
        "stations.csv": (
            ("code", "name", "kind", "lon", "lat", "grid", "phone", "crew_min", "muster_s", "mode", "capacity"),
            _stations(),
        ),
        "people.csv": (
            ("code", "name", "phone", "station"),
            [("L-N", "示例甲", "000-001", ""), ("L-S", "示例乙", "000-002", "")],
        ),
        "duties.csv": (("person", "duty", "scope"), [("L-N", "leader", "G3-N"), ("L-S", "leader", "G3-S")]),
        "gateways.csv": (("code", "name", "place"), [(code, f"{code} 网关", f"H-{code[3:]}") for code in GATEWAYS]),
        "devices.csv": (("code", "profile", "gateway", "place", "floor", "room"), _devices()),
    }  # fmt: skip
    for name, (header, rows) in tables.items():
        (folder / name).write_text(_table(header, rows), encoding="utf-8")
    (folder / "grids.geojson").write_text(_grids(), encoding="utf-8")
    return folder


def _places() -> list[_Row]:
    """A place for each detector that burns, in rows from south to north, and one for each gateway."""
    codes = [f"P-{fire[2:]}" for gateway in GATEWAYS for fire in fires(gateway)] + [
        f"H-{code[3:]}" for code in GATEWAYS
    ]
    columns = 20
    step_lon, step_lat = (_EAST - _WEST) / (columns + 1), (_NORTH - _SOUTH) / (len(codes) // columns + 2)
    return [
        (
            code,
            f"示例 {code}",
            "住宅",
            f"示例路 {number} 号",
            f"{_WEST + (number % columns + 1) * step_lon:.6f}",
            f"{_SOUTH + (number // columns + 1) * step_lat:.6f}",
            3,
        )
        for number, code in enumerate(codes)
    ]


def _stations() -> list[_Row]:
    spots = {"ST-NW": (0.25, 0.75), "ST-NE": (0.75, 0.75), "ST-SW": (0.25, 0.25), "ST-SE": (0.75, 0.25)}
    return [
        (
            code,
            f"{code} 微型消防站",
            "community",
            f"{_WEST + x * (_EAST - _WEST):.6f}",
            f"{_SOUTH + y * (_NORTH - _SOUTH):.6f}",
            "G3-N" if y > 0.5 else "G3-S",
            f"000-1{number:02d}",
            3,
            30,
            "ebike",
            100,  # the most a pack may say: together more than there are detectors that burn
        )
        for number, (code, (x, y)) in enumerate(spots.items())
    ]


def _devices() -> list[_Row]:
    burning = [
        (fire, "smoke-photo", gateway, f"P-{fire[2:]}", 1, "101") for gateway in GATEWAYS for fire in fires(gateway)
    ]
    publishing = [
        (device, "smoke-photo", gateway, f"H-{gateway[3:]}", 1, "")
        for gateway in GATEWAYS
        for device in devices(gateway)
    ]
    return [*burning, *publishing]


def _grids() -> str:
    areas = [
        ("G1", "示例镇", 1, None, (_SOUTH, _NORTH)),
        ("G2", "示例村", 2, "G1", (_SOUTH, _NORTH)),
        ("G3-N", "北片", 3, "G2", (_MIDDLE, _NORTH)),
        ("G3-S", "南片", 3, "G2", (_SOUTH, _MIDDLE)),
    ]
    features = []
    for code, name, level, parent, (south, north) in areas:
        corners = [[_WEST, south], [_EAST, south], [_EAST, north], [_WEST, north], [_WEST, south]]
        properties = {"code": code, "name": name, "level": level, **({"parent": parent} if parent else {})}
        features.append(
            {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [corners]}}
        )
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _table(header: Sequence[str], rows: Iterable[_Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
