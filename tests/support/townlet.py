"""Townlet: a district written by hand, small enough to know by heart.

A river (at 120.6050 E) parts it; the one bridge is in the north. West of it the main street, east of it the mill road.

    30.9120  ST-NORTH ======= bridge ======== (east bank)
    30.9090  P-MALL, its own station ST-MALL        |
    30.9030  ST-WEST                                |
    30.8990  P-LANE . ST-GAP . . river . . ST-QUAY, P-QUAY

ST-QUAY is the nearest to P-LANE by line (380 m), but 3.6 km by road: ST-WEST is there in about 3 minutes, ST-NORTH
in 6, ST-MALL in 7, ST-QUAY in 12. ST-GAP beside P-LANE would be there at once, but its roster has a gap now; the
brigade BR-1, next door, is never ordered.
"""

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

LANE_BY_ROAD = ("ST-WEST", "ST-NORTH", "ST-MALL", "ST-QUAY")
"""Who can come to P-LANE, soonest first."""

LANE_METRES = 444.8 + 334.0  # ST-WEST down the main street, then along the lane to P-LANE
WEST_ETA_S = 30 + LANE_METRES / 5  # muster, then an e-bike on residential streets
LANE_GRIDS = ("G3-WS", "G2-W", "G1")
"""The grids of P-LANE, small to large."""

MODELS = {
    "SMK-LANE-301": "smoke-photo",
    "SMK-LANE-502": "smoke-alarm",
    "SMK-SHOP": "smoke-heat",
    "SMK-MALL-B1": "smoke-photo",
    "SMK-CLINIC": "smoke-photo",
    "SMK-QUAY": "smoke-photo",
    "SMK-INN": "smoke-alarm",
    "SMK-MILL": "smoke-heat",
    "ELE-LANE": "electric-3p",
    "ELE-SHOP": "electric-1p",
    "ELE-INN": "electric-1p",
    "DTU-MALL": "vendor-dtu",
}
"""Each device's profile: every one of the catalogue is here."""

Position = Callable[[float, float], tuple[float, float]]


def write(folder: Path, *, crs: str = "wgs84", at: datetime) -> Path:
    """The folder is townlet's district pack, with positions in `crs`; `at` is when ST-GAP's roster has its gap."""
    folder.mkdir(parents=True, exist_ok=True)
    move: Position = to_gcj02 if crs == "gcj02" else (lambda lon, lat: (lon, lat))
    for name, text in files(move, at).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def files(move: Position, at: datetime) -> dict[str, str]:
    """File name -> text."""
    return {
        "grids.geojson": _grids(move),
        "places.csv": _table(
            ["code", "name", "category", "address", "lon", "lat", "floors", "grid", "station", "risk", "hazards",
             "vulnerable", "keyholder"],
            (_moved(row, 4, move) for row in _PLACES),
        ),
        "stations.csv": _table(
            ["code", "name", "kind", "lon", "lat", "grid", "phone", "crew_min", "muster_s", "mode", "capacity"],
            (_moved(row, 3, move) for row in _STATIONS),
        ),
        "people.csv": _table(["code", "name", "phone", "station"], _PEOPLE),
        "duties.csv": _table(["person", "duty", "scope"], _DUTIES),
        "rosters.csv": _table(["station", "weekday", "from", "to", "person"], [_shift_away_from(at)]),
        "gateways.csv": _table(["code", "name", "place"], _GATEWAYS),
        "devices.csv": _table(
            ["code", "profile", "gateway", "place", "floor", "room", "installed_on"],
            ((code, MODELS[code], *rest) for code, *rest in _DEVICES),
        ),
        "water.csv": _table(
            ["code", "kind", "lon", "lat", "state"], (_moved(row, 2, move) for row in _WATER)
        ),
        "roads.osm": _roads(),
    }  # fmt: skip


_LARGE = (120.590, 30.890, 120.620, 30.920)
_BANK = 120.605
_MIDDLE = 30.906
_AREAS: list[tuple[str, str, int, str | None, tuple[float, float, float, float]]] = [
    ("G1", "柳河镇", 1, None, _LARGE),
    ("G2-W", "河西社区", 2, "G1", (120.590, 30.890, _BANK, 30.920)),
    ("G2-E", "河东村", 2, "G1", (_BANK, 30.890, 120.620, 30.920)),
    ("G3-WS", "河西南片", 3, "G2-W", (120.590, 30.890, _BANK, _MIDDLE)),
    ("G3-WN", "河西北片", 3, "G2-W", (120.590, _MIDDLE, _BANK, 30.920)),
    ("G3-ES", "河东南片", 3, "G2-E", (_BANK, 30.890, 120.620, _MIDDLE)),
    ("G3-EN", "河东北片", 3, "G2-E", (_BANK, _MIDDLE, 120.620, 30.920)),
]

