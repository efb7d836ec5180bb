"""A GeoJSON FeatureCollection as features, each with the line it begins on. Pure."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from devices.fault import Fault
from devices.sheet import decode

_BLANK = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as it stands in the file: `geometry` unchecked."""

    line: int
    properties: dict[str, Any]
    geometry: object


def parse(file: str, data: bytes) -> tuple[tuple[Feature, ...], tuple[Fault, ...]] | Fault:
    """The features of `file` and the faults of those that are none, or the one fault that makes it unreadable."""
    text = decode(file, data)
    if isinstance(text, Fault):
        return text
    try:
        document = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        return Fault(file, error.lineno, f"not JSON: {error.msg}")
    except ValueError as error:
        return Fault(file, 0, str(error))
    except RecursionError:
        return Fault(file, 0, "nested too deeply")
    match document:
        case {"type": "FeatureCollection", "features": list()}:
            pass
        case _:
            return Fault(file, 0, "not a GeoJSON FeatureCollection with an array of features")
    features: list[Feature] = []
    faults: list[Fault] = []
    for line, value in _members(text):
        match value:
            case {"type": "Feature", "properties": dict(properties), "geometry": geometry}:
                features.append(Feature(line, properties, geometry))
            case _:
                faults.append(Fault(file, line, "not a GeoJSON Feature with properties and a geometry"))
    return tuple(features), tuple(faults)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite(digits: str) -> float:
    if math.isinf(number := float(digits)):
        raise ValueError(f"the number {digits[:40]} is too large")
    return number


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def canonical(value: object) -> str:
    """`value` as JSON, the same text for the same value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def storable(text: str) -> bool:
    """False when a database would refuse the JSON `text`: it holds U+0000 or half a surrogate pair."""
    return "\\u0000" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _members(text: str) -> Iterator[tuple[int, object]]:
    """Line and value of each member of the outermost object's array `features`; `text` is known to be good JSON.

    A second array of that name would be the one `json` keeps; both are read here, so nothing is lost.
    """
    line, counted = 1, 0
    at = _after(text, 0, "{")
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        at = _after(text, at, ":")
        if name == "features" and text[at] == "[":
            at = _after(text, at, "[")
            while text[at] != "]":
                line, counted = line + text.count("\n", counted, at), at
                value, at = _DECODER.raw_decode(text, at)
                yield line, value
                at = _after(text, at, ",")
            at += 1
        else:
            _, at = _DECODER.raw_decode(text, at)
        at = _after(text, at, ",")


def _after(text: str, at: int, sign: str) -> int:
    """The position of the next thing after blanks, `sign` if it is there, and blanks."""
    at = _blank_from(text, at)
    return _blank_from(text, at + len(sign)) if text.startswith(sign, at) else at


def _blank_from(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at
