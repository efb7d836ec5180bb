"""Readings as the outside sees them: the contract's names, lists whole again, nothing where nothing was measured."""

from collections.abc import Mapping, Sequence
from typing import Any

from devices import instant
from devices.model import Kind
from devices.profile import CANONICAL, LISTS

_Plan = tuple[tuple[str, int, int], ...]
"""Contract name, place of its (first) column in CANONICAL, and for a list the place behind its last, else 0."""

_IN_A_LIST = {column: name for name, columns in LISTS.items() for column in columns}


def shape(row: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """A row of a readings table in the contract's shape."""
    shaped: dict[str, Any] = {"ts": instant.text(row["ts"]), "received_at": instant.text(row["received_at"])}
    if row["seq"] >= 0:
        shaped["seq"] = row["seq"]
    return shaped | _values([row[column] for column in CANONICAL[kind]], _PLACES[kind])


def thinned(row: Sequence[Any], kind: Kind) -> dict[str, Any]:
    """A bucket of readings: means under the contract's names, extremes under `min` and `max`, and `count`.

    `row`: start, time of receipt and count, then means, least and largest values in the order of CANONICAL.
    """
    plan, many = _PLACES[kind], len(CANONICAL[kind])
    return {
        "ts": instant.text(row[0]),
        "received_at": instant.text(row[1]),
        "count": row[2],
        **_values(row[3 : 3 + many], plan),
        "min": _values(row[3 + many : 3 + 2 * many], plan),
        "max": _values(row[3 + 2 * many :], plan),
    }


def _values(row: Sequence[Any], plan: _Plan) -> dict[str, Any]:
    """Contract name -> value. A list keeps the places of its channels; one channel alone of the cables is a number."""
    found: dict[str, Any] = {}
    for name, start, stop in plan:
        if not stop:
            if (value := row[start]) is not None:
                found[name] = value
            continue
        channels = row[start:stop]
        while channels and channels[-1] is None:
            channels = channels[:-1]
        if channels:
            found[name] = channels[0] if name == "cable_temperature_c" and len(channels) == 1 else channels
    return found


def _places(kind: Kind) -> _Plan:
    columns = CANONICAL[kind]
    names = dict.fromkeys(_IN_A_LIST.get(column, column) for column in columns)
    spans = ((name, LISTS.get(name, (name,))) for name in names)
    return tuple(
        (name, columns.index(own[0]), columns.index(own[0]) + len(own) if len(own) > 1 else 0) for name, own in spans
    )


_PLACES = {kind: _places(kind) for kind in Kind}