_Row = Sequence[object]
_PLACES: list[_Row] = [
    ("P-LANE", "柳巷 3 号楼", "住宅", "柳巷 3 号", 120.6035, 30.8990, 6, "", "", "较高", "停车", "独居老人", "L-WS"),
    ("P-SHOP", "柳巷杂货店", "九小场所", "柳巷 9 号", 120.6030, 30.9000, 2, "", "", "", "", "", ""),
    ("P-MALL", "河西商场", "商场", "正街 88 号", 120.5985, 30.9090, 5, "", "ST-MALL", "高", "", "", ""),
    ("P-SCHOOL", "河西小学", "学校", "正街 60 号", 120.5990, 30.9075, 4, "", "", "", "", "", ""),
    ("P-CLINIC", "河东卫生所", "医疗", "磨坊路 5 号", 120.6085, 30.8980, 3, "G3-ES", "", "", "", "", ""),
    ("P-QUAY", "码头仓库", "仓库", "磨坊路 1 号", 120.6078, 30.8988, 1, "", "", "", "", "", ""),
    ("P-MILL", "面粉厂", "工厂", "磨坊路 70 号", 120.6090, 30.9095, 3, "", "", "", "粉尘", "", ""),
    ("P-INN", "桥头旅店", "旅馆", "桥东 2 号", 120.6082, 30.9118, 4, "", "", "", "", "", ""),
    ("P-MARKET", "河西菜场", "市场", "正街 12 号", 120.6002, 30.8985, 1, "", "", "", "", "", ""),
    ("P-OFFICE", "镇政府", "办公", "正街 100 号", 120.5995, 30.9105, 3, "", "", "", "", "", ""),
    ("P-HOSTEL", "职工宿舍", "宿舍", "磨坊路 20 号", 120.6086, 30.9020, 5, "", "", "", "", "", ""),
    ("P-DEPOT", "公交站场", "车库", "磨坊路 90 号", 120.6088, 30.9110, 1, "", "", "", "", "", ""),
]  # fmt: skip
_STATIONS: list[_Row] = [
    ("ST-WEST", "河西微型消防站", "community", 120.6000, 30.9030, "G3-WS", "000-101", 3, 30, "ebike", 1),
    ("ST-NORTH", "正街微型消防站", "community", 120.6000, 30.9110, "G3-WN", "000-102", 3, 30, "ebike", 1),
    ("ST-QUAY", "码头微型消防站", "community", 120.6075, 30.8990, "G3-ES", "000-103", 3, 30, "ebike", 1),
    ("ST-GAP", "柳巷微型消防站", "community", 120.6034, 30.8991, "G3-WS", "000-104", 3, 30, "ebike", 1),
    ("ST-MALL", "河西商场微型消防站", "unit", 120.5985, 30.9091, "G3-WN", "000-105", 3, 120, "ebike", 1),
    ("BR-1", "柳河消防救援站", "brigade", 120.6025, 30.8990, "G3-WS", "000-119", 7, 60, "vehicle", 1),
]
_PEOPLE: list[_Row] = [
    ("L-G1", "示例甲", "000-001", ""),
    ("L-W", "示例乙", "000-002", ""),
    ("L-E", "示例丙", "000-003", ""),
    ("L-WS", "示例丁", "000-004", ""),
    ("D-WS", "示例戊", "000-005", ""),
    ("L-WN", "示例己", "000-006", ""),
    ("L-ES", "示例庚", "000-007", ""),
    ("L-EN", "示例辛", "000-008", ""),
    ("M-LANE", "示例壬", "000-009", ""),
    ("M-MALL", "示例癸", "000-010", ""),
    ("K-SHOP", "示例子", "000-011", ""),
    ("C-GAP", "示例丑", "000-012", "ST-GAP"),
    ("C-WEST", "示例寅", "000-013", "ST-WEST"),
    ("R-DEPOT", "示例卯", "000-014", ""),
    ("K-DEPOT", "示例辰", "000-015", ""),
]
_DUTIES: list[_Row] = [
    ("L-G1", "leader", "G1"),
    ("L-W", "leader", "G2-W"),
    ("L-E", "leader", "G2-E"),
    ("L-WS", "leader", "G3-WS"),
    ("D-WS", "deputy", "G3-WS"),
    ("L-WN", "leader", "G3-WN"),
    ("L-ES", "leader", "G3-ES"),
    ("L-EN", "leader", "G3-EN"),
    ("M-LANE", "manager", "P-LANE"),
    ("M-MALL", "manager", "P-MALL"),
    ("K-SHOP", "contractor", "P-SHOP"),
    ("C-GAP", "crew", "ST-GAP"),
    ("C-WEST", "crew", "ST-WEST"),
    ("R-DEPOT", "control_room", "P-DEPOT"),
    ("K-DEPOT", "contact", "P-DEPOT"),
]
_GATEWAYS: list[_Row] = [
    ("GW-W", "柳巷网关", "P-LANE"),
    ("GW-M", "商场网关", "P-MALL"),
    ("GW-E", "河东网关", "P-CLINIC"),
]
_DEVICES: list[tuple[str, ...]] = [
    ("SMK-LANE-301", "GW-W", "P-LANE", "3", "301", "2026-01-31"),
    ("SMK-LANE-502", "GW-W", "P-LANE", "5", "502", ""),
    ("SMK-SHOP", "GW-W", "P-SHOP", "1", "店面", ""),
    ("ELE-LANE", "GW-W", "P-LANE", "1", "配电间", ""),
    ("ELE-SHOP", "GW-W", "P-SHOP", "1", "", ""),
    ("SMK-MALL-B1", "GW-M", "P-MALL", "-1", "B101", ""),
    ("DTU-MALL", "GW-M", "P-MALL", "-1", "配电房", ""),
    ("SMK-CLINIC", "GW-E", "P-CLINIC", "2", "201", ""),
    ("SMK-QUAY", "GW-E", "P-QUAY", "1", "", ""),
    ("SMK-INN", "GW-E", "P-INN", "4", "401", ""),
    ("SMK-MILL", "GW-E", "P-MILL", "2", "", ""),
    ("ELE-INN", "GW-E", "P-INN", "1", "", ""),
]
_WATER: list[_Row] = [("W-1", "消火栓", 120.6000, 30.8995, "ok"), ("W-2", "取水点", 120.6048, 30.9000, "ok")]


