"""Rows of the statements `stats_…` become the figures of `GET /api/stats`, as JSON and as lines of a CSV file."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api import flood
from api.flood import Moments
from devices import instant

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Key:
    """What a line is about: a station, a grid, the whole, or a period with its start and end."""

    name: str
    start: str | None = None
    end: str | None = None


STEPS = ("delivered", "acknowledged", "turned_out", "arrived", "controlled", "closed")
"""Of an order, from its drafting."""
MILESTONES = ("minute_1", "minute_3", "minute_5")
OPENING = (
    "own_response", "acknowledged", "turned_out", "first_arrival", "second_arrival", "confirmed", "controlled",
    "closed", "brigade_reported",
)  # fmt: skip
"""From the incident's opening."""
SHOWN_FLOODS = 20

_COUNTS = ("alarms", "incidents", "fires", "found_real", "found_false", "found_unfounded", "found_test")
_ORDERS = ("orders", "lapsed", "declined", "cancelled")
COLUMNS = (
    "key", "from", "to", *_COUNTS, "false_alarm_rate",
    *_ORDERS, "declines", "engaged_s",
    *(f"{step}_{figure}" for step in STEPS for figure in ("count", "p50_s", "p90_s")),
    *(f"first_arrival_{figure}" for figure in ("count", "p50_s", "p90_s")),
    *(f"{name}_{figure}" for name in MILESTONES for figure in ("due", "met", "rate")),
)  # fmt: skip
"""Of a line: one for each part that was asked for, or for the whole."""


def share(part: int, whole: int) -> float | None:
    """`part` of `whole` as a fraction, None of nothing."""
    return part / whole if whole else None


def spread(row: Row | None, name: str) -> dict[str, Any]:
    """`count`, `p50` and `p90` in seconds with milliseconds, both None where nothing was counted."""
    if row is None or row[name] is None:
        return {"count": 0, "p50": None, "p90": None}
    p50, p90 = row[name]
    return {"count": row[f"{name}_count"], "p50": round(p50, 3), "p90": round(p90, 3)}


def seconds(orders: Iterable[Row]) -> dict[str, Any]:
    """By kind of order the steps that any took; `eta_error`: how much later than estimated crews arrived."""
    names = (*STEPS, "eta_error")
    return {row["kind"]: {name: figures for name in names if (figures := spread(row, name))["count"]} for row in orders}


def milestones(row: Row | None) -> dict[str, Any]:
    """1-3-5: of how many incidents each was due, and was met."""
    return {
        name: {"due": due, "met": met, "rate": share(met, due)}
        for name in MILESTONES
        for due, met in [(row[f"{name}_due"], row[f"{name}_met"]) if row is not None else (0, 0)]
    }


def false_alarm_rate(row: Row | None) -> float | None:
    """Of the incidents judged to be a fire or none, how many were none; tests are neither."""
    if row is None:
        return None
    false = row["found_false"] + row["found_unfounded"]
    return share(false, false + row["found_real"])


def lines(
    keys: Iterable[Key],
    incidents: Iterable[Row],
    alarms: Iterable[Row],
    orders: Iterable[Row],
    declines: Iterable[Row],
) -> list[dict[str, Any]]:
    """A line for each key, zeros where there was nothing.

    `orders` holds orders to respond alone.
    """
    by_incident, by_alarm, by_order = ({row["key"]: row for row in rows} for rows in (incidents, alarms, orders))
    reasons: dict[str, dict[str, int]] = {}
    for row in declines:
        reasons.setdefault(row["key"], {})[row["reason"]] = row["count"]
    return [
        _line(
            key,
            by_incident.get(key.name),
            by_alarm.get(key.name),
            by_order.get(key.name),
            reasons.get(key.name, {}),
        )
        for key in keys
    ]


def _line(key: Key, about: Row | None, alarms: Row | None, orders: Row | None, why: dict[str, int]) -> dict[str, Any]:
    line: dict[str, Any] = {"key": key.name, "from": key.start, "to": key.end}
    line["alarms"] = alarms["alarms"] if alarms is not None else 0
    line |= {name: about[name] if about is not None else 0 for name in _COUNTS[1:]}
    line["false_alarm_rate"] = false_alarm_rate(about)
    line |= {name: orders[name] if orders is not None else 0 for name in _ORDERS}
    line["declines"] = why
    line["engaged_s"] = round(orders["engaged_s"], 3) if orders is not None else 0.0
    for step in STEPS:
        line |= _columns(step, orders)
    line |= _columns("first_arrival", about)
    for name, figures in milestones(about).items():
        line |= {f"{name}_{figure}": value for figure, value in figures.items()}
    return line


def _columns(name: str, row: Row | None) -> dict[str, Any]:
    known = spread(row, name)
    return {f"{name}_count": known["count"], f"{name}_p50_s": known["p50"], f"{name}_p90_s": known["p90"]}


def sheet(found: Iterable[Mapping[str, Any]]) -> str:
    """The lines as CSV (RFC 4180) with a heading. Empty: nothing was counted; declines as `reason:count`, by spaces."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    for line in found:
        reasons = " ".join(f"{reason}:{count}" for reason, count in line["declines"].items())
        writer.writerow({**line, "declines": reasons})
    return text.getvalue()


def load(at_ms: Moments, start_ms: int, end_ms: int, operators: int) -> dict[str, Any]:
    """How many alarms an operator was shown in 10 minutes, and floods (ISA-18.2); the longest SHOWN_FLOODS by name."""
    windows = (end_ms - start_ms) / flood.WINDOW_MS
    found = flood.floods(at_ms, end_ms, operators)
    lasted_ms = sum(one.end_ms - one.start_ms for one in found)
    longest = sorted(found, key=lambda one: (one.start_ms - one.end_ms, one.start_ms))[:SHOWN_FLOODS]
    return {
        "operators": operators,
        "raised": len(at_ms),
        "per_10_min": {
            "mean": len(at_ms) / windows / operators if windows > 0 else None,
            "max": flood.busiest(at_ms) / operators,
        },
        "floods": {
            "count": len(found),
            "seconds": lasted_ms / 1000,
            "share_of_time": lasted_ms / (end_ms - start_ms) if end_ms > start_ms else None,
            "longest": [
                {
                    "from": instant.text(instant.from_ms(one.start_ms)),
                    "to": instant.text(instant.from_ms(one.end_ms)),
                    "alarms": one.alarms,
                    "peak": one.peak,
                }
                for one in longest
            ],
        },
    }


def shares(rows: Iterable[Row], name: str) -> dict[str, Any]:
    """Each value of column `name` with its `count` and its `share` of all."""
    known = {str(row[name]): row["count"] for row in rows}
    whole = sum(known.values())
    return {key: {"count": count, "share": share(count, whole)} for key, count in known.items()}


def counted(rows: Iterable[Row], noun: str) -> dict[str, int]:
    """The counts of one noun of `stats_counts` by name."""
    return {row["name"]: row["count"] for row in rows if row["noun"] == noun}


def chattering(rows: Sequence[Row]) -> dict[str, Any]:
    """How many alarms chattered, how often in all, and those that did most; each row holds the sums."""
    first = rows[0] if rows else {"alarms": 0, "times": 0}
    return {
        "alarms": first["alarms"],
        "times": int(first["times"]),
        "most": [{"device": row["device"], "kind": row["kind"], "times": row["count"]} for row in rows],
    }
