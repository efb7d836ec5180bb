"""A whole year of fire calls in one process: the desk, its database, its HTTP, and everybody who presses.

Its clock jumps to the next thing that happens.
"""

import asyncio
import contextlib
import gc
import hashlib
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import structlog
import usage
import uvloop
from calls import DAY_S
from crowd import issuer, registered
from figure import Figure, at_most
from house import House
from judging import Judge
from jumping import STUCK_S, JumpingClock, drive
from script import Script
from system import BenchTrouble, System

from api import app as http
from api.database import Database
from api.identity import Role
from devices.model import Device
from devices.signal import Signal
from dispatch import metrics
from dispatch.desk import Desk
from dispatch.ledger.journal import Journal
from runtime import memory, policies, rubbish
from runtime.registrar import Registrar
from runtime.settings import Settings
from runtime.survey import Surveyor
from runtime.wiring import control

TIDY_EVERY = timedelta(hours=12)
"""System time after which the desk is told to forget what ended long ago; by itself it does every ten real seconds."""
ANSWERED_WITHIN_S = 120.0
"""Real seconds for an answer of the database or over HTTP: a year is asked for on a machine that has just played it."""
DRAIN_REST_S = 0.1
"""Real seconds between two transactions of the desk: hundreds of entries go in one."""
LATE = 2000
"""Entries by which the database may be behind while time goes on."""
MONTH = 30
"""Days at whose end, first and last, is compared what the desk holds and needs."""


@dataclass(frozen=True, slots=True)
class Day:
    """What has been at a day's end: system and real seconds, ledger entries, and what the process and the desk hold."""

    number: int
    real_s: float
    cpu_s: float
    entries: int
    rss_mb: float
    incidents: int
    orders: int
    snapshot_mb: float


@dataclass(slots=True)
class Diary:
    """The days so far, each told as it ends."""

    desk: Desk
    say: Callable[[str], None]
    began: float = field(default_factory=time.monotonic)
    days: list[Day] = field(default_factory=list)
    _start: Day = field(init=False)

    def __post_init__(self) -> None:
        self._start = Day(0, 0.0, time.process_time(), self.desk.last_entry(), 0.0, 0, 0, 0.0)

    def end(self, number: int, calls: int) -> None:
        """The day of this number, from 1, is over."""
        state = self.desk._state
        size = len(msgspec.msgpack.encode(state)) / 1e6
        rss = usage.memory_mb(os.getpid())["rss"]
        took, spent = time.monotonic() - self.began, time.process_time()
        found = Day(number, took, spent, state.last_entry, rss, len(state.incidents), len(state.orders), size)
        self.days.append(found)
        self.say(
            f"day {number}, {calls:,} calls, {found.entries:,} entries: {rss:.0f} MB; the desk holds"
            f" {found.incidents:,} incidents, {found.orders:,} orders, {size:.1f} MB;"
            f" {self.ms(number - 1, number):.2f} ms an entry,"
            f" {self.ms(number - 1, number, 'cpu_s'):.2f} of them here"
        )

    def ms(self, first: int, last: int, of: str = "real_s") -> float:
        """Milliseconds an entry, real or of the processor, from the end of day `first` to that of day `last`."""
        a, b = self.days[first - 1] if first > 0 else self._start, self.days[last - 1]
        return float(1000 * (getattr(b, of) - getattr(a, of)) / max(1, b.entries - a.entries))


