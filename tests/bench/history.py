"""A device's day, month and year over HTTP, beside tens of millions of readings, rolled up by the runner itself."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import numpy as np
import past
import psycopg
import structlog
from figure import Figure, at_most, percentile
from psycopg.rows import TupleRow
from system import BenchTrouble, System

from devices import instant
from devices.model import Kind
from devices.profile import CANONICAL
from ingest import image, late
from ingest.columns import Columns
from ingest.statements import statement
from ingest.value import since_1970

DAY = timedelta(days=1)
KEPT_DAYS, YEAR_DAYS = 90, 366
EVERY_S, BEFORE_EVERY_S = 20, 60
"""Between a device's readings: in the days that are kept, and in the rest of the year (of the devices asked for)."""

SHARES = {Kind.SMOKE: 3, Kind.ELECTRICAL: 1}
ABSENT = {Kind.SMOKE: (2, 5), Kind.ELECTRICAL: (4, 10, 11, 12, 13)}
"""Columns these devices do not have, by place."""

ASKED = 4
"""Devices of each kind that are asked for, and have a whole year."""

RANGES = {"24 h": DAY, "30 days": 30 * DAY, "a year": 365 * DAY}
LIMIT = at_most(50, "≤ 50 ms")


def run(system: System, readings: int, requests: int, say: Callable[[str], None]) -> list[Figure]:
    """The figures; `system` runs its servers and has a registry, and is given about so many readings."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    chosen = _chosen(system, readings)
    now = datetime.now(UTC)
    began = time.monotonic()
    rows = 0
    with psycopg.connect(system.postgres.url(), autocommit=True) as connection:
        for columns in _days(chosen, now):
            _copy(connection, columns)
            rows += len(columns)
    copied_s = time.monotonic() - began
    say(f"{rows:,} readings copied in {copied_s:.0f} s")
    began = time.monotonic()
    asyncio.run(past.rolled_up(system.postgres.url(), now))
    rolled_s = time.monotonic() - began
    say(f"rolled up in {rolled_s:.0f} s; {_sizes(system)}")
    there = int(
        system.query("SELECT (SELECT count(*) FROM readings_smoke) + (SELECT count(*) FROM readings_electrical)")
    )
    say(f"{there:,} readings are kept")
    system.postgres.stop()  # its buffers are empty again; the machine's file cache is not
    system.postgres.start()
    system.postgres.wait()
    system.control()
    codes = {
        kind: [str(system.query("SELECT code FROM devices WHERE id = %s", one)) for one in own[:ASKED]]
        for kind, own in chosen.items()
    }
    figures = []
    with httpx.Client(
        base_url=f"http://127.0.0.1:{system.http_port}",
        headers={"Authorization": f"Bearer {system.command('token', '--role', 'command').strip()}"},
        trust_env=False,
        timeout=60,
    ) as http:
        for kind, own in codes.items():
            for words, back in RANGES.items():
                took = [_ask(http, own[n % len(own)], now, back) for n in range(requests)]
                remark = (
                    f"the first, with the database just started, {took[0]:.0f} ms; p99 {percentile(took, 0.99):.0f} ms"
                )
                name = f"{words} of an {kind} device" if kind is Kind.ELECTRICAL else f"{words} of a {kind} device"
                figures.append(Figure(f"{name} beside {there:,} readings", took, "ms", 1, LIMIT, remark=remark))
                say(f"{name}: {figures[-1].median():.1f} ms, {remark}")
    rate = Figure(
        "readings/s rolled up into minutes, hours and days", [rows / rolled_s], remark="catching up, no pauses"
    )
    return [*figures, rate]


def _chosen(system: System, readings: int) -> dict[Kind, list[int]]:
    """Ids of the devices that send, so many that about `readings` are kept."""
    each = KEPT_DAYS * 86_400 // EVERY_S
    chosen = {}
    with psycopg.connect(system.postgres.url()) as connection:
        for kind, share in SHARES.items():
            many = max(ASKED, round(readings / each * share / sum(SHARES.values())))
            rows = connection.execute("SELECT id FROM devices WHERE kind = %s ORDER BY id LIMIT %s", (kind, many))
            chosen[kind] = [row[0] for row in rows]
            if len(chosen[kind]) < many:
                raise BenchTrouble(f"{many} {kind} devices are needed, the registry has {len(chosen[kind])}")
    return chosen


def _days(chosen: dict[Kind, list[int]], now: datetime) -> Iterator[Columns]:
    """Readings of a day and kind, oldest day first, in the order in which they arrive."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(YEAR_DAYS, -1, -1):
        start = midnight - back * DAY
        kept = now - start < (KEPT_DAYS + 1) * DAY
        for number, (kind, devices) in enumerate(chosen.items()):
            columns = _day(
                kind, devices if kept else devices[:ASKED], since_1970(start), EVERY_S if kept else BEFORE_EVERY_S,
                seed=back * 10 + number,
            )  # fmt: skip
            yield columns.where(columns.ts_us < since_1970(now))


