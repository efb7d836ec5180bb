"""Now and then: what was noted is handed to the database, and one worker decides who is offline and who is back."""

import asyncio
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import psycopg
import structlog

from devices import signal
from devices.registry import Registry
from ingest import metrics, notice, offline, topic
from ingest.ear import Ear
from ingest.link import Link
from ingest.listening import Listening
from ingest.offline import Change, Changes, Roll
from ingest.pulse import Heard
from ingest.rollcall import RollCall
from ingest.seen import Seen
from ingest.value import at, since_1970

log = structlog.get_logger()

EVERY_S = 5.0
"""Real seconds from one time to the next, or more where it takes long: `SHARE` of the time at most is spent on it."""

SHARE = 0.2

FORGOTTEN = timedelta(hours=1)
"""A session that nobody has reported of for so long, by the system's clock, is no longer waited for."""

CONFIRM_S = 10.0
"""How long a new connection to the broker may take to be heard through the old ones, real seconds."""

CLOCK_OFF_US = 60 * 1_000_000
"""A device's clock that is off by more is counted: its events would be `late` from then on (CONTRACT section 1)."""


class Health:
    """What a worker's sessions hear, noted and judged. `every_s`: real seconds between two times."""

    def __init__(
        self,
        mqtt_url: str,
        database_url: str,
        prefix: str,
        clock: Callable[[], datetime],
        registry: Callable[[], Registry],
        *,
        every_s: float = EVERY_S,
    ) -> None:
        self._mqtt_url = mqtt_url
        self._database_url = database_url
        self._prefix = prefix
        self._clock = clock
        self._registry = registry
        self._every_s = every_s
        self._seen = Seen()
        self._ears: list[tuple[Ear, Link]] = []
        self._census = offline.census(Registry())
        self._listening = Listening(())
        self._leading = False
        self._members: frozenset[str] | None = None
        self._reached_us = 0
        self._away = ""
        self._waited_s = 0.0

    def ear(self, link: Link, client: str) -> Ear:
        """The ear of one more session, which counts from now on."""
        made = Ear(link, client, self._prefix, self._seen, self._clock)
        self._ears.append((made, link))
        return made

    def leave(self, ear: Ear) -> None:
        """The session is another worker's business from now on."""
        self._ears = [(one, link) for one, link in self._ears if one is not ear]

    async def run(self) -> None:
        """Goes on until cancelled; a lost database is waited for."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beat())
            group.create_task(self._call())

    async def _beat(self) -> None:
        while True:
            for ear, _ in self._ears:
                ear.beat()
            await asyncio.sleep(self._every_s)

    async def _call(self) -> None:
        while True:
            try:
                async with RollCall(self._database_url) as rollcall:
                    while True:
                        started, self._waited_s = time.monotonic(), 0.0
                        await self._once(rollcall)
                        took = time.monotonic() - started - self._waited_s
                        metrics.health_seconds.observe(took)
                        await asyncio.sleep(max(self._every_s, took / SHARE))
            except psycopg.Error as error:
                self._lost(error)
            await asyncio.sleep(self._every_s)

    def _lost(self, error: psycopg.Error) -> None:
        """Said once per reason. What was heard meanwhile is noted, but nobody's silence counts."""
        self._leading, self._members = False, None
        metrics.listening.set(0)
        if str(error) != self._away:
            self._away = str(error)
            log.warning("health_database_away", error=str(error).strip())

    async def _once(self, rollcall: RollCall) -> None:
        """What was noted is kept; whoever leads decides."""
        now = self._clock()
        sessions = {ear.client: ear.heard for ear, _ in self._ears}
        notes = self._seen.take()  # in the same breath: a session has never heard further than what is noted
        try:
            await rollcall.keep(notes, sessions, now)
        except BaseException:
            self._seen.put_back(notes)
            raise
        self._away = ""
        if not self._leading:
            self._leading = await rollcall.leads()
            if not self._leading:
                return
            self._listening = await rollcall.listening(now)
            log.info("health_led", periods=len(self._listening.periods))
        await self._listen(rollcall, now)
        await self._judge(rollcall, now)

    async def _listen(self, rollcall: RollCall, now: datetime) -> None:
        """The listening clock has gone on, if all sessions heard, and were the same ones as the last time."""
        sessions = await rollcall.sessions(now - FORGOTTEN)
        heard = [one for one in sessions.values() if one is not None]
        whole = bool(heard) and len(heard) == len(sessions)
        members = frozenset(sessions) if whole else None
        if whole and members == self._members:
            since_us, until_us = _common(heard)
            further = self._listening.heard_on(max(since_us, self._reached_us), until_us)
            if further is not self._listening:
                await rollcall.keep_listening(*further.periods[-1])
                self._listening = further
        if whole:
            self._reached_us = _common(heard)[1]
        self._members = members
        metrics.listening.set(int(whole))

    async def _judge(self, rollcall: RollCall, now: datetime) -> None:
        """Who is offline or back is told to the desk."""
        registry = self._registry()
        if registry is not self._census.registry:
            self._census = await asyncio.to_thread(offline.census, registry)
        roll, offsets = await rollcall.roll()
        gateways = await rollcall.gateways()
        found = offline.decide(self._census, roll, gateways, self._listening)
        if found.quiet:
            found = await self._doubted(found, lambda: self._boldly(roll, gateways))
        metrics.district_quiet.set(int(found.quiet))
        metrics.clocks_off.set(int(np.count_nonzero(np.abs(offsets) > CLOCK_OFF_US)))
        found.devices.extend(await self._retired(rollcall, roll, now))
        found.gateways.extend(self._unregistered(gateways, now))
        if found.devices or found.gateways:
            await self._tell(rollcall, found, now)
        metrics.devices_offline.set(_counted(np.count_nonzero(roll.told_us > 0), found.devices))
        metrics.gateways_offline.set(_counted(sum(one.told_us > 0 for one in gateways.values()), found.gateways))

    def _boldly(self, roll: Roll, gateways: "dict[str, offline.Gateway]") -> Changes:
        return offline.decide(self._census, roll, gateways, self._listening, confirmed=True)

    async def _doubted(self, cautious: Changes, bold: Callable[[], Changes]) -> Changes:
        """Half of the district has fallen silent at once: that is told only if the broker lets others in too."""
        full = bold()
        more = len(full.devices) + len(full.gateways) - len(cautious.devices) - len(cautious.gateways)
        if not more:
            return cautious
        if await self._lets_in():
            log.error("district_silent", devices=len(full.devices), gateways=len(full.gateways))
            return full
        log.error("broker_lets_nobody_in", silent=more)
        return cautious

    async def _lets_in(self) -> bool:
        """True when the broker takes a new connection, and every session hears what is said on it."""
        link = Link(self._mqtt_url, f"firegrid-probe-{secrets.token_hex(6)}", (), session_expiry_s=0)
        running = asyncio.create_task(link.run())
        began = time.monotonic()
        try:
            async with asyncio.timeout(CONFIRM_S):
                for ear, _ in self._ears:
                    await ear.answers(link)
        except TimeoutError:
            return False
        else:
            return bool(self._ears)
        finally:
            await link.close()
            await running
            self._waited_s = time.monotonic() - began

    async def _retired(self, rollcall: RollCall, roll: Roll, now: datetime) -> list[Change]:
        """Devices told offline that are registered no more: nobody is to look for them."""
        if not np.any((roll.told_us > 0) & (offline.rows(self._census, roll.device) < 0)):
            return []
        at_us = since_1970(now)
        return [Change(code, offline=False, at_us=at_us, device=device) for device, code in await rollcall.retired()]

    def _unregistered(self, gateways: "dict[str, offline.Gateway]", now: datetime) -> list[Change]:
        known = self._census.registry.gateways
        at_us = since_1970(now)
        return [
            Change(code, offline=False, at_us=at_us)
            for code, one in gateways.items()
            if one.told_us and code not in known
        ]

    async def _tell(self, rollcall: RollCall, found: Changes, now: datetime) -> None:
        """The table has it, and the desk hears of it at once if a session is there."""
        said = notice.signals(found, self._census.registry, now)
        await rollcall.tell(said, found)
        herald = next((link for _, link in self._ears if link.online.is_set()), None)
        for one in said:
            log.info("silence_judged", signal=one.id, said=one.event, of=one.device, since=at(since_1970(one.ts)))
            if herald is not None:
                herald.publish(topic.signals(self._prefix), signal.encode(one)).add_done_callback(_heeded)


def _common(heard: "list[Heard]") -> tuple[int, int]:
    """Since when, and until when, all have heard everything; microseconds after 1970."""
    return max(since_1970(one.since) for one in heard), min(since_1970(one.until) for one in heard)


def _counted(told: int | np.intp, changes: "list[Change]") -> int:
    return int(told) + sum(1 if one.offline else -1 for one in changes)


def _heeded(done: "asyncio.Future[None]") -> None:
    """The table is the truth; a hint that was lost is swept."""
    if not done.cancelled():
        done.exception()