class WholeYear(Script):
    """So many days of a desk within this process."""

    def __init__(
        self, system: System, desk: Desk, clock: JumpingClock, days: float, say: Callable[[str], None], seed: int
    ) -> None:
        self.system, self.desk, self.jumping = system, desk, clock
        super().__init__(registered(system), clock, days, say, seed, self._said_on)
        self.house = House(desk, self.recipients(), clock.now() + timedelta(days=days + 30))
        self.house.hear = self.crews.hear
        self.diary = Diary(desk, say)
        self._tidied = clock.now()
        self._tidying: asyncio.Task[None] | None = None

    async def _said_on(self, screen: Any, words: dict[str, Any]) -> dict[str, Any]:
        return await self.house.said(screen, words)

    async def signalled(self, device: Device, event: str) -> None:
        """The desk has decided it, as ingest would have made it."""
        at = self.clock.now()
        ts_us = int(at.timestamp() * 1000) * 1000
        id = "e:" + hashlib.sha256(f"{device.code}\0{event}\0{ts_us}".encode()).hexdigest()[:32]
        one = Signal(
            id=id,
            gateway=device.gateway,
            device=device.code,
            place=device.place,
            ts=at.replace(microsecond=at.microsecond // 1000 * 1000),
            received_at=at,
            event=event,
        )
        await self.desk.signal(one, "message")

    async def driven(self, leading: "asyncio.Task[None]") -> None:
        """All has been played, the clock jumping from one thing to the next.

        Raises BenchTrouble for what went wrong, and what ended `leading`.
        """
        playing = asyncio.create_task(self.play())

        def working() -> int:
            if leading.done():
                leading.result()
            if playing.done():
                return 0
            tidying = self._tidying is not None and not self._tidying.done()
            late = self.desk.behind() > LATE
            return self.working() + self.house.reporting() + int(tidying) + int(late)

        await drive(self.jumping, self.desk, working, self._passed)
        await playing
        if len(self.diary.days) < self.days:
            self.diary.end(len(self.diary.days) + 1, len(self.book.opened))

    def _passed(self) -> None:
        """Time has gone on."""
        now = self.clock.now()
        day = int((now - self.began).total_seconds() / DAY_S)
        if len(self.diary.days) < day:
            rubbish.keep()
            self.diary.end(len(self.diary.days) + 1, len(self.book.opened))
        if now - self._tidied >= TIDY_EVERY:
            self._tidied, self._tidying = now, asyncio.create_task(self._tidy())

    async def _tidy(self) -> None:
        """The desk has forgotten what it may, which it does only when the database has everything."""
        await self.desk.drain.reached(self.desk.last_entry(), STUCK_S)
        await self.desk.tidy()


@contextlib.asynccontextmanager
async def _running(
    system: System, clock: JumpingClock, days: float
) -> AsyncIterator[tuple[Desk, "asyncio.Task[None]", httpx.AsyncClient]]:
    """A desk as control makes it, its leading, and command's client of its HTTP.

    Raises what ended the desk.
    """
    url = system.postgres.url()
    settings = Settings(database_url=url, data=system.data)
    policy = policies.of(settings)
    surveyor = Surveyor(policy.travel_limit_s, clock.now)
    registrar = Registrar(settings.data, url, surveyor)
    await registrar.start()
    tokens = issuer(system)
    token = tokens.issue(Role.COMMAND, None, clock.now() + timedelta(days=days + 30))
    with Journal(settings.data / "desk") as journal:
        desk = control.build(journal, url, registrar, surveyor, policy, settings, clock.now)
        desk.database_wait_s, desk.drain.rest_s = 0.0, DRAIN_REST_S
        await desk.start()
        app = http.create(
            desk=desk,
            registry=registrar.current,
            tokens=tokens,
            clock=clock.now,
            database=Database(url, within_s=ANSWERED_WITHIN_S),
            data=settings.data,
            timezone=settings.timezone,
        )
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://desk",
            headers={"Authorization": f"Bearer {token}"},
            timeout=ANSWERED_WITHIN_S,
        )
        async with app.router.lifespan_context(app), client:
            leading = asyncio.create_task(desk.run())
            try:
                while not (leading.done() or desk.drain.connected):  # noqa: ASYNC110 - the database's answer
                    await asyncio.sleep(0.01)
                yield desk, leading, client
                if leading.done():
                    leading.result()
                await desk.rest(5)
            finally:
                leading.cancel()
                await asyncio.wait((leading,))


async def _played(system: System, begins: datetime, days: float, say: Callable[[str], None], seed: int) -> list[Figure]:
    clock = JumpingClock(begins)
    async with _running(system, clock, days) as (desk, leading, client):
        year = WholeYear(system, desk, clock, days, say, seed)
        year.http = client
        say(f"{len(year.house.screens):,} screens, {len(year.calls):,} calls")
        real = time.monotonic()
        await year.driven(leading)
        took = time.monotonic() - real
        say(f"played within {took:.0f} s; now it is judged")
        year.house.require_whole()
        gc.disable()  # a search of all there is would stop the desk for longer than one that leads may be still
        await year.read_verdicts()
        failed = [one for one in metrics.failed.collect()[0].samples if one.name.endswith("_total") and one.value]
        if failed:
            raise BenchTrouble(f"the desk could not decide: {failed}")
        peak = usage.memory_mb(os.getpid())["rss"]
        judge = Judge(system, year.registry, year.book, client, year.began, clock.now, say)
        right = judge.figures(await judge.found())
        return _figures(year, took, peak, judge, right)


def _figures(year: WholeYear, took: float, rss_mb: float, judge: Judge, right: list[Figure]) -> list[Figure]:
    days, frames = year.diary.days, sum(sum(one.counts.values()) for one in year.house.screens.values())
    first, last = min(MONTH, len(days)), len(days)
    a, b, speed = days[first - 1], days[-1], year.days * DAY_S / took
    early, late = (year.diary.ms(at - first, at) for at in (first, last))
    return [
        Figure(f"fire calls of {year.days:g} days in one process, the clock jumping", [len(year.calls)],
               remark=f"within {took:,.0f} s, {speed:,.0f} times speed; 1-3-5: {judge.milestones()}"),
        *right,
        Figure("frames missing or twice", [0], target=at_most(0, "0"),
               remark=f"{frames:,} frames on {len(year.house.screens):,} screens"),
        Figure("duty checks answered", [len(year.crews.checks)]),
        Figure(f"an entry and all about it, day {last - first + 1} to {last}", [late], "ms", 2,
               against=[(f"day 1 to {first}", [early])]),
        Figure(f"what the desk holds after day {last} (its snapshot)", [b.snapshot_mb], "MB", 1,
               against=[(f"after day {first}", [a.snapshot_mb])],
               remark=f"{b.incidents:,} incidents, {b.orders:,} orders"),
        Figure(f"memory of the process after day {last}, the script's book in it", [b.rss_mb], "MB", 0,
               against=[(f"after day {first}", [a.rss_mb])], remark=f"{rss_mb:.0f} MB at the end"),
    ]  # fmt: skip


def measured(system: System, begins: datetime, days: float, say: Callable[[str], None], log: Path,
             seed: int = 1) -> list[Figure]:  # fmt: skip
    """The figures of so many days from `begins` on; the database of `system` must be running. What the desk logs from
    warnings on is in `log`.
    """
    memory.give_back()
    rubbish.seldom()
    with log.open("w") as text:
        structlog.configure(
            processors=[structlog.processors.format_exc_info, structlog.dev.ConsoleRenderer(colors=False)],
            wrapper_class=structlog.make_filtering_bound_logger(30),
            logger_factory=structlog.PrintLoggerFactory(text),
        )
        return uvloop.run(_played(system, begins, days, say, seed))
