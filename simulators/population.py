"""What the district's devices measure on ordinary days, as arrays over all devices: daily curves, drift and noise.

Every value stays well away from the levels of its device's profile: ordinary life raises no alarm. The curves are of
plausible shape only.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from devices.model import Device, Place
from devices.profile import CANONICAL, Profile

Floats: TypeAlias = npt.NDArray[np.float64]
Indexes: TypeAlias = npt.NDArray[np.int64]

COLUMNS = tuple(dict.fromkeys(column for columns in CANONICAL.values() for column in columns))

HOURS = np.arange(0, 25, 3)
LOADS = {
    "dwelling": (0.25, 0.18, 0.30, 0.42, 0.45, 0.38, 0.70, 0.90, 0.25),
    "trade": (0.15, 0.12, 0.20, 0.65, 0.85, 0.70, 0.90, 0.60, 0.15),
    "work": (0.12, 0.12, 0.25, 0.90, 0.80, 0.90, 0.45, 0.20, 0.12),
    "charging": (0.85, 0.60, 0.25, 0.20, 0.25, 0.30, 0.65, 0.95, 0.85),
}
"""Share of the connected load in use at 0, 3, … 24 o'clock."""
TRADES = frozenset({"shop", "restaurant", "three_in_one", "hotel", "mall", "market", "entertainment"})
WORKS = frozenset({"factory", "warehouse", "office", "school", "hospital", "nursing_home"})
MEALS_H = (7.0, 11.8, 18.2)

MARGIN = 0.7
"""Ordinary values reach at most this share of a level."""
CELL_FULL_V, CELL_EMPTY_V = 3.05, 2.6
"""A lithium cell of a household alarm, new and when it asks to be replaced (makers' usual figures)."""


def _load(category: str) -> str:
    if category == "ebike_charging":
        return "charging"
    if category in TRADES:
        return "trade"
    return "work" if category in WORKS else "dwelling"


