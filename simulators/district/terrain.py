"""The land before anybody divides it: an irregular outline, a river across it, the great roads and the few bridges."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from shapely.geometry import LineString, Polygon

from simulators.dice import Dice

HALF_WIDTH_M = 2750.0
HALF_HEIGHT_M = 1950.0
QUAY_M = 38.0
"""From the water's edge to the road along it."""


@dataclass(frozen=True, slots=True)
class River:
    """The centre line's course as a function of x: a slow swing and a smaller one on top, in metres and radians."""

    level: float
    slope: float
    swing: float
    phase: float
    ripple: float
    half_width: float

    def y(self, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Northing of the centre line at `x`, metres."""
        slow = self.swing * np.sin(2 * math.pi * x / 5200 + self.phase)
        return self.level + self.slope * x + slow + self.ripple * np.sin(2 * math.pi * x / 1700 + 2 * self.phase)

    def direction(self, x: float) -> float:
        """Angle of the centre line at `x`, radians from east."""
        ahead, behind = self.y(np.array([x + 10.0, x - 10.0]))
        return math.atan2(float(ahead - behind), 20.0)

    def offset(self, aside: float) -> LineString:
        """The line `aside` metres north (negative: south) of the centre line, from beyond west to beyond east."""
        x = np.arange(-HALF_WIDTH_M - 900, HALF_WIDTH_M + 901, 90.0)
        y = self.y(x)
        slant = np.gradient(y, x)
        length = np.hypot(1.0, slant)
        return LineString(np.column_stack([x - aside * slant / length, y + aside / length]))


@dataclass(frozen=True, slots=True)
class Terrain:
    """All in metres on the district's plane. `shore` is the river with its quays: no street but a bridge enters it.

    `avenues` run north, west to east, each over a bridge; `boulevard` runs east, north of the river.
    """

    outline: Polygon
    river: River
    water: Polygon
    shore: Polygon
    quays: tuple[LineString, LineString]
    avenues: tuple[LineString, ...]
    boulevard: LineString


def _outline(dice: Dice) -> Polygon:
    """A full, rounded, irregular shape: a superellipse with a few waves."""
    waves = [(count, dice.between(0.01, 0.035), dice.between(0, 2 * math.pi)) for count in (2, 3, 5, 7, 11)]
    points = []
    for step in range(72):
        angle = 2 * math.pi * step / 72
        full = (abs(math.cos(angle)) ** 3.2 + abs(math.sin(angle)) ** 3.2) ** (-1 / 3.2)
        full *= 1 + sum(size * math.sin(count * angle + phase) for count, size, phase in waves)
        points.append((HALF_WIDTH_M * full * math.cos(angle), HALF_HEIGHT_M * full * math.sin(angle)))
    return Polygon(points)


def _avenue(dice: Dice, x: float) -> LineString:
    """A road from beyond north to beyond south through about `x`, leaning and bending a little."""
    lean, bend, phase = dice.between(-0.06, 0.06), dice.between(30, 80), dice.between(0, 2 * math.pi)
    y = np.arange(-HALF_HEIGHT_M - 700, HALF_HEIGHT_M + 701, 120.0)
    return LineString(np.column_stack([x + lean * y + bend * np.sin(2 * math.pi * y / 3800 + phase), y]))


def _boulevard(dice: Dice, river: River) -> LineString:
    """A road from beyond west to beyond east that follows the river's course loosely, 1.3 km north of it."""
    x = np.arange(-HALF_WIDTH_M - 700, HALF_WIDTH_M + 701, 120.0)
    wave = dice.between(40, 90) * np.sin(2 * math.pi * x / 4300 + dice.between(0, 2 * math.pi))
    return LineString(np.column_stack([x, 0.45 * river.y(x) + 0.55 * river.level + dice.between(1230, 1350) + wave]))


def form(seed: int) -> Terrain:
    """The terrain of `seed`.

    Raises ValueError for a seed whose river does not cross the outline once.
    """
    dice = Dice(seed, "terrain")
    outline = _outline(dice)
    river = River(
        level=dice.between(-700, -580),
        slope=dice.between(-0.06, 0.06),
        swing=dice.between(220, 330),
        phase=dice.between(0, 2 * math.pi),
        ripple=dice.between(25, 50),
        half_width=dice.between(65, 85),
    )
    north, south = (river.offset(side * (river.half_width + QUAY_M)) for side in (1, -1))
    edges = [river.offset(side * river.half_width) for side in (1, -1)]
    water = Polygon([*edges[0].coords, *reversed(edges[1].coords)]).intersection(outline)
    if not isinstance(water, Polygon):
        raise ValueError("the river leaves the district and comes back; try another seed")
    avenues = tuple(_avenue(dice, x + dice.between(-110, 110)) for x in (-1380, 40, 1380))
    return Terrain(
        outline=outline,
        river=river,
        water=water,
        shore=Polygon([*north.coords, *reversed(south.coords)]),
        quays=(north, south),
        avenues=avenues,
        boulevard=_boulevard(dice, river),
    )
