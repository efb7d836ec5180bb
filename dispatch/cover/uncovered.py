"""How long places stood uncovered, by grid and hour: added up for whoever writes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from dispatch.ways.ground import Picture

PAUSE_S = 30.0
"""After so many real seconds without a look nobody knows what was meanwhile: that time is not counted."""
KEPT_ROWS = 100_000
"""Sums held for a database that is away; beyond, those of the oldest hours are given up."""
DISTRICT = ""
"""Stands in place of a grid's code for the whole district."""

HOUR = timedelta(hours=1)


@dataclass(slots=True)
class Sum:
    """Of one grid and hour, in seconds of the system's clock. `place_s`: of all uncovered places together."""

    watched_s: float = 0.0
    uncovered_s: float = 0.0
    place_s: float = 0.0


class Uncovered:
    """Sums by hour and grid since this process began, `since`; each is written as a whole: once or twice is alike."""

    def __init__(self, since: datetime) -> None:
        self._since = since
        self._last: tuple[datetime, float, Picture | None] | None = None
        self._sums: dict[tuple[datetime, str], Sum] = {}
        self._unwritten: dict[tuple[datetime, str], None] = {}

    def tell(self, at: datetime, real_s: float, picture: Picture | None) -> None:
        """From `at` on (`real_s` of a monotonic clock) it is as the picture says; until then as the one before."""
        if self._last is not None:
            before, then_s, was = self._last
            if was is not None and real_s - then_s <= PAUSE_S:
                for hour, seconds in _hours(before, at):
                    self._add(hour, seconds, was)
        self._last = (at, real_s, picture)

    def _add(self, hour: datetime, seconds: float, picture: Picture) -> None:
        self._sum(hour, DISTRICT, seconds, int(np.count_nonzero(picture.uncovered)))
        for grid in np.flatnonzero(picture.by_grid).tolist():
            self._sum(hour, picture.ground.grids[grid], seconds, int(picture.by_grid[grid]))

    def _sum(self, hour: datetime, grid: str, seconds: float, places: int) -> None:
        kept = self._sums.setdefault((hour, grid), Sum())
        kept.watched_s += seconds if grid == DISTRICT else 0
        kept.uncovered_s += seconds if places else 0
        kept.place_s += seconds * places
        self._unwritten[hour, grid] = None

    def rows(self) -> list[dict[str, object]]:
        """What is to be written, oldest hours first."""
        return [
            {
                "hour": hour,
                "grid": grid,
                "since": self._since,
                "watched_s": kept.watched_s,
                "uncovered_s": kept.uncovered_s,
                "place_s": kept.place_s,
            }
            for hour, grid in sorted(self._unwritten)
            for kept in (self._sums[hour, grid],)
        ]

    def written(self, rows: list[dict[str, object]]) -> None:
        """These are in the database; what was added since is written next time. Hours that are over are forgotten."""
        latest = max((hour for hour, _ in self._sums), default=None)
        for row in rows:
            hour, grid = row["hour"], row["grid"]
            assert isinstance(hour, datetime)  # noqa: S101 - as `rows` makes them
            assert isinstance(grid, str)  # noqa: S101
            kept = self._sums.get((hour, grid))
            if kept is not None and kept.place_s == row["place_s"] and kept.watched_s == row["watched_s"]:
                self._unwritten.pop((hour, grid), None)
                if hour != latest:
                    del self._sums[hour, grid]

    def bound(self) -> None:
        """No more is held than `KEPT_ROWS`."""
        for key in sorted(self._sums)[: max(len(self._sums) - KEPT_ROWS, 0)]:
            del self._sums[key]
            self._unwritten.pop(key, None)


def _hours(start: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
    """Each full hour (UTC) that the time from `start` to `end` touches, and how many seconds of it; none backwards."""
    hour = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while hour < end:
        seconds = (min(end, hour + HOUR) - max(start, hour)).total_seconds()
        if seconds > 0:
            yield hour, seconds
        hour += HOUR
