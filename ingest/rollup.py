"""What the rollups need next: minutes of an hour that is over, hours and days of a day that is over, hours again.

An hour is rolled up as a whole once it is over, device after device: each device's minutes then lie together on disk,
and fewer readings come too late. What is not rolled up yet is read from the readings (api/span.py).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from devices import instant

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

EARLIEST = instant.EPOCH + DAY
"""Rollups that reach less far have not been begun."""

BY_DATABASE = datetime(9999, 1, 1, tzinfo=UTC)
"""Rollups that reach so far are the database's own doing (ingest/edition.py)."""

SETTLING = timedelta(minutes=5)
"""So long after its end an hour is rolled up: most of what gateways send late is there by then."""

MOST_DEVICES, STEP_S = 5000, 1.0
"""A step takes no more devices than this, and as many as it takes to last about so long, real seconds."""


@dataclass(frozen=True, slots=True)
class State:
    """A row of the table `rollups`; `late_hour`: the oldest hour marked to be made again."""

    late_before: datetime
    minutes_before: datetime
    minutes_after: int
    days_before: datetime
    days_after: int
    raw_from: datetime
    minutes_from: datetime
    late_hour: datetime | None

    @property
    def begun(self) -> bool:
        """False while nobody has looked where history begins."""
        return self.minutes_before >= EARLIEST


@dataclass(frozen=True, slots=True)
class Announce:
    """Readings before `until` are late from now on."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Begin:
    """Where history begins is to be looked for."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """Of the hour that begins at `start`, for devices after `after`."""

    start: datetime
    after: int


@dataclass(frozen=True, slots=True)
class Days:
    """Hours and the day that begins at `start`, for devices after `after`."""

    start: datetime
    after: int


@dataclass(frozen=True, slots=True)
class Again:
    """Marked hours of the day that begins at `day`; the day too if it was `made`; nothing if readings may be `gone`."""

    day: datetime
    made: bool
    gone: bool


Task = Announce | Begin | Minutes | Days | Again


def following(state: State, now: datetime, *, settled: bool) -> Task | None:
    """What is to be done next. `settled`: all that was stored without a mark before `late_before` is committed."""
    over = floor(now - SETTLING, HOUR)
    if state.late_before < over and state.minutes_before < BY_DATABASE:
        return Announce(over)
    if not state.begun:
        return Begin() if settled else None
    if state.days_before + DAY <= state.minutes_before:
        return Days(state.days_before, state.days_after)
    if state.minutes_before < state.late_before and settled:
        return Minutes(state.minutes_before, state.minutes_after)
    if state.late_hour is not None:
        return _again(state, floor(state.late_hour, DAY))
    return None


def _again(state: State, day: datetime) -> Again:
    """A reading less than 30 days old (others are misdated) finds its neighbours there, as retention is longer."""
    return Again(day, made=day + DAY <= state.minutes_before, gone=day < max(state.raw_from, state.minutes_from))


def floor(at: datetime, width: timedelta) -> datetime:
    """The start of the bucket of `width` (which divides a day) that holds `at`, UTC."""
    return at - (at - instant.EPOCH) % width


def sized(many: int, took_s: float) -> int:
    """How many devices the next step takes, when `many` took so long (real seconds)."""
    grown = many * min(2.0, STEP_S / max(took_s, 0.001))
    return max(1, min(MOST_DEVICES, int(grown)))
