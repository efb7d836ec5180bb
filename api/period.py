"""A range of time cut into the district's days, weeks or months."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PERIODS = ("day", "week", "month")
MOST = 1000
"""Parts one answer may have: nearly three years of days."""


@dataclass(frozen=True, slots=True)
class Part:
    """Half open, `start` belongs to it and `end` does not; `key` is the local date of the whole period's first day."""

    key: str
    start: datetime
    end: datetime


def parts(by: str, start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Part]:
    """The periods (`by` one of PERIODS) that the range from `start` up to but without `end` touches, cut at its ends.

    A day begins at local midnight whatever the clock does that day; a week on Monday (ISO 8601).
    """
    if start >= end:
        return
    first = _first(by, start.astimezone(zone).date())
    while (begins := _midnight(first, zone)) < end:
        following = _next(by, first)
        yield Part(first.isoformat(), max(begins, start), min(_midnight(following, zone), end))
        first = following


def _first(by: str, day: date) -> date:
    match by:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case _:
            return day


def _next(by: str, first: date) -> date:
    match by:
        case "week":
            return first + timedelta(days=7)
        case "month":
            return (first + timedelta(days=32)).replace(day=1)
        case _:
            return first + timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