def _day(kind: Kind, devices: list[int], start_us: int, every_s: int, seed: int) -> Columns:
    dice = np.random.default_rng(seed)
    times = start_us + np.arange(86_400 // every_s, dtype=np.int64) * every_s * 1_000_000
    offsets = dice.integers(0, every_s * 1_000_000, len(devices))
    ts_us = (times[:, None] + np.sort(offsets)[None, :]).ravel()
    device = np.tile(np.array(devices, np.int32), len(times))
    values = dice.normal(20, 3, (len(ts_us), len(CANONICAL[kind]))).round(2)  # as fine as sensors say it
    values[:, ABSENT[kind]] = np.nan
    values[dice.random(len(ts_us)) < 0.5, 0] = np.nan
    seq = np.arange(len(ts_us), dtype=np.int64)
    return Columns(kind, ts_us, device, seq, ts_us + 300_000, values)


def _copy(connection: psycopg.Connection[TupleRow], columns: Columns) -> None:
    """As ingest stores a batch, and no reading late, for nothing has been rolled up yet."""
    if not len(columns):
        return
    with connection.transaction(), connection.cursor() as cursor:
        with cursor.copy(statement(f"copy_{columns.kind}")) as copy:
            copy.write(image.image(columns))
        cursor.execute(statement("late_before"), {"kind": columns.kind})
        row = cursor.fetchone()
        if row is None or len(late.hours(columns, since_1970(row[0]))):
            raise BenchTrouble("rollups were at work already")


def _sizes(system: System) -> str:
    parts = []
    for relation in ("readings_smoke", "smoke_1m", "smoke_1h", "smoke_1d", "readings_electrical", "electrical_1m"):
        size = system.query("SELECT hypertable_size(%s::regclass) / 1000000", relation)
        parts.append(f"{relation} {int(size):,} MB")
    return ", ".join(parts)


def _ask(http: httpx.Client, code: str, now: datetime, back: timedelta) -> float:
    """Milliseconds until the answer is there, and is what was asked for."""
    query = {"from": instant.text(now - back), "to": instant.text(now)}
    began = time.monotonic()
    answer = http.get(f"/api/devices/{code}/readings", params=query)
    took = (time.monotonic() - began) * 1000
    items = answer.raise_for_status().json()["items"]
    kept_s, before_s = min(back, KEPT_DAYS * DAY).total_seconds(), max(back - KEPT_DAYS * DAY, 0 * DAY).total_seconds()
    wanted = kept_s / EVERY_S + before_s / BEFORE_EVERY_S
    counted = sum(item["count"] for item in items)
    if not 0.97 * wanted < counted < 1.03 * wanted or not 250 <= len(items) <= 500:
        raise BenchTrouble(f"{back} of {code}: {len(items)} items of {counted} readings, where {wanted:.0f} were sent")
    return took
