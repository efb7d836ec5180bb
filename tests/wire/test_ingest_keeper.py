"""The database goes away, freezes, answers no more, comes back; the disk fills: a keeper keeps all the same."""

import asyncio
import contextlib
import os
import subprocess
import time
from asyncio import Future
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psycopg
import pytest
from proxy import Proxy

from devices import signal
from devices.model import Kind
from devices.profile import CANONICAL
from devices.signal import Signal
from ingest import keeper as keepers
from ingest import record
from ingest.batch import Batch
from ingest.columns import Columns
from ingest.keeper import Keeper
from ingest.rejection import Reason, Rejection
from ingest.spool import SPOOL_BYTES, Spool
from ingest.value import since_1970

NOW = datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)
SECOND = 1_000_000


def readings(first: int, count: int = 10) -> Batch:
    """Readings with seq `first`, `first` + 1, …"""
    seq = np.arange(first, first + count)
    received = np.full(count, since_1970(NOW))
    values = np.full((count, len(CANONICAL[Kind.SMOKE])), 0.01)
    return Batch(
        {Kind.SMOKE: Columns(Kind.SMOKE, received + seq * 1000, np.ones(count, np.int32), seq, received, values)}
    )


def fire(number: int) -> Batch:
    """A signal alone; the row of its event is not what these tests are about."""
    one = Signal(id=f"e:{number}", gateway="G", device="D", place="P", ts=NOW, received_at=NOW, event="fire")
    return Batch(signals=[one])


class Deaf(Proxy):
    """Can let through what goes to the server and swallow its answers, from the word `deaf_from` on."""

    deaf, deaf_from = False, b""

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, notes: bytearray) -> None:
        answers = not any(notes is each for each in self.sent)
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                self.deaf = self.deaf or (self.deaf_from != b"" and not answers and self.deaf_from in data)
                if not (self.swallowing or (answers and self.deaf)):
                    sink.write(data)
                    await sink.drain()
        sink.close()


class House:
    """A keeper before a database that can be taken away, and what it said."""

    def __init__(self, database: str, folder: Path, proxy: Deaf) -> None:
        self.database, self.folder, self.proxy = database, folder, proxy
        self.said: list[bytes] = []
        self.broker_answers = True
        self.unanswered: list[Future[None]] = []

    def away(self) -> None:
        self.proxy.refusing = True
        self.proxy.cut()

    def back(self) -> None:
        self.proxy.refusing = self.proxy.swallowing = self.proxy.deaf = False
        self.proxy.deaf_from = b""

    def say(self, data: bytes) -> Future[None]:
        self.said.append(data)
        done: Future[None] = asyncio.get_running_loop().create_future()
        if self.broker_answers:
            done.set_result(None)
        else:
            self.unanswered.append(done)
        return done

    @asynccontextmanager
    async def keeping(self, limit: int = SPOOL_BYTES, reserve: int = 0) -> AsyncIterator[Keeper]:
        port = psycopg.conninfo.conninfo_to_dict(self.database)["port"]
        url = self.database.replace(f":{port}/", f":{self.proxy.port}/")
        self.spool = Spool(self.folder, limit, reserve)
        one = Keeper("telemetry", "slot-0/telemetry", url, self.spool, self.say)
        await one.open()
        tending = asyncio.create_task(one.tend())
        try:
            yield one
        finally:
            tending.cancel()
            await asyncio.wait((tending,))
            await one.close()

    def ask(self, query: str) -> list[tuple]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(query).fetchall()

    async def until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)

    async def drained(self, count: int) -> None:
        """The table holds exactly the readings 0 … `count` - 1, and the spool nothing."""
        await self.until(lambda: self.spool.waiting.records == 0)
        query = "SELECT count(*), count(DISTINCT seq), min(seq), max(seq) FROM readings_smoke"
        assert self.ask(query) == [(count, count, 0, count - 1)]
        assert list(self.folder.glob("*.segment")) == []


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[House]:
    proxy = Deaf(int(psycopg.conninfo.conninfo_to_dict(database)["port"]))
    async with proxy.running():
        yield House(database, tmp_path / "spool", proxy)


async def test_with_the_database_there_nothing_is_spooled(house: House) -> None:
    async with house.keeping() as keeper:
        for number in range(5):
            await keeper.keep(readings(number * 10), [])
        assert house.ask("SELECT count(*) FROM readings_smoke") == [(50,)]
        assert list(house.folder.glob("*.segment")) == []


async def test_what_holds_nothing_needs_neither_database_nor_disk(house: House) -> None:
    async with house.keeping() as keeper:
        house.away()
        await keeper.keep(Batch(), [])
        assert house.spool.waiting.records == 0


