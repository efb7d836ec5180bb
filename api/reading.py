"""Readings as the outside sees them: the contract's names, lists whole again, nothing where nothing was measured."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from devices import instant
from devices.profile import LISTS

_IN_A_LIST = {column: name for name, columns in LISTS.items() for column in columns}


def shape(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a readings table, or of its thinned form, in the contract's shape.

    Thinned rows carry `count`, means under the contract's names, and the extremes under `min` and `max`.
    """
    shaped: dict[str, Any] = {"ts": instant.text(row["ts"]), "received_at": instant.text(row["received_at"])}
    if "count" in row:
        shaped["count"] = row["count"]
    elif row["seq"] >= 0:
        shaped["seq"] = row["seq"]
    shaped |= values(row)
    for end in ("min", "max"):
        if row.get(end) is not None:
            shaped[end] = values(row[end])
    return shaped


def values(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Contract name -> value. A list keeps the places of its channels; one channel alone of the cables is a number."""
    found: dict[str, Any] = {}
    for column, value in columns.items():
        if value is None or isinstance(value, datetime | Mapping) or column in {"seq", "count"}:
            continue
        name = _IN_A_LIST.get(column)
        if name is None:
            found[column] = value
        elif name not in found:
            found[name] = _list(columns, LISTS[name])
    cables = found.get("cable_temperature_c")
    if cables is not None and len(cables) == 1:
        found["cable_temperature_c"] = cables[0]
    return found


def _list(columns: Mapping[str, Any], names: tuple[str, ...]) -> list[Any]:
    channels = [columns.get(name) for name in names]
    while channels[-1] is None:
        channels.pop()
    return channels
