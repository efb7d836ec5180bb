"""Coverage now (此刻三分钟圈): which places no free crew on duty reaches in time, kept up to date beside the desk."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from time import monotonic
from typing import Protocol

import numpy as np
import psycopg
import structlog
from numpy.typing import NDArray

from devices import database
from devices.model import Station, StationKind
from devices.registry import Registry
from dispatch.choosing.standing import Standing
from dispatch.cover.uncovered import Uncovered
from dispatch.ledger.drain import NAME
from dispatch.policy.policy import Policy
from dispatch.statements import statement
from dispatch.ways import ground
from dispatch.ways.ground import Ground, Picture
from dispatch.ways.roads import Roads

log = structlog.get_logger()

LOOK_S = 1.0
"""The least real time between two looks; after a search it is as long again as that took."""
KEEP_S = 10.0
"""Real seconds between two writings of what stood uncovered."""
AT_A_TIME = 10_000
"""Rows deleted in one statement."""
PIECE = 50
"""Stations looked at before others on the loop have their turn."""


class Readiness(StrEnum):
    """Why a station's crew counts for coverage, or does not."""

    FREE = "free"
    ENGAGED = "engaged"
    OFF_DUTY = "off_duty"
    DEMOTED = "demoted"
    REPORTED_TO = "reported_to"


class Desk(Protocol):
    """What coverage reads of the desk."""

    def last_entry(self) -> int:
        """The number of the ledger's last entry: while it stays, stations stand as they did."""
        ...

    def engagements(self) -> dict[str, int]:
        """Station -> open real incidents it was ordered to."""
        ...

    def standing(self, station: Station) -> Standing:
        """How it stands now."""
        ...

    def policy(self) -> Policy:
        """The numbers it decides by."""
        ...


class Survey(Protocol):
    """The registry and its roads, replaced together."""

    @property
    def registry(self) -> Registry: ...  # noqa: D102
    @property
    def roads(self) -> Roads | None: ...  # noqa: D102
    @property
    def limit_s(self) -> float: ...  # noqa: D102


@dataclass(frozen=True, slots=True, eq=False)
class Now:
    """The picture as it was confirmed `as_of`, and how each of its ground's stations stands."""

    as_of: datetime
    picture: Picture
    readiness: tuple[Readiness, ...]


class Coverage:
    """Looks once a second whether anything has changed, and searches anew where it has, in a thread.

    `now` is None until the first search has ended.
    """

    def __init__(
        self,
        desk: Desk,
        survey: Callable[[], Survey],
        clock: Callable[[], datetime],
        uncovered: Uncovered,
    ) -> None:
        self._desk = desk
        self._survey = survey
        self._clock = clock
        self._uncovered = uncovered
        self._ground: Ground | None = None
        self._roads: Roads | None = None
        self._seen: tuple[object, ...] = ()
        self.now: Now | None = None

    async def run(self) -> None:
        """Runs until cancelled; what fails is logged and tried again."""
        while True:
            began = monotonic()
            try:
                await self._look()
            except Exception:
                log.exception("coverage_failed")
                self._seen = ()
            await asyncio.sleep(max(LOOK_S, monotonic() - began))

    async def _look(self) -> None:
        at = self._clock()
        survey, within_s = self._survey(), self._desk.policy().arrive_within.total_seconds()
        # shifts begin and end on full minutes in every time zone
        seen = (survey, within_s, self._desk.last_entry(), at.replace(second=0, microsecond=0))
        if self.now is None or seen != self._seen:
            await self._search(survey, within_s, at)
            self._seen = seen
        elif self.now is not None:
            self.now = Now(at, self.now.picture, self.now.readiness)
        self._uncovered.tell(at, monotonic(), self.now.picture if self.now is not None else None)

    async def _search(self, survey: Survey, within_s: float, at: datetime) -> None:
        if self._ground is None or self._ground.registry is not survey.registry or not _along(self._roads, survey):
            self._ground = await asyncio.to_thread(ground.survey, survey.registry, survey.roads, survey.limit_s)
        elif survey.roads is not self._roads:
            self._ground = await asyncio.to_thread(ground.closed, self._ground, survey.roads)
        self._roads = survey.roads
        readiness = await self._ready(self._ground)
        free = np.array([each is Readiness.FREE for each in readiness], np.bool_)
        before = self.now.picture if self.now is not None else None
        if before is None or not _same(before, self._ground, free, within_s):
            before = await asyncio.to_thread(ground.picture, self._ground, free, within_s)
        self.now = Now(at, before, readiness)

    async def _ready(self, on: Ground) -> tuple[Readiness, ...]:
        busy = self._desk.engagements()
        found = []
        for number, code in enumerate(on.stations):
            station = on.registry.stations[code]
            found.append(_readiness(station, self._desk.standing(station), busy.get(code, 0)))
            if number % PIECE == PIECE - 1:
                await asyncio.sleep(0)
        return tuple(found)


def _along(roads: Roads | None, survey: Survey) -> bool:
    """True where the survey has the same streets, whichever of them are closed."""
    return (roads.network if roads else None) is (survey.roads.network if survey.roads else None)


def _readiness(station: Station, stands: Standing, incidents: int) -> Readiness:
    if station.kind is StationKind.BRIGADE:
        return Readiness.REPORTED_TO
    if not stands.on_duty:
        return Readiness.OFF_DUTY
    if incidents >= station.capacity:
        return Readiness.ENGAGED
    # it did not answer its duty check: nobody knows that it is there
    return Readiness.DEMOTED if stands.demoted else Readiness.FREE


def _same(before: Picture, on: Ground, free: NDArray[np.bool_], within_s: float) -> bool:
    return before.ground is on and before.within_s == within_s and bool(np.array_equal(before.free, free))


async def _drop(connection: psycopg.AsyncConnection, before: datetime) -> bool:
    """Some hours older than that are gone; True when none is left."""
    async with connection.transaction():
        gone = await connection.execute(statement("coverage_drop"), {"before": before, "many": AT_A_TIME})
    return gone.rowcount < AT_A_TIME


async def keep(database_url: str, uncovered: Uncovered, kept: timedelta, clock: Callable[[], datetime]) -> None:
    """What stood uncovered is written every ten real seconds, and once an hour what is older than `kept` is dropped.

    Runs until cancelled; a lost database is waited for.
    """
    dropped: datetime | None = None
    while True:
        try:
            async with await database.connect(database_url, NAME, autocommit=False) as connection:
                while True:
                    before = clock().replace(minute=0, second=0, microsecond=0) - kept
                    if dropped != before and await _drop(connection, before):
                        dropped = before
                    if rows := uncovered.rows():
                        async with connection.transaction():
                            await connection.cursor().executemany(statement("coverage_keep"), rows)
                        uncovered.written(rows)
                    await asyncio.sleep(KEEP_S)
        except psycopg.OperationalError:
            pass
        except psycopg.Error:
            log.exception("coverage_not_kept")
        uncovered.bound()
        await asyncio.sleep(KEEP_S)
