"""What burns and how fast: growth classes, heat over time, and the smoke that comes of it."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

GROWN_KW = 1055.0
"""A fire of each class has this heat when its growth time is over (NFPA 72, annex B; NFPA 204)."""
DECAY_FROM = 0.7
"""Share of the fuel after which a fire declines, in a straight line to the end (EN 1991-1-2, annex E)."""
EXTINCTION_FLAMING, EXTINCTION_SMOULDERING = 8.7, 4.4
"""Light taken by a gram of smoke in a cubic metre, m²/g (Mulholland and Croarkin 2000; Seader and Einhorn 1977)."""
DB_PER_EXTINCTION = 10.0 / np.log(10.0)
"""dB/m for an extinction coefficient of one per metre."""


class Growth(StrEnum):
    """How fast a flaming fire grows with the square of time."""

    SLOW = "slow"
    MEDIUM = "medium"
    FAST = "fast"
    ULTRAFAST = "ultrafast"


GROWTH_S = {Growth.SLOW: 600.0, Growth.MEDIUM: 300.0, Growth.FAST: 150.0, Growth.ULTRAFAST: 75.0}
"""Seconds until `GROWN_KW` (NFPA 204)."""


@dataclass(frozen=True, slots=True)
class Stuff:
    """A material: heat set free by a gram that burns, kJ/g, and grams of smoke of it, in flames and smouldering."""

    heat_kj_g: float
    smoke: float
    smoke_smouldering: float


STUFFS = {
    "wood": Stuff(12.4, 0.015, 0.10),
    "foam": Stuff(17.8, 0.131, 0.12),
    "polystyrene": Stuff(27.0, 0.164, 0.12),
    "cable": Stuff(5.7, 0.172, 0.12),
    "polyethylene": Stuff(38.4, 0.060, 0.10),
    "oil": Stuff(37.6, 0.037, 0.08),
}
"""Red oak, polyurethane foam GM21, polystyrene, PVC, polyethylene; oil by heptane (Tewarson, SFPE Handbook, heats and
yields). Smouldering yields: 0.01 to 0.17 for wood and foams (Mulholland, SFPE Handbook); the middle is taken."""


@dataclass(frozen=True, slots=True)
class Burning:
    """One fire: it smoulders for `smoulders_s` at up to `smoulder_g_s`, then flames and grows to `peak_kw`; all that
    can burn in flames is `fuel_mj`.
    """

    stuff: Stuff
    growth: Growth
    peak_kw: float
    fuel_mj: float
    smoulders_s: float = 0.0
    smoulder_g_s: float = 0.0

    @property
    def alpha(self) -> float:
        """kW/s²."""
        return GROWN_KW / GROWTH_S[self.growth] ** 2

    def heat_kw(self, at_s: Floats) -> Floats:
        """Heat at each moment since ignition (seconds), kW, same shape: α t², then steady, then falling to nothing."""
        flaming = np.maximum(at_s - self.smoulders_s, 0.0)
        grown_s, declines_s, out_s = self._stages()
        risen = np.minimum(self.alpha * flaming**2, self.alpha * grown_s**2)
        left = np.clip((out_s - flaming) / max(out_s - declines_s, 1e-9), 0.0, 1.0)
        heat: Floats = risen * np.where(flaming > declines_s, left, 1.0)
        return heat

    def smoke_g_s(self, at_s: Floats) -> tuple[Floats, Floats]:
        """Grams of smoke a second at each moment: of flames; of smouldering, which grows with the square of time."""
        flames = self.heat_kw(at_s) / self.stuff.heat_kj_g * self.stuff.smoke
        share = np.clip(at_s / max(self.smoulders_s, 1e-9), 0.0, 1.0)
        smouldering = np.where(
            (at_s > 0) & (at_s <= self.smoulders_s), share**2 * self.smoulder_g_s * self.stuff.smoke_smouldering, 0.0
        )
        return flames, smouldering

    def _stages(self) -> tuple[float, float, float]:
        """Seconds since flames came: fully grown, declining, out."""
        all_kj = 1000.0 * self.fuel_mj
        grown_s = float(np.sqrt(self.peak_kw / self.alpha))
        if (burnt_kj := self.alpha * grown_s**3 / 3) >= DECAY_FROM * all_kj:
            grown_s = float(np.cbrt(3 * DECAY_FROM * all_kj / self.alpha))
            burnt_kj = DECAY_FROM * all_kj
        top_kw = self.alpha * grown_s**2
        declines_s = grown_s + (DECAY_FROM * all_kj - burnt_kj) / top_kw
        return grown_s, declines_s, declines_s + 2 * (1 - DECAY_FROM) * all_kj / top_kw


def db_m(flames_g_m3: Floats, smouldering_g_m3: Floats) -> Floats:
    """Light taken by so much smoke in the air, dB/m."""
    found: Floats = DB_PER_EXTINCTION * (EXTINCTION_FLAMING * flames_g_m3 + EXTINCTION_SMOULDERING * smouldering_g_m3)
    return found
