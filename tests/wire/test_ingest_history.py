"""Rollups against what numpy makes of the same readings; retention; two runners; what comes late."""

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta
from math import isclose

import numpy as np
import past
import psycopg
import pytest

from devices.model import Kind
from ingest import columns, edition, history
from ingest.batch import Batch
from ingest.columns import Columns
from ingest.value import since_1970
from ingest.writer import Writer

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _readings(kind: Kind, devices: list[int], start: datetime, end: datetime, many: int, seed: int) -> Columns:
    """Distinct times, random devices."""
    dice = np.random.default_rng(seed)
    ts_us = dice.choice((end - start) // timedelta(milliseconds=1), many, replace=False) * 1000 + since_1970(start)
    return past.columns(kind, dice.choice(devices, many).astype(np.int32), np.sort(ts_us), seed)


async def _store(url: str, *batches: Columns) -> None:
    writer = Writer(url)
    for each in batches:
        await writer.store(Batch({each.kind: each}), 60)
    await writer.close()


def _is_as_computed(url: str, *batches: Columns, until: dict[str, datetime]) -> None:
    """Every rollup holds exactly what its readings before `until[level]` make."""
    readings = columns.joined(batches[0].kind, batches)
    with psycopg.connect(url) as connection:
        for level, before in until.items():
            wanted = past.expected(readings.where(readings.ts_us < since_1970(before)), level)
            there = past.stored(connection, readings.kind, level)
            assert there.keys() == wanted.keys(), level
            for key, row in wanted.items():
                assert there[key].keys() == row.keys()
                for name, value in row.items():
                    found = there[key][name]
                    same = found == value or (None not in (found, value) and isclose(found, value, rel_tol=1e-12))
                    assert same, (level, key, name, found, value)


@pytest.mark.parametrize("kind", Kind)
async def test_minutes_hours_and_days_are_what_their_readings_make_absent_values_left_out(database, kind):
    with psycopg.connect(database) as connection:
        devices = past.devices(connection, 7, kind)
    readings = _readings(kind, devices, NOON - timedelta(hours=40), NOON + timedelta(minutes=40), 3000, 1)
    await _store(database, readings)
    await past.rolled_up(database, NOON + timedelta(minutes=40))
    midnight = NOON.replace(hour=0)
    _is_as_computed(database, readings, until={"1m": NOON, "1h": midnight, "1d": midnight})
    await past.rolled_up(database, NOON + timedelta(hours=13))
    after = NOON + HOUR
    _is_as_computed(database, readings, until={"1m": after, "1h": after, "1d": after})


async def test_what_comes_late_is_rolled_up_all_the_same(database):
    with psycopg.connect(database) as connection:
        devices = past.devices(connection, 5)
    first = _readings(Kind.SMOKE, devices, NOON - timedelta(hours=30), NOON, 1000, 2)
    await _store(database, first)
    await past.rolled_up(database, NOON + HOUR)
    late = _readings(Kind.SMOKE, devices[:3], NOON - timedelta(days=9), NOON + HOUR, 600, 3)
    again = late.where(slice(100, 300))
    await _store(database, late, again)
    with psycopg.connect(database) as connection:
        marks = connection.execute("SELECT count(*), count(DISTINCT device) FROM rollups_late").fetchone()
    assert marks[0] > 100
    assert marks[1] == 3
    await past.rolled_up(database, NOON + HOUR)
    midnight = NOON.replace(hour=0)
    _is_as_computed(database, first, late, until={"1m": NOON, "1h": midnight, "1d": midnight})
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM rollups_late").fetchone() == (0,)


async def test_a_reading_in_a_transaction_that_began_before_its_hour_was_closed_is_not_missed(database):
    """It is not marked as late; so nothing is rolled up until its transaction has ended."""
    with psycopg.connect(database) as connection:
        device = past.devices(connection, 1)[0]
    first = past.columns(Kind.SMOKE, np.array([device], np.int32), np.array([since_1970(NOON)]), 4)
    await _store(database, first)
    slow = await psycopg.AsyncConnection.connect(database)
    at = NOON + timedelta(minutes=5)
    await slow.execute(
        "INSERT INTO readings_smoke (ts, device, seq, received_at, smoke_db_m) VALUES (%s, %s, 1, %s, 1.5)",
        (at, device, at),
    )
    await past.rolled_up(database, NOON + 2 * HOUR)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM smoke_1m").fetchone() == (0,)
        told = connection.execute("SELECT late_before FROM rollups WHERE kind = 'smoke'").fetchone()
        assert told == (NOON + HOUR,)
    await slow.commit()
    await slow.close()
    await past.rolled_up(database, NOON + 2 * HOUR)
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT bucket FROM smoke_1m ORDER BY 1").fetchall()
    assert [row[0] for row in rows] == [NOON, at]


async def test_a_batch_whose_hour_is_closed_while_it_waits_to_be_written_is_marked_as_late(database):
    with psycopg.connect(database) as connection:
        devices = past.devices(connection, 2)
    first = past.columns(Kind.SMOKE, np.array(devices[:1], np.int32), np.array([since_1970(NOON)]), 13)
    second = past.columns(Kind.SMOKE, np.array(devices[1:], np.int32), np.array([since_1970(NOON)]), 14)
    await _store(database, first)
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as watcher:
        async with watcher.transaction():
            await watcher.execute("LOCK TABLE readings_smoke IN SHARE MODE")
            storing = asyncio.create_task(_store(database, second))
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'readings_smoke'::regclass"
            while await (await watcher.execute(waiting)).fetchone() == (0,):  # noqa: ASYNC110 (a server has no event)
                await asyncio.sleep(0.01)
            await past.rolled_up(database, NOON + 2 * HOUR)
        await storing
    await past.rolled_up(database, NOON + 2 * HOUR)
    _is_as_computed(database, first, second, until={"1m": NOON + HOUR})


async def test_stopped_anywhere_it_goes_on_where_it_was(database):
    """A runner that does one step and is gone, again and again, leaves the same as one that goes on."""
    with psycopg.connect(database) as connection:
        devices = past.devices(connection, 150)
    readings = _readings(Kind.SMOKE, devices, NOON - timedelta(hours=14), NOON - timedelta(hours=9), 600, 5)
    await _store(database, readings)
    count = 0
    for _ in range(500):
        connection = await history.connected(database)
        async with connection:
            roller = history.steps(connection, past.KEEP)[list(Kind).index(Kind.SMOKE)]
            done = await roller(NOON + HOUR)
            # what follows is undone by the connection's end
            async with connection.transaction(force_rollback=True):
                await roller(NOON + HOUR)
        count += done
        if not done:
            break
    else:
        pytest.fail("it never came to an end")
    assert count > 15
    midnight = NOON.replace(hour=0)
    _is_as_computed(database, readings, until={"1m": NOON, "1h": midnight, "1d": midnight})


async def test_of_two_runners_one_waits_and_takes_over_when_the_other_is_gone(database):
    first, second = await history.connected(database), await history.connected(database)
    assert await history.alone(first)
    assert not await history.alone(second)
    await first.close()
    await second.execute("SELECT pg_advisory_lock(%s)", (history.LOCK,))  # waits for the end of the first
    assert await history.alone(second)
    await second.close()


async def test_readings_are_stored_while_they_are_rolled_up_and_all_are_counted(database):
    with psycopg.connect(database) as connection:
        devices = past.devices(connection, 20)
    batches = [
        _readings(Kind.SMOKE, devices, NOON - timedelta(hours=3), NOON + timedelta(minutes=10), 300, 10 + n)
        for n in range(20)
    ]
    clock = iter(NOON + timedelta(minutes=10 * n) for n in range(-10, 1000))
    runner = asyncio.create_task(history.run(database, lambda: min(next(clock), NOON + HOUR), past.KEEP))
    for each in batches:
        await _store(database, each)
    runner.cancel()
    await asyncio.wait({runner})
    with psycopg.connect(database) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (history.LOCK,))  # the runner's connection has ended
    await past.rolled_up(database, NOON + HOUR)
    _is_as_computed(database, *batches, until={"1m": NOON, "1h": NOON.replace(hour=0), "1d": NOON.replace(hour=0)})


