"""One member of a reading becomes one or more raw columns: the patient way, for vendor words, units and mistakes."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from devices import instant
from devices.model import CODE, Kind
from devices.profile import CANONICAL, LISTS, Field, Profile
from devices.registry import Registry
from ingest.payload import Refusal
from ingest.rejection import Reason

PERCENT = "smoke_pct_m"
"""%/m of CONTRACT section 1; it becomes `smoke_db_m`."""

RAW: dict[Kind, tuple[str, ...]] = {
    Kind.SMOKE: (*CANONICAL[Kind.SMOKE], PERCENT),
    Kind.ELECTRICAL: CANONICAL[Kind.ELECTRICAL],
}
"""Columns as they are collected: those of CANONICAL, then what is still to be converted."""

LONGEST_TEXT = 64
"""Characters of a value sent as text, and of every code."""

DRILL = rf"\A{CODE.pattern}\Z"
"""What a drill's id looks like."""

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_PLACES = {kind: {name: place for place, name in enumerate(names)} for kind, names in RAW.items()}
_LISTED = {column for columns in LISTS.values() for column in columns}


@dataclass(slots=True)
class Row:
    """One reading's values in the order of RAW (NaN: absent), what was refused of it, and how much was not known."""

    values: list[float]
    refused: list[Refusal] = field(default_factory=list)
    ignored: int = 0


def row(item: dict[str, object], profile: Profile) -> Row:
    """The values of one reading, in the profile's units; those that are no numbers are refused one by one."""
    found = Row([math.nan] * len(RAW[profile.kind]))
    for name, value in item.items():
        if name in _NOT_VALUES:
            continue
        if (word := profile.fields.get(name)) is not None:
            _put(found, word, value, profile.kind, number=_vendor)
        elif (word := _canonical(name, profile.kind)) is not None:
            _put(found, word, value, profile.kind, number=_number)
        else:
            found.ignored += 1
    return found


_NOT_VALUES = frozenset({"device", "ts", "seq", "drill"})


def _canonical(name: str, kind: Kind) -> Field | None:
    if name in LISTS:
        return Field(name, name) if LISTS[name][0] in _PLACES[kind] else None
    return Field(name, name) if name in _PLACES[kind] and name not in _LISTED else None


def _put(
    found: Row, word: Field, value: object, kind: Kind, *, number: Callable[[Field, object], float | Refusal]
) -> None:
    columns = LISTS.get(word.column, (word.column,))
    parts = value if isinstance(value, list) and len(columns) > 1 else [value]
    if len(parts) > len(columns):
        found.refused.append(Refusal(Reason.TOO_LONG, f"{word.name}: {len(parts)} values, at most {len(columns)}"))
    for column, part in zip(columns, parts, strict=False):
        if part is None and parts is value:
            continue  # a channel that is not fitted keeps its position in the list
        result = number(word, part)
        if isinstance(result, Refusal):
            found.refused.append(result)
        else:
            found.values[_PLACES[kind][column]] = result


def _number(word: Field, value: object) -> float | Refusal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Refusal(Reason.WRONG_TYPE, f"{word.name}: expected a number")
    try:
        return float(value) * word.scale + word.offset
    except OverflowError:
        return Refusal(Reason.OUT_OF_RANGE, f"{word.name}: beyond any number that is measured")


def _vendor(word: Field, value: object) -> float | Refusal:
    """Numbers, and what vendors write for them: text, with the profile's unit appended or not."""
    if not isinstance(value, str):
        return _number(word, value)
    if len(value) > LONGEST_TEXT:
        return Refusal(Reason.TOO_LONG, f"{word.name}: {len(value)} characters, at most {LONGEST_TEXT}")
    bare = value.strip().removesuffix(word.unit).strip()
    if _NUMBER.fullmatch(bare) is None:
        return Refusal(Reason.WRONG_TYPE, f"{word.name}: {value!r} is not a number")
    return _number(word, float(bare))


@dataclass(frozen=True, slots=True)
class Header:
    """When a reading was taken (microseconds after 1970, UTC), its number, and the drill it claims.

    `refused`: what of these was left out.
    """

    ts_us: int
    seq: int
    drill: str | None
    refused: tuple[Refusal, ...] = ()


def header(item: dict[str, object], received_us: int) -> Header | Refusal:
    """The reading's header; `received_us` where it has no `ts`. A drill that cannot be one leaves the reading real."""
    ts_us = microseconds(item["ts"]) if "ts" in item else received_us
    seq = sequence(item.get("seq", -1))
    named = drill(item.get("drill"))
    if isinstance(ts_us, Refusal):
        return ts_us
    if isinstance(seq, Refusal):
        return seq
    if isinstance(named, Refusal):
        return Header(ts_us, seq, None, (named,))
    return Header(ts_us, seq, named)


def drill(value: object) -> str | Refusal | None:
    """The drill an item claims to belong to."""
    if value is None or (isinstance(value, str) and CODE.fullmatch(value) is not None):
        return value
    return Refusal(Reason.WRONG_TYPE, "drill: expected a drill's id")


def stranger(code: str, registry: Registry) -> Refusal:
    """Why the device `code` cannot send through this gateway, behind which it is not."""
    if len(code) > LONGEST_TEXT:
        return Refusal(Reason.TOO_LONG, f"device: {len(code)} characters, at most {LONGEST_TEXT}")
    if code in registry.devices:
        return Refusal(Reason.OTHER_GATEWAY, f"device {code} is behind another gateway")
    return Refusal(Reason.UNKNOWN_DEVICE, f"device {code} is not registered")


def sequence(value: object) -> int | Refusal:
    """A `seq`: a whole number that fits 64 bits."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return Refusal(Reason.WRONG_TYPE, "seq: expected a whole number")
    if not -(2**63) <= value < 2**63:
        return Refusal(Reason.OUT_OF_RANGE, "seq: does not fit 64 bits")
    return value


def microseconds(value: object) -> int | Refusal:
    """A `ts` as microseconds after 1970, UTC."""
    try:
        return since_1970(instant.parse(value))
    except ValueError as error:
        return Refusal(Reason.WRONG_TYPE, f"ts: {error}")
    except OverflowError:
        return Refusal(Reason.TIME_RANGE, "ts: outside the years 1 to 9999")


def since_1970(at: datetime) -> int:
    """`at` (aware) as microseconds after 1970."""
    return (at - instant.EPOCH) // timedelta(microseconds=1)


def at(microseconds: int) -> datetime:
    """The UTC instant `microseconds` after 1970."""
    return instant.EPOCH + timedelta(microseconds=microseconds)
