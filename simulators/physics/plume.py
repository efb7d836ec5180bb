"""Hot gas above a fire and under the ceiling: how much rises, how warm and how fast it arrives."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CONVECTIVE = 0.7
"""Share of a fire's heat that goes up with the gas (NFPA 92)."""
GRAVITY = 9.81
AMBIENT_K = 293.0
AIR_J_GK = 1.005
"""Heat of a gram of air and kelvin, J; the same number in kJ/(kg K)."""
DENSITY_K = 353.0
"""Density of air times its temperature at one atmosphere, kg K/m³."""


def risen_kg_s(heat_kw: Floats, height_m: Floats) -> Floats:
    """Gas that a fire lifts through `height_m` above it (NFPA 92, axisymmetric plume; below the flame's tip its lower
    formula). Arrays of one shape.
    """
    convective = CONVECTIVE * np.maximum(heat_kw, 0.0)
    flame_m = 0.166 * convective**0.4
    above = 0.071 * np.cbrt(convective) * np.maximum(height_m, 0.0) ** (5 / 3) + 0.0018 * convective
    within = 0.032 * convective**0.6 * np.maximum(height_m, 0.0)
    found: Floats = np.where(height_m > flame_m, above, within)
    return found


def ceiling_jet(heat_kw: Floats, height_m: Floats, radius_m: Floats) -> tuple[Floats, Floats]:
    """(rise in temperature K, speed m/s) of the gas under a flat ceiling `radius_m` beside the fire (Alpert 1972)."""
    heat, height = np.maximum(heat_kw, 0.0), np.maximum(height_m, 0.1)
    radius = np.maximum(radius_m, 0.01)
    rise = np.where(
        radius / height <= 0.18,
        16.9 * heat ** (2 / 3) / height ** (5 / 3),
        5.38 * (heat / radius) ** (2 / 3) / height,
    )
    speed = np.where(
        radius / height <= 0.15,
        0.96 * np.cbrt(heat / height),
        0.195 * np.cbrt(heat) * np.sqrt(height) / radius ** (5 / 6),
    )
    return rise, speed
