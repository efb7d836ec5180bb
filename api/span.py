"""A range of a device's history cut into pieces: days, hours and minutes where they are rolled up, readings where not.

Pieces touch and do not overlap, so that each reading counts once. A bucket of a rollup is taken only if it lies in the
range as a whole; the ragged ends come from the next finer level.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from devices import instant

RAW = "raw"
LEVELS = {RAW: timedelta(0), "1m": timedelta(minutes=1), "1h": timedelta(hours=1), "1d": timedelta(days=1)}
"""Finest first; names as in the relations' names and the statements' parameters."""

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the rollups come: complete before these; and before the others, what is finer may have been dropped."""

    minutes_before: datetime
    days_before: datetime
    raw_from: datetime
    minutes_from: datetime
    hours_from: datetime

    def before(self, level: str) -> datetime:
        """Buckets of `level` that end no later are complete."""
        return self.minutes_before if level == "1m" else self.days_before


@dataclass(frozen=True, slots=True)
class Piece:
    """`start` <= time < `end`, from readings or the rollup `level`."""

    level: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """Buckets of `width` from `origin` on, and what they are made of."""

    origin: datetime
    width: timedelta
    pieces: tuple[Piece, ...]


def span(
    first: datetime,
    last: datetime,
    asked: tuple[datetime, datetime],
    points: int,
    reach: Reach,
    rolled: datetime | None = None,
) -> Span:
    """The buckets, at most `points`, into which readings from `first` to `last` fall, of those `asked` for (inclusive).

    They are made from the coarsest rollup whose buckets are no wider than two of those asked for, so that at least half
    as many items as `points` come back; or from a coarser one where what is finer has been dropped for its age since
    `rolled`, the first of them that is in a rollup.
    """
    found = level(first, last, points, reach, rolled)
    pieces = cover(found, asked, reach)
    unit = LEVELS[found]
    if not unit:
        return Span(first, (last - first) / points + _TICK, pieces)
    origin = _floor(first, unit)
    width = -(-((last - origin) / points + _TICK) // unit) * unit
    return Span(origin, width, pieces)


def level(first: datetime, last: datetime, points: int, reach: Reach, rolled: datetime | None) -> str:
    """The level from which `points` buckets between these times are made; `rolled` as in `span`."""
    width = (last - first) / points
    fit = max((name for name, unit in LEVELS.items() if unit <= 2 * width), key=_unit)
    if rolled is None or rolled >= reach.raw_from:
        return fit
    kept = "1d" if rolled < reach.hours_from else "1h" if rolled < reach.minutes_from else "1m"
    return max(fit, kept, key=_unit)


def cover(coarsest: str, asked: tuple[datetime, datetime], reach: Reach) -> tuple[Piece, ...]:
    """Pieces of this level and finer ones, in order of time, of the range `asked` for (inclusive)."""
    return tuple(_cover(coarsest, asked[0], asked[1] + _TICK, reach))


def parameters(pieces: tuple[Piece, ...], nothing_at: datetime) -> dict[str, datetime]:
    """`from_LEVEL_N` and `to_LEVEL_N` of the statements `…_extent` and `…_thinned`, empty where there is no piece.

    Raises ValueError for more than two pieces of a level (of days: one), which `span` does not make.
    """
    values = {}
    for name in LEVELS:
        own = [piece for piece in pieces if piece.level == name]
        numbers = (1,) if name == "1d" else (1, 2)
        if len(own) > len(numbers):
            raise ValueError(f"{len(own)} pieces of {name}")
        for number in numbers:
            here = own[number - 1] if number <= len(own) else Piece(name, nothing_at, nothing_at)
            values[f"from_{name}_{number}"], values[f"to_{name}_{number}"] = here.start, here.end
    return values


def _cover(name: str, start: datetime, end: datetime, reach: Reach) -> list[Piece]:
    """Pieces of this level and finer ones from `start` to `end`, in order of time."""
    if start >= end:
        return []
    if name == RAW:
        return [Piece(RAW, start, end)]
    unit = LEVELS[name]
    inner = _ceil(start, unit), _floor(min(end, reach.before(name)), unit)
    finer = list(LEVELS)[list(LEVELS).index(name) - 1]
    if inner[0] >= inner[1]:
        return _cover(finer, start, end, reach)
    return [
        *_cover(finer, start, inner[0], reach),
        Piece(name, *inner),
        *_cover(finer, inner[1], end, reach),
    ]


def _unit(name: str) -> timedelta:
    return LEVELS[name]


def _floor(at: datetime, unit: timedelta) -> datetime:
    return at - (at - instant.EPOCH) % unit


def _ceil(at: datetime, unit: timedelta) -> datetime:
    return at + (instant.EPOCH - at) % unit