class Population:
    """The devices given; device `i` of every array is `devices[i]`. Deterministic by `seed` and the calls made."""

    def __init__(
        self,
        devices: Sequence[Device],
        places: Mapping[str, Place],
        profiles: Mapping[str, Profile],
        seed: int,
        zone: ZoneInfo,
    ) -> None:
        count = len(devices)
        self._rng = np.random.default_rng([seed, count])
        self._zone = zone
        draw = self._rng
        self._curves = np.array(list(LOADS.values()))
        loads = list(LOADS)
        self._curve = np.array([loads.index(_load(places[device.place].category)) for device in devices], np.int64)
        self._kitchen = np.array(["厨" in (device.room or "") for device in devices], bool)
        self._installed = np.array([_ordinal(device.installed_on) for device in devices], np.float64)
        three = np.array(["current_l2_a" in profiles[device.profile].limits for device in devices], bool)
        self._rated = np.where(three, draw.uniform(25, 90, count), draw.uniform(8, 30, count))
        self._residual = draw.uniform(12, 110, count)
        self._cold = draw.normal(0, 1.5, count)
        self._rssi = draw.uniform(-98, -58, count)
        self._mains = draw.normal(228, 2.5, count)
        self._dust = draw.uniform(2, 9, count)
        self._smoke = draw.uniform(0.001, 0.008, count)
        self._ceiling, self._floor = _bounds(devices, profiles)

    def at(self, who: Indexes, now: datetime) -> dict[str, Floats]:
        """What the devices `who` measure at `now`: column -> float64[len(who)], every column of both kinds."""
        local = now.astimezone(self._zone)
        hour = local.hour + local.minute / 60 + local.second / 3600
        values = self._smoke_values(who, hour, _moment(now)) | self._electrical_values(who, hour)
        values["rssi_dbm"] = self._rssi[who] + self._noise(who, 2.0)
        for row, column in enumerate(COLUMNS):
            values[column] = np.clip(values[column], self._floor[row, who], self._ceiling[row, who])
        return values

    def _noise(self, who: Indexes, deviation: float) -> Floats:
        noise: Floats = self._rng.normal(0.0, deviation, len(who))
        return noise

    def _air(self, who: Indexes, hour: float) -> Floats:
        """Temperature around the device, ℃: warmest at three in the afternoon."""
        air: Floats = 22.0 + 3.0 * np.cos(2 * np.pi * (hour - 15) / 24) + self._cold[who] + self._noise(who, 0.2)
        return air

    def _smoke_values(self, who: Indexes, hour: float, today: float) -> dict[str, Floats]:
        """Clean air with a little dust; haze in kitchens at meal times; cells that run down in ten years."""
        meal = sum(np.exp(-(((hour - peak) / 0.6) ** 2)) for peak in MEALS_H)
        haze = np.where(self._kitchen[who], meal * self._rng.uniform(0.0, 0.05, len(who)), 0.0)
        age_days = np.maximum(today - self._installed[who], 0.0)
        left = np.clip(100.0 - age_days / 36.5 + self._noise(who, 0.3), 20.0, 100.0)
        return {
            "smoke_db_m": np.abs(self._smoke[who] + haze + self._noise(who, 0.001)),
            "temperature_c": self._air(who, hour) + np.where(self._kitchen[who], 6.0 * meal, 0.0),
            "chamber_pct": np.clip(self._dust[who] + age_days * 0.012, 0.0, 75.0),
            "battery_pct": left,
            "battery_v": CELL_EMPTY_V + (CELL_FULL_V - CELL_EMPTY_V) * left / 100 + self._noise(who, 0.005),
        }

    def _electrical_values(self, who: Indexes, hour: float) -> dict[str, Floats]:
        """Load by the hour and the kind of place; cables warm with its square; the mains sag under it."""
        curve = np.array([np.interp(hour, HOURS, row) for row in self._curves])
        load = np.clip(curve[self._curve[who]][:, None] * self._rng.normal(1.0, 0.12, (len(who), 3)), 0.02, 1.1)
        current = self._rated[who][:, None] * load
        voltage = self._mains[who][:, None] - 6.0 * load + self._rng.normal(0, 0.6, (len(who), 3))
        air = self._air(who, hour)
        damp = 0.15 * np.cos(2 * np.pi * (hour - 5) / 24)  # the dew is heaviest before dawn
        values = {
            "residual_ma": self._residual[who] * (1.0 + damp) + self._noise(who, 2.0),
            "power_w": np.sum(current * voltage, axis=1) * 0.93,
            "arc_half_cycles": self._rng.poisson(0.05, len(who)).astype(np.float64),
        }
        for phase in range(3):
            values[f"current_l{phase + 1}_a"] = current[:, phase]
            values[f"voltage_l{phase + 1}_v"] = voltage[:, phase]
            values[f"cable_temperature_{phase + 1}_c"] = air + 18.0 * load[:, phase] ** 2
        values["cable_temperature_4_c"] = air + 4.0 * load.mean(axis=1)
        return values


def _ordinal(day: date | None) -> float:
    return float((day or date(2024, 1, 1)).toordinal())


def _moment(now: datetime) -> float:
    """`now` in days, as `_ordinal` counts them."""
    utc = now.astimezone(UTC)
    return utc.toordinal() + (utc.hour * 3600 + utc.minute * 60 + utc.second) / 86_400


def _bounds(devices: Sequence[Device], profiles: Mapping[str, Profile]) -> tuple[Floats, Floats]:
    """(most, least) that each column may show on each device, float64[columns, n]: away from levels, inside limits."""
    most = {code: np.full(len(COLUMNS), np.inf) for code in profiles}
    least = {code: np.full(len(COLUMNS), -np.inf) for code in profiles}
    for code, profile in profiles.items():
        for column, (low, high) in profile.limits.items():
            row = COLUMNS.index(column)
            least[code][row], most[code][row] = low, high
        for level in profile.levels:
            row = COLUMNS.index(level.column)
            two_sided = any(other.column == level.column and other.at_most is not None for other in profile.levels)
            if level.at_least is not None:
                share = 0.97 if two_sided else MARGIN
                most[code][row] = min(most[code][row], share * level.at_least)
            if level.at_most is not None:
                least[code][row] = max(least[code][row], 1.05 * level.at_most)
    ceiling = np.column_stack([most[device.profile] for device in devices]) if devices else np.empty((len(COLUMNS), 0))
    floor = np.column_stack([least[device.profile] for device in devices]) if devices else np.empty((len(COLUMNS), 0))
    return ceiling, floor