async def test_while_the_database_is_away_batches_are_on_disk_and_afterwards_in_it_once(house: House) -> None:
    async with house.keeping() as keeper:
        await keeper.keep(readings(0), [])
        house.away()
        for number in range(1, 30):
            await keeper.keep(readings(number * 10), [])
        assert house.spool.waiting.records == 29
        assert house.ask("SELECT count(*) FROM readings_smoke") == [(10,)]
        house.back()
        await house.drained(300)
        await keeper.keep(readings(300), [])
        await house.drained(310)


async def test_once_it_is_back_new_batches_go_straight_to_it_beside_the_draining(house: House) -> None:
    async with house.keeping() as keeper:
        house.away()
        for number in range(100):
            await keeper.keep(readings(number * 10), [])
        house.back()
        number, straight = 100, 0
        while house.spool.waiting.records and number < 1000:
            before = house.spool._number
            await keeper.keep(readings(number * 10), [])
            straight += house.spool._number == before and house.spool.waiting.records > 0
            number += 1
        assert straight > 0
        await house.drained(number * 10)


async def test_a_frozen_database_keeps_nobody_waiting_for_good(house: House) -> None:
    async with house.keeping() as keeper:
        await keeper.keep(readings(0), [])
        house.proxy.swallowing = True
        for number in range(1, 10):
            await keeper.keep(readings(number * 10), [])
        assert house.spool.waiting.records == 9
        house.proxy.cut()  # what it swallowed is gone for ever
        house.back()
        await house.drained(100)


async def test_a_commit_in_doubt_is_stored_once(house: House) -> None:
    async with house.keeping() as keeper:
        await keeper.keep(readings(0), [])
        house.proxy.deaf_from = b"COMMIT"
        await keeper.keep(readings(10), [])
        assert house.spool.waiting.records == 1
        assert house.ask("SELECT count(*) FROM readings_smoke") == [(20,)]  # and nobody has told the keeper
        house.proxy.cut()
        house.back()
        await house.drained(20)


@contextlib.contextmanager
def locked(database: str, table: str) -> Iterator[None]:
    with psycopg.connect(database) as connection:
        connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield


async def test_a_table_that_is_locked_for_long_costs_no_reading_and_doubles_none(house: House) -> None:
    async with house.keeping() as keeper:
        with locked(house.database, "readings_smoke"):
            for number in range(3):
                await keeper.keep(readings(number * 10), [])
            assert house.spool.waiting.records == 3
        await house.drained(30)


async def test_a_spooled_batch_is_kept_once_the_broker_has_its_signals_too(house: House) -> None:
    async with house.keeping() as keeper:
        house.away()
        told: Future[None] = asyncio.get_running_loop().create_future()
        keeping = asyncio.create_task(keeper.keep(fire(1), [told]))
        await house.until(lambda: house.spool.waiting.records == 1)
        _, waiting = await asyncio.wait((keeping,), timeout=0.5)
        assert waiting
        told.set_result(None)
        await asyncio.wait_for(keeping, 5)


async def test_a_signal_the_broker_would_not_take_is_said_anew(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepers, "LONGEST_PAUSE_S", 0.05)
    monkeypatch.setattr(keepers, "AGAIN_S", 3600)
    async with house.keeping() as keeper:
        house.away()
        told: Future[None] = asyncio.get_running_loop().create_future()
        told.set_exception(ValueError("refused"))
        await keeper.keep(fire(1), [told])
        assert [signal.decode(each).id for each in house.said] == ["e:1"]


async def test_the_database_is_as_good_as_the_broker_for_a_signal(house: House) -> None:
    async with house.keeping() as keeper:
        house.away()
        never: Future[None] = asyncio.get_running_loop().create_future()
        keeping = asyncio.create_task(keeper.keep(fire(1), [never]))
        await house.until(lambda: house.spool.waiting.records == 1)
        house.back()
        await asyncio.wait_for(keeping, 10)
        assert house.ask("SELECT id FROM signals") == [("e:1",)]


async def test_a_worker_that_starts_without_the_database_says_what_an_earlier_one_left(house: House) -> None:
    house.away()
    async with house.keeping() as keeper:
        for number in (1, 2):
            await keeper.keep(fire(number), [])
        await keeper.keep(readings(0), [])
    house.said.clear()
    async with house.keeping():
        await house.until(lambda: len(house.said) == 2)
        assert [signal.decode(each).id for each in house.said] == ["e:1", "e:2"]
        house.back()
        await house.drained(10)
        assert house.ask("SELECT count(*), count(DISTINCT id) FROM signals") == [(2, 2)]


