"""A lane's batches become durable: in the database, or while that is away in the spool, from which they are drained."""

import asyncio
import random
import time
from asyncio import Future
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress

import structlog

from devices import signal
from ingest import metrics
from ingest.batch import Batch
from ingest.record import NotEncodable
from ingest.repeats import LIMIT, Repeats
from ingest.spool import Full, Spool
from ingest.writer import Away, Writer

log = structlog.get_logger()

PATIENCE_S = 2.0
"""How long a commit may take before the batch goes to the spool, real seconds."""

DRAIN_PATIENCE_S = 20.0
"""The same for a batch that comes from there: nobody waits for it."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
"""Between attempts, real seconds; doubled each time, of which a random half is waited. Begins anew with a success."""

WHOLE_TRIES, MOST_HALVINGS = 3, 10
"""A spooled batch that a database which answers could not take so often is stored by halves, then by quarters, and so
on: what is too much for one transaction must not stop what is behind it."""

AGAIN_S, AGAIN_MOST = 5.0, 1_000
"""How often signals of spooled batches are said again, real seconds; so many at a time, the others next time."""


class Keeper:
    """Keeps batches in the database at `database_url`, or in `spool`.

    `say` publishes a signal; its future is done when the broker has it. `name` is what metrics and logs call the spool.
    `open` comes first; `tend` must be running for the spool to be drained and an outage to end.
    """

    def __init__(
        self, lane: str, name: str, database_url: str, spool: Spool, say: Callable[[bytes], Future[None]]
    ) -> None:
        self._lane, self._name = lane, name
        self._spool = spool
        self._say = say
        self._writer, self._drainer = Writer(database_url), Writer(database_url)
        self._repeats = Repeats()
        self._away = ""
        self._trouble = ""
        self._pause = FIRST_PAUSE_S
        self._tries = 0
        self._work = asyncio.Event()
        self._changed = asyncio.Event()
        self._log = log.bind(spool=name)

    async def open(self) -> None:
        """What an earlier worker left in the spool is known.

        Raises OSError, record.Newer.
        """
        for number, signals in await asyncio.to_thread(self._spool.open, LIMIT):
            self._repeats.hold(number, signals)
        metrics.watch_spool(self._name, self._spool)
        self._work.set()

    async def keep(self, batch: Batch, told: Sequence[Future[None]]) -> None:
        """Everything in `batch` is durable: committed, or fsynced in the spool and its signals with the broker.

        `told` are the publications of its signals. Waits for as long as neither can be had.
        """
        if not len(batch):
            return  # a session's own pulses, the desk's watch sets
        pause = FIRST_PAUSE_S
        while True:
            if not self._away and await self._stored(batch):
                return
            if (number := await self._spooled(batch)) is not None:
                await self._heard(number, batch, told)
                return
            self._changed.clear()
            await _at_most(pause, self._changed.wait())
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def tend(self) -> None:
        """Until cancelled: the spool is drained, an outage's end is found out, spooled signals are said again."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._mend())
            group.create_task(self._repeat())

    async def close(self) -> None:
        """Connections and files are closed; what is in the spool stays there."""
        metrics.forget_spool(self._name)
        await self._writer.close()
        await self._drainer.close()
        await asyncio.to_thread(self._spool.close)

    async def _stored(self, batch: Batch) -> bool:
        started = time.monotonic()
        try:
            stored = await self._writer.store(batch, PATIENCE_S)
        except Away as error:
            self._gone(str(error))
            return False
        self._pause = FIRST_PAUSE_S
        metrics.commit_seconds.labels(self._lane).observe(time.monotonic() - started)
        metrics.count_stored(stored)
        return True

    async def _spooled(self, batch: Batch) -> int | None:
        """The number of its record, or None: there is no room, or the disk has its own troubles."""
        started = time.monotonic()
        try:
            number = await asyncio.to_thread(self._spool.append, batch)
        except Full as error:
            self._troubled("spool_full", str(error))
        except (OSError, NotEncodable) as error:
            self._troubled("spool_not_written", str(error))
            metrics.spool_errors.labels(self._name).inc()
        else:
            self._well()
            metrics.spool_seconds.labels(self._name).observe(time.monotonic() - started)
            metrics.count_spooled(self._name, batch)
            if not self._repeats.hold(number, [signal.encode(each) for each in batch.signals]):
                self._log.warning("signals_said_only_once", held=len(self._repeats))
            self._work.set()
            return number
        return None

    async def _heard(self, number: int, batch: Batch, told: Sequence[Future[None]]) -> None:
        """The broker has the signals of the spooled `batch`, or the database has it by now."""
        while told and self._spool.last_drained < number:
            results = asyncio.gather(*told, return_exceptions=True)
            while not results.done() and self._spool.last_drained < number:
                await asyncio.wait((results,), timeout=0.2)
            if not results.done() or not any(results.result()):
                return
            self._log.warning("signals_said_anew", signals=len(batch.signals))
            self._changed.clear()
            await _at_most(LONGEST_PAUSE_S, self._changed.wait())
            told = [self._say(signal.encode(each)) for each in batch.signals]

    async def _mend(self) -> None:
        """The spool is drained in order; while the database is away it is asked now and then."""
        asking = False
        while True:
            await self._work.wait()
            try:
                if self._away or asking:
                    await self._drainer.answers(PATIENCE_S)
                    asking = False
                    self._back()
                if not await self._drain_one():
                    self._work.clear()
                    await self._drainer.close()
            except (Away, OSError) as error:
                asking = True
                if isinstance(error, OSError):
                    self._troubled("spool_not_read", str(error))
                    metrics.spool_errors.labels(self._name).inc()
                await asyncio.sleep(self._pause * random.uniform(0.5, 1.0))  # noqa: S311 (jitter is no secret)
                self._pause = min(self._pause * 2, LONGEST_PAUSE_S)

    async def _drain_one(self) -> bool:
        """The oldest batch in the spool is in the database; False when there is none."""
        spooled = await asyncio.to_thread(self._spool.take)
        if spooled is None:
            return False
        self._tries += 1
        for part in _parts(spooled.batch, self._tries):
            metrics.count_stored(await self._drainer.store(part, DRAIN_PATIENCE_S))
        self._tries = 0
        await asyncio.to_thread(self._spool.drained, spooled)
        self._pause = FIRST_PAUSE_S
        self._repeats.forget(spooled.number)
        self._changed.set()
        if not self._spool.waiting.records:
            self._log.info("spool_drained")
        return True

    async def _repeat(self) -> None:
        """Signals in the spool are said at once, then every AGAIN_S; while the broker is away nothing is added."""
        while True:
            said = [self._say(each) for each in self._repeats.some(AGAIN_MOST)]
            if said:
                await asyncio.wait(said)
                _look_at(said)
            await asyncio.sleep(AGAIN_S)

    def _gone(self, reason: str) -> None:
        if not self._away:
            self._log.warning("database_away", error=reason)
        self._away = reason
        self._work.set()

    def _back(self) -> None:
        if self._away:
            self._log.info("database_back")
        self._away = ""
        self._changed.set()

    def _troubled(self, event: str, reason: str) -> None:
        """Said once per kind."""
        if event != self._trouble:
            self._trouble = event
            self._log.error(event, error=reason)

    def _well(self) -> None:
        if self._trouble:
            self._log.info("spool_well_again", was=self._trouble)
            self._trouble = ""


def _parts(batch: Batch, tries: int) -> list[Batch]:
    """`batch` whole, or from the try after WHOLE_TRIES on in ever more parts of about one size; none is empty."""
    parts = 2 ** min(MOST_HALVINGS, max(0, tries - WHOLE_TRIES))
    step = max(1, -(-len(batch) // parts))
    return [batch.part(start, start + step) for start in range(0, len(batch), step)]


async def _at_most(seconds: float, waiting: Coroutine[None, None, object]) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(waiting, seconds)


def _look_at(done: Sequence[Future[None]]) -> None:
    """Their exceptions count as seen; what failed is said again anyway."""
    for each in done:
        if not each.cancelled():
            each.exception()
