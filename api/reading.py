"""Readings as the outside sees them: the contract's names, lists whole again, nothing where nothing was measured."""

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

from devices import instant
from devices.model import Kind
from devices.profile import CANONICAL, LISTS

_Plan = tuple[tuple[str, str, Callable[[Mapping[str, Any]], tuple[Any, ...]] | None], ...]
"""Contract name, its (first) column, and for a list what takes the values of all its columns from a row."""

_IN_A_LIST = {column: name for name, columns in LISTS.items() for column in columns}


def shape(row: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """A row of a readings table in the contract's shape."""
    shaped: dict[str, Any] = {"ts": instant.text(row["ts"]), "received_at": instant.text(row["received_at"])}
    if row["seq"] >= 0:
        shaped["seq"] = row["seq"]
    return shaped | _values(row, _PLANS[kind, ""])


def thinned(row: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """A bucket of readings: means under the contract's names, extremes under `min` and `max`, and `count`."""
    shaped: dict[str, Any] = {
        "ts": instant.text(row["ts"]),
        "received_at": instant.text(row["received_at"]),
        "count": row["count"],
    }
    shaped |= _values(row, _PLANS[kind, ""])
    shaped["min"] = _values(row, _PLANS[kind, "_min"])
    shaped["max"] = _values(row, _PLANS[kind, "_max"])
    return shaped


def _values(row: Mapping[str, Any], plan: _Plan) -> dict[str, Any]:
    """Contract name -> value. A list keeps the places of its channels; one channel alone of the cables is a number."""
    found: dict[str, Any] = {}
    for name, column, taken in plan:
        if taken is None:
            if (value := row[column]) is not None:
                found[name] = value
            continue
        channels = taken(row)
        while channels and channels[-1] is None:
            channels = channels[:-1]
        if channels:
            found[name] = channels[0] if name == "cable_temperature_c" and len(channels) == 1 else list(channels)
    return found


def _plan(kind: Kind, suffix: str) -> _Plan:
    names = dict.fromkeys(_IN_A_LIST.get(column, column) for column in CANONICAL[kind])
    plan = []
    for name in names:
        columns = [column + suffix for column in LISTS.get(name, (name,))]
        plan.append((name, columns[0], itemgetter(*columns) if len(columns) > 1 else None))
    return tuple(plan)


_PLANS = {(kind, suffix): _plan(kind, suffix) for kind in Kind for suffix in ("", "_min", "_max")}
