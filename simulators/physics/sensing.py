"""What a detector makes of the air around it: smoke has to find its way into the chamber, heat into the element."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CHAMBER_M = 1.8
"""Length that stands for how hard smoke enters a photoelectric chamber (Heskestad; 1.8 m is the common value)."""
RTI = 5.0
"""Response time index of a thermistor, √(m s): quick against the 50 to 250 of sprinklers. Assumption."""
DRIFT_M_S = 0.1
"""Speed of air where no jet of a fire arrives; below about 0.15 m/s chambers hardly fill. Assumption."""


def in_chamber(at_s: Floats, air_db_m: Floats, speed_m_s: Floats, length_m: float = CHAMBER_M) -> Floats:
    """Smoke inside each chamber, dB/m, float64[moments, detectors] as `air_db_m` and `speed_m_s`; clean at the first
    moment (Heskestad's first-order lag, solved for each step).
    """
    return _lagging(at_s, air_db_m, np.maximum(speed_m_s, DRIFT_M_S) / length_m)


def of_element(at_s: Floats, gas_c: Floats, speed_m_s: Floats, rti: float = RTI) -> Floats:
    """Temperature of each heat element, ℃, float64[moments, detectors]; as warm as the gas at the first moment."""
    return _lagging(at_s, gas_c, np.sqrt(np.maximum(speed_m_s, DRIFT_M_S)) / rti)


def _lagging(at_s: Floats, goal: Floats, per_s: Floats) -> Floats:
    """`goal` followed with the rate `per_s`, both constant within a step."""
    followed = np.empty_like(goal)
    followed[0] = goal[0]
    for step in range(1, len(at_s)):
        left = np.exp(-per_s[step] * (at_s[step] - at_s[step - 1]))
        followed[step] = goal[step] + (followed[step - 1] - goal[step]) * left
    return followed
