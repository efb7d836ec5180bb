"""A table of a file that people write (TOML): its members as they must be, or where they are not and what to do."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, NoReturn, Self, TypeVar

from devices.model import CODE

_UNITS = {"s": 1, "min": 60, "h": 3600, "day": 86400, "days": 86400}
_LENGTH = re.compile(r"(\d+(?:\.\d+)?) ?(s|min|h|days?)")
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]")
_T = TypeVar("_T", bound=StrEnum)


class Wrong(ValueError):  # noqa: N818 - it says what the case is
    """The text is not what it should be; says where and what to do."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One table of the file, which knows where it stands. Everything below raises Wrong."""

    source: str
    text: str
    name: str
    index: int
    table: Mapping[str, Any]

    @classmethod
    def whole(cls, text: str, source: str) -> Self:
        """All of the file; `source` names it in what is raised."""
        try:
            return cls(source, text, "", 0, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise Wrong(f"{source}: no TOML: {error}") from None

    def fail(self, key: str, what: str) -> NoReturn:
        """Nothing: `key` of this table is wrong."""
        where = f"{self.source}, line {self._line(key)}" + (f", {self.name}" if self.name else "")
        raise Wrong(f"{where}: {key}: {what}")

    def _line(self, key: str) -> int:
        """Where `key` stands in this table, else where the table begins."""
        begun, header, count = 1, "", 0
        top, _, inner = self.name.partition(".")
        wanted = inner.split(".")[0] if inner else key
        for number, line in enumerate(self.text.splitlines(), 1):
            if found := _HEADER.match(line):
                header = found[2]
                count += header == top
                begun = number if header == top and count == self.index + 1 else begun
            elif header == top and count in (0, self.index + 1) and re.match(rf"\s*{re.escape(wanted)}\s*=", line):
                return number
        return begun

    def knows(self, *keys: str) -> None:
        """The table has no other members."""
        for key in self.table:
            if key not in keys:
                self.fail(key, f"unknown; there are {', '.join(keys)}")

    def inner(self, key: str) -> Self:
        """The table under `key`, empty where there is none."""
        found = self.table.get(key, {})
        if not isinstance(found, dict):
            self.fail(key, "must be a table")
        return replace(self, name=f"{self.name}.{key}" if self.name else key, table=found)

    def each(self, key: str) -> list[Self]:
        """The tables under lines [[key]]."""
        found = self.table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self.fail(key, f"write each one under a line [[{key}]]")
        return [replace(self, name=key, index=index, table=one) for index, one in enumerate(found)]

    def code(self, key: str) -> str:
        """A name."""
        found = self.table.get(key)
        if not isinstance(found, str) or CODE.fullmatch(found) is None:
            self.fail(key, "must be a name of letters, digits, dots, dashes or underscores")
        return found

    def words(self, key: str, allowed: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of words, all of them `allowed`."""
        found = self.table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
            self.fail(key, 'must be a list of words, such as ["a", "b"]')
        for one in found:
            if allowed is not None and one not in allowed:
                self.fail(key, f"{one!r} is none of {', '.join(allowed)}")
        return tuple(found)

    def chosen(self, key: str, allowed: Iterable[_T]) -> tuple[_T, ...]:
        """The members of an enumeration that a list of words names."""
        by_word = {str(one): one for one in allowed}
        return tuple(by_word[one] for one in self.words(key, by_word))

    def length(self, key: str) -> timedelta:
        """A length of time."""
        found = self.table.get(key)
        told = _LENGTH.fullmatch(found) if isinstance(found, str) else None
        if told is None:
            self.fail(key, 'must be a length of time, such as "30 s", "5 min", "4 h" or "7 days"')
        return timedelta(seconds=float(told[1]) * _UNITS[told[2]])

    def one_of(self, key: str, allowed: Collection[str]) -> str:
        """One of the words that are allowed."""
        found = self.table.get(key)
        if not isinstance(found, str) or found not in allowed:
            self.fail(key, f"must be one of {', '.join(allowed)}")
        return found

    def number(self, key: str, least: float, most: float) -> float:
        """A number from `least` to `most`."""
        found = self.table.get(key)
        if isinstance(found, bool) or not isinstance(found, int | float) or not least <= found <= most:
            self.fail(key, f"must be a number, {least:g} to {most:g}")
        return float(found)
