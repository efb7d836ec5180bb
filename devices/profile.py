"""What a device model measures, in which vendor words, and at which levels it alarms (DESIGN decision 14).

A profile is a TOML file in `devices/profiles/`; `devices.catalogue` reads them.
"""

import math
from dataclasses import dataclass, field

from devices.model import Kind
from devices.rule import ALARM, PLAIN, Rise, Rule

CANONICAL: dict[Kind, tuple[str, ...]] = {
    Kind.SMOKE: (
        "smoke_db_m",
        "temperature_c",
        "chamber_pct",
        "battery_v",
        "battery_pct",
        "rssi_dbm",
    ),
    Kind.ELECTRICAL: (
        "residual_ma",
        "cable_temperature_1_c",
        "cable_temperature_2_c",
        "cable_temperature_3_c",
        "cable_temperature_4_c",
        "current_l1_a",
        "current_l2_a",
        "current_l3_a",
        "voltage_l1_v",
        "voltage_l2_v",
        "voltage_l3_v",
        "power_w",
        "arc_half_cycles",
        "rssi_dbm",
    ),
}
"""The columns of each kind's hypertable, in order. Lists of CONTRACT section 1 are spread over numbered columns."""

LISTS: dict[str, tuple[str, ...]] = {
    "cable_temperature_c": (
        "cable_temperature_1_c",
        "cable_temperature_2_c",
        "cable_temperature_3_c",
        "cable_temperature_4_c",
    ),
    "current_a": ("current_l1_a", "current_l2_a", "current_l3_a"),
    "voltage_v": ("voltage_l1_v", "voltage_l2_v", "voltage_l3_v"),
}
"""A contract name that may carry a list -> its columns."""

ALARMS = frozenset(
    {
        "fire",
        "manual",
        "prealarm",
        "residual",
        "cable_temperature",
        "arc",
        "overcurrent",
        "voltage",
        "fault",
        "tamper",
        "low_battery",
        "contamination",
        "offline",
    }
)
"""Kinds of alarm (CONTRACT section 3)."""

LATCHING = frozenset({"fire", "manual", "arc"})
"""Kinds that always stay until a person's reset (CONTRACT section 3; GB 31252-2014 4.3.1 for arcs)."""


def smoke_db_m(smoke_pct_m: float) -> float:
    """Obscuration in % of light lost per metre as dB/m: the inverse of `pct = (1 - 10 ** (-m / 10)) * 100`.

    0.15 dB/m is 3.39 %/m (GB 4715 gives its limits in dB/m).
    Raises ValueError at 100 %/m and above, where it has no end.
    """
    if smoke_pct_m >= 100:
        raise ValueError(f"{smoke_pct_m} %/m of smoke has no value in dB/m")
    return -10 * math.log10(1 - smoke_pct_m / 100)


@dataclass(frozen=True, slots=True)
class Level:
    """A column at or over `at_least` (or at or under `at_most`) raises `alarm`; the alarm's kind of CONTRACT section 3.

    It is left again only under `clear_below` (over `clear_above`) where given, so that a value at the level does not
    chatter. `latching` alarms stay until a person's reset. `level` is how grave it is, `prealarm` or `alarm`; `delay_s`
    is the delay of its kind's rule unless given here.
    """

    column: str
    alarm: str
    at_least: float | None = None
    at_most: float | None = None
    latching: bool = False
    clear_below: float | None = None
    clear_above: float | None = None
    level: str = ALARM
    delay_s: float | None = None

    def reached(self, value: float) -> bool:
        """True when `value` (in the column's unit) raises the alarm."""
        if self.at_least is not None and value >= self.at_least:
            return True
        return self.at_most is not None and value <= self.at_most

    def left(self, value: float) -> bool:
        """True when `value` says that the alarm is over."""
        if self.reached(value):
            return False
        high = self.clear_below is not None and value >= self.clear_below
        low = self.clear_above is not None and value <= self.clear_above
        return not (high or low)


@dataclass(frozen=True, slots=True)
class Field:
    """A vendor's word -> a column: `value * scale + offset`; `unit` is a suffix the vendor may append ("V", "℃")."""

    name: str
    column: str
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """One device model. `limits` are physical ranges per column (inclusive), outside which a value is refused.

    The columns in `limits` are those it measures. `fields` are the vendor's words beside the contract's; two words may
    mean one column. `rules` say by kind of alarm how it behaves, `rises` (at most one a kind) which values alarm by
    their haste. A device silent for `offline_after_s` is offline; it is expected to send every `interval_s`.
    """

    code: str
    name: str
    kind: Kind
    limits: dict[str, tuple[float, float]]
    levels: tuple[Level, ...] = ()
    fields: dict[str, Field] = field(default_factory=dict)
    interval_s: int = 60
    offline_after_s: int = 600
    rules: dict[str, Rule] = field(default_factory=dict)
    rises: tuple[Rise, ...] = ()

    def rule(self, alarm: str) -> Rule:
        """How alarms of this kind behave."""
        return self.rules.get(alarm, PLAIN)
