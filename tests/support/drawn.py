"""Streets drawn by hand or by chance, in metres around one point."""

import numpy as np
from hypothesis import strategies as st

from devices.streets import MODES, StreetNetwork

NORTH = 1 / 111_195.08  # degrees of latitude per metre
EAST = NORTH / np.cos(np.radians(31.0))
HERE = np.array([121.5, 31.0])


def at(x_m: float, y_m: float) -> tuple[float, float]:
    lon, lat = HERE + np.array([x_m * EAST, y_m * NORTH])
    return float(lon), float(lat)


def points(*xy: tuple[float, float]) -> np.ndarray:
    return np.array([at(*place) for place in xy])


def network(nodes, edges) -> StreetNetwork:
    """`nodes`: metres east and north; `edges`: (start, end, seconds), the same for each mode."""
    lonlat = points(*nodes)
    start, end, seconds = (np.array(column) for column in zip(*edges, strict=True))
    return StreetNetwork(
        lon=lonlat[:, 0],
        lat=lonlat[:, 1],
        start=start.astype(np.int32),
        end=end.astype(np.int32),
        length_m=np.ones(len(start), np.float32),
        seconds=np.tile(seconds.astype(np.float32), (len(MODES), 1)),
        way_offset=np.zeros(1, np.int32),
        way_node=np.zeros(0, np.int32),
        way_class=np.zeros(0, np.int8),
        way_name=np.zeros(0, np.str_),
    )


def both(*edges):
    return [*edges, *((end, start, seconds) for start, end, seconds in edges)]


@st.composite
def rings_with_chords(draw):
    """Nodes on a wide circle, a one-way ring through all (strongly connected), and random edges, some parallel."""
    count = draw(st.integers(3, 12))
    angle = 2 * np.pi * np.arange(count) / count
    nodes = [(5000 * np.cos(a), 5000 * np.sin(a)) for a in angle]
    cost = st.integers(1, 1000)
    ring = [(i, (i + 1) % count, draw(cost)) for i in range(count)]
    node = st.integers(0, count - 1)
    chords = draw(st.lists(st.tuples(node, node, cost), max_size=30))
    return nodes, ring + chords
