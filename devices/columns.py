"""A thing of the registry under the names that a district pack's columns have, as JSON takes it. Pure."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from devices import instant, rows
from devices.model import Closure

FILES = {
    "places": "places.csv",
    "stations": "stations.csv",
    "people": "people.csv",
    "gateways": "gateways.csv",
    "devices": "devices.csv",
    "closures": "closures.csv",
    "rules": "rules.csv",
}


def of(noun: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns that must be given, and columns that may be empty."""
    return (("code", "name", "level"), ("parent",)) if noun == "grids" else rows.COLUMNS[FILES[noun]]


def row(noun: str, value: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the registry's values
    """Column -> what stands in it; what PUT of the same noun takes as its body, a grid's geometry left out."""
    required, optional = of(noun)
    return {column: _plain(_cell(value, column)) for column in (*required, *optional)}


def _cell(value: Any, column: str) -> Any:  # noqa: ANN401 - a column's value is of its own type
    if isinstance(value, Closure) and column == "from":
        return value.start
    return getattr(value, column)


def _plain(cell: Any) -> Any:  # noqa: ANN401 - likewise
    match cell:
        case StrEnum():
            return cell.value
        case datetime():
            return instant.text(cell)
        case date():
            return cell.isoformat()
        case _:
            return cell
