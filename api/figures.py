"""The figures of `GET /api/stats`, gathered from the database's views (docs/statistics.md)."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from api import flood, period, tally
from api.context import Context
from api.problem import Problem
from api.tally import Key
from api.why import Why
from devices import instant
from devices.registry import Registry
from dispatch.facts.refused import Refused

FALSE_ALARMS_A_DAY = 5
"""More than these must be handled (GB 50440); `stats_false_alarms.sql` and the view `stats_days` say so too."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for: half open, `start` belongs to it and `end` does not. `grids`: these and below, None: all."""

    registry: Registry
    grid: str | None
    grids: list[str] | None
    station: str | None
    start: datetime
    end: datetime
    now: datetime
    zone: ZoneInfo

    def values(self, by: str = "whole") -> dict[str, Any]:
        """As the statements name them."""
        return {
            "from": self.start,
            "to": self.end,
            "now": self.now,
            "grids": self.grids,
            "station": self.station,
            "zone": self.zone.key,
            "by": by,
        }


async def whole(here: Context, asked: Question, operators: int) -> dict[str, Any]:
    """All figures of the question as one.

    Raises Problem 503 while the database is away.
    """
    values = asked.values()
    counts = await here.rows("stats_counts", values)
    orders = await here.rows("stats_orders", values)
    (about,) = await here.rows("stats_incidents", values) or (None,)
    incidents = tally.counted(counts, "incidents")
    return {
        "grid": asked.grid,
        "station": asked.station,
        "from": instant.text(asked.start),
        "to": instant.text(asked.end),
        "timezone": asked.zone.key,
        "alarms": tally.counted(counts, "alarms"),
        "incidents": {
            "total": sum(incidents.values()),
            "by_kind": incidents,
            "by_verdict": tally.counted(counts, "verdicts"),
            "by_verification": tally.counted(counts, "verifications"),
            "by_source": tally.counted(counts, "sources"),
            "by_severity": tally.counted(counts, "severities"),
            "by_category": tally.counted(counts, "categories"),
            "by_cause": tally.counted(counts, "causes"),
            "by_hour": tally.counted(counts, "hours"),
            "false_alarm_rate": tally.false_alarm_rate(about),
        },
        "orders": {
            "by_state": tally.counted(counts, "orders"),
            "by_kind": tally.counted(counts, "order_kinds"),
            "by_reason": tally.counted(counts, "order_reasons"),
            "lapsed": tally.counted(counts, "lapses"),
            "declined": tally.counted(counts, "declines"),
        },
        "seconds": tally.seconds(orders),
        "incident_seconds": {name: tally.spread(about, name) for name in tally.OPENING},
        "one_three_five": tally.milestones(about),
        "alarm_load": await _load(here, asked, values, operators),
        "false_alarms": await _false_alarms(here, values),
    }


async def lines(here: Context, asked: Question, by: str) -> list[dict[str, Any]]:
    """A line for each day, week, month, station or grid, or one for the `whole`; zeros where nothing was.

    Raises Problem 503 while the database is away, 422 for too many lines.
    """
    values = asked.values(by)
    keys = {one.name: one for one in _keys(asked, by)}
    orders = [row for row in await here.rows("stats_orders", values) if row["kind"] == "respond"]
    incidents = await here.rows("stats_incidents", values)
    alarms = await here.rows("stats_alarms", values)
    declines = await here.rows("stats_declines", values)
    if _others_belong(asked, by):
        seen = {row["key"] for rows in (orders, incidents, alarms) for row in rows}
        keys |= {name: Key(name) for name in seen - set(keys)}
    ordered = [keys[name] for name in sorted(keys)]
    return tally.lines(ordered, incidents, alarms, orders, declines)


def _keys(asked: Question, by: str) -> Iterator[Key]:
    """What has a line whether or not anything happened there or then."""
    registry = asked.registry
    if by == "station":
        codes = [asked.station] if asked.station is not None else sorted(registry.stations)
        for code in codes:
            if asked.grids is None or registry.within(registry.stations[code].grid, asked.grids):
                yield Key(code)
    elif by == "grid":
        yield from (Key(one) for one in registry.grids if asked.grids is None or registry.within(one, asked.grids))
    elif by == "whole":
        yield Key("", instant.text(asked.start), instant.text(asked.end))
    else:
        yield from _periods(asked, by)


def _periods(asked: Question, by: str) -> Iterator[Key]:
    for count, part in enumerate(period.parts(by, asked.start, asked.end, asked.zone)):
        if count == period.MOST:
            said = f"by={by} would be more than {period.MOST} lines: ask for less time or longer periods"
            raise Problem(422, Refused(Why.PERIOD_LONG, said, most=period.MOST))
        yield Key(part.key, instant.text(part.start), instant.text(part.end))


def _others_belong(asked: Question, by: str) -> bool:
    """True where what is no longer registered, or came from elsewhere, has a line too."""
    if by == "station":
        return asked.station is None
    return by == "grid" and asked.grids is None


async def _load(here: Context, asked: Question, values: dict[str, Any], operators: int) -> dict[str, Any]:
    """ISA-18.2: rate, floods, chattering, stale, priorities, most frequent."""
    ((packed,),) = await here.tuples("stats_raises", values)
    chattering = await here.rows("stats_chattering", values)
    (stale,) = await here.rows("stats_stale", values | {"to": min(asked.end, asked.now)})
    start_ms, end_ms = (round(one.timestamp() * 1000) for one in (asked.start, min(asked.end, asked.now)))
    load = await asyncio.to_thread(tally.load, flood.moments(packed), start_ms, end_ms, operators)
    return load | {
        "chattering": tally.chattering(chattering),
        "stale": stale,
        "priorities": tally.shares(await here.rows("stats_priorities", values), "priority"),
        "most_frequent": await here.rows("stats_top_devices", values),
    }


async def _false_alarms(here: Context, values: dict[str, Any]) -> dict[str, Any]:
    rows = await here.rows("stats_false_alarms", values)
    return {
        "limit_a_day": FALSE_ALARMS_A_DAY,
        "days_over": [{"day": row["day"], "count": row["count"]} for row in rows if row["whole"]],
        "places_over": [
            {"day": row["day"], "place": row["place"], "count": row["count"]} for row in rows if not row["whole"]
        ],
    }
