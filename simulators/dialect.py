"""How a device says what it measures: in the contract's words, or in its maker's, units and all."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from devices.profile import CANONICAL, LISTS, Field, Profile

DIGITS = {
    "smoke_db_m": 4,
    "battery_v": 2,
    "power_w": 0,
    "rssi_dbm": 0,
    "battery_pct": 0,
    "arc_half_cycles": 0,
    "residual_ma": 0,
}
"""Decimals a device sends; one otherwise."""

SINGLE_PHASE = frozenset({"current_l1_a", "voltage_l1_v", "cable_temperature_1_c"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """The words of one device: (word, columns, field or None) in the order of the payload."""

    words: tuple[tuple[str, tuple[str, ...], Field | None], ...]

    def speak(self, values: Mapping[str, float]) -> dict[str, object]:
        """The members of a reading for `values` by column."""
        said: dict[str, object] = {}
        for word, columns, field in self.words:
            if field is not None:
                said[word] = _in_vendor_form(values[columns[0]], columns[0], field)
            elif word in LISTS:
                said[word] = [_rounded(values[column], column) for column in columns]
            else:
                said[word] = _rounded(values[columns[0]], columns[0])
        return said


def of(profile: Profile, *, three_phase: bool) -> Dialect:
    """The dialect of a device of `profile`. `three_phase` chooses among a maker's words where it has some for each."""
    if profile.fields:
        return Dialect(_vendor_words(profile, three_phase=three_phase))
    words: list[tuple[str, tuple[str, ...], Field | None]] = []
    listed = {column: (name, columns) for name, columns in LISTS.items() for column in columns}
    for column in CANONICAL[profile.kind]:
        if column not in profile.limits:
            continue
        if column not in listed:
            words.append((column, (column,), None))
        elif (name := listed[column][0]) not in {word for word, _, _ in words}:
            words.append((name, _present(listed[column][1], profile), None))
    return Dialect(tuple(words))


def _present(columns: tuple[str, ...], profile: Profile) -> tuple[str, ...]:
    """Those of a list's columns that the model has; a one-phase model has two cable probes."""
    there = tuple(column for column in columns if column in profile.limits)
    one_phase = "current_l2_a" not in profile.limits
    return there[:2] if one_phase and columns is LISTS["cable_temperature_c"] else there


def _vendor_words(profile: Profile, *, three_phase: bool) -> tuple[tuple[str, tuple[str, ...], Field | None], ...]:
    """One word for each column; of several, the first is a one-phase unit's and the last a three-phase unit's."""
    by_column: dict[str, list[Field]] = {}
    for field in profile.fields.values():
        by_column.setdefault(field.column, []).append(field)
    in_lists = {column for columns in LISTS.values() for column in columns}
    return tuple(
        (fields[-1 if three_phase else 0].name, (column,), fields[-1 if three_phase else 0])
        for column, fields in by_column.items()
        if three_phase or column not in in_lists or column in SINGLE_PHASE
    )


def _rounded(value: float, column: str) -> float | int:
    digits = DIGITS.get(column, 1)
    return round(float(value), digits) if digits else round(float(value))


def _in_vendor_form(value: float, column: str, field: Field) -> float | int | str:
    """`value` turned back into the maker's unit, as text when the maker writes the unit behind it."""
    digits = max(0, DIGITS.get(column, 1) + round(math.log10(abs(field.scale))))
    raw = (float(value) - field.offset) / field.scale
    return f"{raw:.{digits}f}{field.unit}" if field.unit else _plain(raw, digits)


def _plain(raw: float, digits: int) -> float | int:
    return round(raw, digits) if digits else round(raw)