async def test_nothing_is_dropped_before_it_is_rolled_up_and_then_whole_chunks_by_age(database):
    with psycopg.connect(database) as connection:
        devices = past.devices(connection, 2)
    old = NOON - timedelta(days=100)
    readings = _readings(Kind.SMOKE, devices, old, old + timedelta(days=1), 50, 6)
    new = _readings(Kind.SMOKE, devices, NOON - timedelta(days=1), NOON, 50, 7)
    odd = past.columns(Kind.SMOKE, np.array(devices, np.int32), np.array([5_000_000, 6_000_000]), 8)
    misdated = dataclasses.replace(odd, received_us=np.array([since_1970(old), since_1970(NOON)]))
    await _store(database, readings, new, misdated)
    runner = await history.connected(database)
    async with runner:
        retention = history.steps(runner, past.KEEP)[-1]
        await retention(NOON)
        with psycopg.connect(database) as connection:
            assert connection.execute("SELECT count(*) FROM readings_smoke").fetchone() == (100,)
    await past.rolled_up(database, NOON)
    with psycopg.connect(database) as connection:
        kept = connection.execute("SELECT min(ts), count(*) FROM readings_smoke").fetchone()
        assert kept[1] == 50
        assert connection.execute(
            "SELECT count(*) FROM smoke_1m WHERE bucket < %s", (old + timedelta(days=2),)
        ).fetchone()
        assert connection.execute("SELECT sum(count) FROM smoke_1h").fetchone()[0] >= 50
        assert connection.execute("SELECT seq FROM readings_misdated").fetchall() == [(1,)]
        kept_from = connection.execute("SELECT raw_from, minutes_from FROM rollups WHERE kind = 'smoke'").fetchone()
        assert kept_from == (NOON - timedelta(days=90),) * 2


