"""The cells of one row, read one by one; what is wrong with them is gathered in `problems`. Pure."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from devices import instant, webhook
from devices.model import CODE

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST = 1000
_SHOWN = 40

Choice = TypeVar("Choice", bound=StrEnum)
Value = TypeVar("Value")


class Cells:
    """Each method returns the column's value, or a stand-in and one more entry in `problems`."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = cells
        self.problems: list[str] = []

    def raw(self, column: str) -> str:
        """The cell without outer blanks, unchecked; empty when missing."""
        return self._cells.get(column, "").strip()

    def maybe_text(self, column: str) -> str | None:
        """Free text of at most 1000 characters; None when empty."""
        value = self.raw(column)
        if len(value) > _LONGEST:
            self.problems.append(f"{column}: {len(value)} characters, at most {_LONGEST} are kept")
        elif wrong := next((sign for sign in value if _unprintable(sign)), None):
            self.problems.append(f"{column}: holds the control character U+{ord(wrong):04X}")
        return value or None

    def text(self, column: str) -> str:
        """Free text that must be given."""
        return self._or_missing(column, self.maybe_text(column), "")

    def maybe_code(self, column: str) -> str | None:
        """A code; None when empty."""
        value = self.raw(column)
        if value and not CODE.fullmatch(value):
            self.problems.append(
                f"{column}: {value[:_SHOWN]!r} is not a code (letters, digits, '_', '.', '-', at most 64, "
                "a letter or digit first)"
            )
        return value or None

    def maybe_address(self, column: str) -> str | None:
        """The address of a webhook; None when empty."""
        value = self.maybe_text(column)
        if value is not None and (wrong := webhook.flaw(value)):
            self.problems.append(f"{column}: {value[:_SHOWN]!r} {wrong}")
        return value

    def code(self, column: str = "code") -> str:
        """A code that must be given."""
        return self._or_missing(column, self.maybe_code(column), "")

    def maybe_integer(self, column: str, lowest: int, highest: int) -> int | None:
        """A whole number within the bounds, inclusive; None when empty."""
        value = self.raw(column)
        if not value:
            return None
        if not _INTEGER.fullmatch(value):
            self.problems.append(f"{column}: {value[:_SHOWN]!r} is not a whole number")
            return lowest
        return int(self._within(column, int(value), lowest, highest))

    def integer(self, column: str, lowest: int, highest: int) -> int:
        """A whole number that must be given."""
        return self._or_missing(column, self.maybe_integer(column, lowest, highest), lowest)

    def maybe_number(self, column: str, lowest: float, highest: float) -> float | None:
        """A number within the bounds, inclusive; None when empty."""
        value = self.raw(column)
        if not value:
            return None
        if not _NUMBER.fullmatch(value) or not math.isfinite(number := float(value)):
            self.problems.append(f"{column}: {value[:_SHOWN]!r} is not a number")
            return lowest
        return self._within(column, number, lowest, highest)

    def position(self) -> tuple[float, float]:
        """(lon, lat) from the columns of these names, degrees, both given."""
        lon, lat = self.maybe_position()
        return self._or_missing("lon", lon, 0.0), self._or_missing("lat", lat, 0.0)

    def maybe_position(self) -> tuple[float | None, float | None]:
        """(lon, lat) in degrees, each None when empty."""
        lon, lat = self.maybe_number("lon", -180, 180), self.maybe_number("lat", -90, 90)
        if lat is None and lon is None:
            return None, None
        if any("lat:" in problem for problem in self.problems) and _swapped(self.raw("lon"), self.raw("lat")):
            self.problems.append("lon and lat look swapped")
        return lon, lat

    def choice(self, column: str, kinds: type[Choice]) -> Choice:
        """One of the words of `kinds`."""
        value = self.raw(column)
        if value in set(kinds):
            return kinds(value)
        known = ", ".join(kinds)
        self.problems.append(f"{column}: {value[:_SHOWN]!r} is none of {known}" if value else f"{column} is empty")
        return next(iter(kinds))

    def maybe_date(self, column: str) -> date | None:
        """A date, YYYY-MM-DD; None when empty."""
        value = self.raw(column)
        if not value:
            return None
        try:
            if _DATE.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.problems.append(f"{column}: {value[:_SHOWN]!r} is not a date like 2026-03-31")
        return None

    def maybe_instant(self, column: str) -> datetime | None:
        """A time with its offset from UTC, RFC 3339; None when empty."""
        value = self.raw(column)
        if not value:
            return None
        try:
            return instant.parse(value)
        except ValueError:
            self.problems.append(
                f"{column}: {value[:_SHOWN]!r} is not a time with offset like 2026-03-31T08:00:00+08:00"
            )
            return None

    def _or_missing(self, column: str, value: Value | None, stand_in: Value) -> Value:
        if value is None:
            self.problems.append(f"{column} is empty")
            return stand_in
        return value

    def _within(self, column: str, value: float, lowest: float, highest: float) -> float:
        if not lowest <= value <= highest:
            self.problems.append(f"{column}: {value} is not within {lowest} to {highest}")
            return lowest
        return value


def from_json(members: Mapping[str, object], columns: Iterable[str]) -> Cells:
    """Cells from an object of JSON: texts and numbers as they are, null as empty; other members are not looked at."""
    texts: dict[str, str] = {}
    problems: list[str] = []
    for column in columns:
        match members.get(column):
            case None:
                continue
            case str(text):
                texts[column] = text
            case float(number) if number.is_integer():
                texts[column] = str(int(number))
            case int() | float() as number if not isinstance(number, bool):
                texts[column] = repr(number)
            case _:
                problems.append(f"{column}: neither text nor number")
    cells = Cells(texts)
    cells.problems.extend(problems)
    return cells


def _swapped(lon: str, lat: str) -> bool:
    """Both are numbers that would do the other way round."""
    return all(_NUMBER.fullmatch(cell) for cell in (lon, lat)) and abs(float(lon)) <= 90 < abs(float(lat)) <= 180


def _unprintable(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\t\n\r"