def _grids(move: Position) -> str:
    """One feature a line, so that a fault's line is its feature's."""
    lines = []
    for code, name, level, parent, (west, south, east, north) in _AREAS:
        corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
        feature = {
            "type": "Feature",
            "properties": {"code": code, "name": name, "level": level, **({"parent": parent} if parent else {})},
            "geometry": {"type": "Polygon", "coordinates": [[list(move(*corner)) for corner in corners]]},
        }
        lines.append(json.dumps(feature, ensure_ascii=False))
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}\n"


def _shift_away_from(at: datetime) -> _Row:
    """One shift of the week, three days off: nobody is on duty around `at`."""
    day = (at.astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=3)).isoweekday()
    return ("ST-GAP", day, "08:00", "20:00", "C-GAP")


def _roads() -> str:
    """The streets as OpenStreetMap XML (WGS-84 in any pack)."""
    nodes = {
        1: (120.6000, 30.8990), 2: (120.6000, 30.9030), 3: (120.6000, 30.9090), 4: (120.6000, 30.9110),
        5: (120.6000, 30.9120), 6: (120.6035, 30.8990), 7: (120.5985, 30.9090), 8: (120.6075, 30.9120),
        9: (120.6075, 30.9090), 10: (120.6075, 30.8990), 11: (120.6075, 30.8970), 12: (120.6050, 30.8900),
        13: (120.6050, 30.9200),
    }  # fmt: skip
    ways: list[tuple[str, str, tuple[int, ...]]] = [
        ("residential", "正街", (1, 2, 3, 4, 5)),
        ("residential", "柳巷", (1, 6)),
        ("residential", "商场路", (3, 7)),
        ("residential", "柳河桥", (5, 8)),
        ("residential", "磨坊路", (8, 9, 10, 11)),
    ]
    text = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="townlet">']
    text += [f'<node id="{one}" lat="{lat}" lon="{lon}" version="1"/>' for one, (lon, lat) in nodes.items()]
    for number, (highway, name, line) in enumerate(ways, 1):
        refs = "".join(f'<nd ref="{node}"/>' for node in line)
        bridge = '<tag k="bridge" v="yes"/>' if name.endswith("桥") else ""
        tags = f'<tag k="highway" v="{highway}"/><tag k="name" v="{name}"/>{bridge}'
        text.append(f'<way id="{number}" version="1">{refs}{tags}</way>')
    river = '<nd ref="12"/><nd ref="13"/><tag k="waterway" v="river"/><tag k="name" v="柳河"/>'
    return "\n".join([*text, f'<way id="9" version="1">{river}</way>', "</osm>", ""])


def _moved(row: _Row, at: int, move: Position) -> list[object]:
    lon, lat = move(float(str(row[at])), float(str(row[at + 1])))
    return [*row[:at], f"{lon:.7f}", f"{lat:.7f}", *row[at + 2 :]]


def _table(header: Sequence[str], rows: Iterable[_Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """WGS-84 as Chinese maps shift it: the well-known formula, written here a second time as a check on FireGrid's."""
    x, y = lon - 105, lat - 35
    root = math.sqrt(abs(x))
    wave = 20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave * 2 / 3
    north += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave * 2 / 3
    east += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    axis, eccentricity = 6378245.0, 0.00669342162296594323  # Krasovsky 1940
    squeeze = 1 - eccentricity * math.sin(math.radians(lat)) ** 2
    north = math.degrees(north) / (axis * (1 - eccentricity) / (squeeze * math.sqrt(squeeze)))
    east = math.degrees(east) / (axis / math.sqrt(squeeze) * math.cos(math.radians(lat)))
    return lon + east, lat + north