async def test_a_device_whose_values_cannot_be_added_up_is_left_out_and_the_others_are_not(database):
    with psycopg.connect(database) as connection:
        devices = past.devices(connection, 9)
    readings = _readings(Kind.SMOKE, devices, NOON - HOUR, NOON, 900, 9)
    readings.values[readings.device == devices[4]] = 1.7e308
    await _store(database, readings)
    await past.rolled_up(database, NOON + HOUR)
    _is_as_computed(database, readings.where(readings.device != devices[4]), until={"1m": NOON})


@pytest.mark.parametrize("kind", Kind)
async def test_what_the_community_edition_is_asked_for_is_what_the_tables_hold(database, kind):
    with psycopg.connect(database) as connection:
        devices = past.devices(connection, 3, kind)
    midnight = NOON.replace(hour=0)
    await _store(database, _readings(kind, devices, midnight - timedelta(days=1), midnight, 500, 11))
    await past.rolled_up(database, NOON)
    with psycopg.connect(database) as connection:
        for level in ("1m", "1h", "1d"):
            table = connection.execute(f"SELECT * FROM {kind}_{level} ORDER BY 1, 2")
            asked = connection.execute(f"SELECT * FROM ({edition.selection(kind, level)}) AS a ORDER BY 1, 2")
            assert [(each.name, each.type_code) for each in asked.description] == [
                (each.name, each.type_code) for each in table.description
            ]
            rows, wanted = asked.fetchall(), table.fetchall()
            assert len(rows) == len(wanted) > 0
            for row, want in zip(rows, wanted, strict=True):
                assert row[:4] == want[:4]
                for value, there in zip(row[4:], want[4:], strict=True):
                    assert value == there or isclose(value, there, rel_tol=1e-12)


async def test_steps_of_the_community_edition_that_fail_leave_everything_as_it_was(database):
    """Here they must fail: this is the Apache edition."""
    connection = await history.connected(database)
    async with connection:
        await edition.settle(connection)
        await edition.adopt(connection)
    with psycopg.connect(database) as asked:
        kinds = asked.execute(
            "SELECT DISTINCT relkind FROM pg_class WHERE relname ~ '^(smoke|electrical)_1[mhd]$' AND relkind <> 'i'"
        ).fetchall()
        assert kinds == [("r",)]
        devices = past.devices(asked, 2)
        asked.commit()
    readings = _readings(Kind.SMOKE, devices, NOON - HOUR, NOON, 50, 12)
    await _store(database, readings)
    await past.rolled_up(database, NOON + HOUR)
    _is_as_computed(database, readings, until={"1m": NOON})