async def test_spooled_signals_are_said_again_until_the_database_has_them(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keepers, "AGAIN_S", 0.05)
    async with house.keeping() as keeper:
        house.away()
        await keeper.keep(fire(1), [])
        await house.until(lambda: len(house.said) > 3)
        house.broker_answers = False
        await house.until(lambda: len(house.unanswered) == 1)
        said = len(house.said)
        await asyncio.sleep(0.3)
        assert len(house.said) == said  # while the broker is away nothing piles up for it
        house.broker_answers = True
        house.unanswered[0].set_result(None)
        house.back()
        await house.until(lambda: house.spool.waiting.records == 0)
        await asyncio.sleep(0.2)
        said = len(house.said)
        await asyncio.sleep(0.3)
        assert len(house.said) == said


async def test_a_full_spool_makes_the_keeper_wait_and_loses_nothing(house: House) -> None:
    size = len(record.encode(readings(0), 1))
    async with house.keeping(limit=10 * size) as keeper:
        house.away()
        for number in range(10):
            await keeper.keep(readings(number * 10), [])
        keeping = asyncio.create_task(keeper.keep(readings(100), []))
        _, waiting = await asyncio.wait((keeping,), timeout=1)
        assert waiting
        assert sum(path.stat().st_size for path in house.folder.iterdir()) <= 10 * size + 12
        house.back()
        await asyncio.wait_for(keeping, 10)
        await house.drained(110)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk of its own")
    mounting = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if mounting.returncode != 0:
        pytest.skip(f"no disk of its own may be mounted here: {mounting.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


async def test_a_full_disk_is_survived_and_nothing_kept_is_lost(house: House, small_disk: Path) -> None:
    house.folder = small_disk / "spool"
    async with house.keeping() as keeper:
        house.away()
        kept = 0
        while True:
            keeping = asyncio.create_task(keeper.keep(readings(kept * 100, 100), []))
            _, waiting = await asyncio.wait((keeping,), timeout=1)
            if waiting:
                break
            kept += 1
        assert kept > 10
        assert os.statvfs(small_disk).f_bavail < 10
        whole = Spool(house.folder, SPOOL_BYTES)
        whole.open()
        assert whole.waiting.records == kept
        house.back()
        await asyncio.wait_for(keeping, 10)
        await house.drained((kept + 1) * 100)


async def test_what_the_database_refuses_of_a_spooled_batch_is_quarantined_and_the_rest_stored(house: House) -> None:
    with psycopg.connect(house.database, autocommit=True) as connection:
        connection.execute("ALTER TABLE readings_smoke ADD CHECK (seq <> 13)")
    async with house.keeping() as keeper:
        house.away()
        for number in range(3):
            await keeper.keep(readings(number * 10), [])
        house.back()
        await house.until(lambda: house.spool.waiting.records == 0)
        assert house.ask("SELECT count(*), count(*) FILTER (WHERE seq = 13) FROM readings_smoke") == [(29, 0)]
        assert house.ask("SELECT reason, count(*) FROM quarantine GROUP BY 1") == [("database", 1)]


async def test_refused_items_come_through_the_spool(house: House) -> None:
    late = since_1970(NOW - timedelta(hours=1))
    refused = [Rejection(Reason.NOT_JSON, "no", "G", "t", None, bytes(range(256)), late) for _ in range(3)]
    async with house.keeping() as keeper:
        house.away()
        await keeper.keep(Batch(rejections=refused), [])
        house.back()
        await house.until(lambda: house.spool.waiting.records == 0)
        assert house.ask("SELECT count FROM quarantine_counts") == [(3,)]
        assert house.ask("SELECT DISTINCT payload FROM quarantine") == [(bytes(range(256)),)]


async def test_what_is_too_much_for_one_transaction_goes_in_parts_and_stops_nothing_behind_it(house: House) -> None:
    async with house.keeping() as keeper:
        house.away()
        await keeper.keep(readings(0, 64), [])
        await keeper.keep(readings(64, 6), [])
        with psycopg.connect(house.database, autocommit=True) as connection:
            # a statement trigger that fails as a server short of memory does: with more than 16 rows at a time
            connection.execute("""
                CREATE FUNCTION scarce() RETURNS trigger LANGUAGE plpgsql AS $$
                DECLARE many bigint;
                BEGIN
                    SELECT count(*) INTO many FROM readings_smoke WHERE seq < 64 AND xmin = pg_current_xact_id()::xid;
                    IF many > 16 THEN RAISE out_of_memory; END IF;
                    RETURN NULL;
                END $$;
                CREATE TRIGGER scarce AFTER INSERT ON readings_smoke FOR EACH STATEMENT EXECUTE FUNCTION scarce()
            """)
        house.back()
        await house.drained(70)
