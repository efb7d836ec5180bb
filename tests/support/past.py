"""Readings of the past for tests and benchmarks of history, and what numpy says their rollups must be."""

import itertools
from datetime import datetime, timedelta

import numpy as np
import psycopg
from numpy.typing import NDArray

from devices.model import Kind
from devices.profile import CANONICAL
from ingest import history
from ingest.columns import Columns
from ingest.retention import Keep
from ingest.value import since_1970

KEEP = Keep(timedelta(days=90), timedelta(days=90), timedelta(days=731), timedelta(days=3653))
UNITS_US = {"1m": 60_000_000, "1h": 3_600_000_000, "1d": 86_400_000_000}


def devices(connection: psycopg.Connection, many: int, kind: Kind = Kind.SMOKE) -> list[int]:
    """So many devices are registered; their ids."""
    rows = connection.execute(
        """INSERT INTO devices (code, profile, kind, gateway, place)
        SELECT %s || n, 'smoke-photo', %s, 'GW', 'P' FROM generate_series(1, %s) AS n RETURNING id""",
        (f"{kind}-", kind, many),
    )
    return [row[0] for row in rows]


def columns(kind: Kind, device: NDArray[np.int32], ts_us: NDArray[np.int64], seed: int, absent: float = 0.3) -> Columns:
    """A reading for each device and time; each value absent with that probability; received a second later."""
    dice = np.random.default_rng(seed)
    values = dice.normal(20, 5, (len(ts_us), len(CANONICAL[kind])))
    values[dice.random(values.shape) < absent] = np.nan
    return Columns(kind, ts_us, device, np.arange(len(ts_us), dtype=np.int64), ts_us + 1_000_000, values)


async def rolled_up(url: str, now: datetime, keep: Keep = KEEP, most: int = 100_000) -> int:
    """The runner's steps are done until there is nothing to do; how many."""
    connection = await history.connected(url)
    async with connection:
        steps = history.steps(connection, keep)
        for count in range(most):
            if not any([await step(now) for step in steps]):
                return count
    return most


def expected(readings: Columns, level: str) -> dict[tuple[int, int], dict[str, object]]:
    """(device, bucket in µs after 1970) -> column -> value, by plain loops over the readings."""
    found: dict[tuple[int, int], dict[str, object]] = {}
    if not len(readings):
        return found
    readings = readings.where(np.lexsort((readings.ts_us, readings.device)))
    buckets = readings.ts_us // UNITS_US[level] * UNITS_US[level]
    keys = np.column_stack([readings.device.astype(np.int64), buckets])
    starts = [0, *(np.flatnonzero((keys[1:] != keys[:-1]).any(axis=1)) + 1).tolist(), len(keys)]
    for start, stop in itertools.pairwise(starts):
        key, own = keys[start], readings.where(slice(start, stop))
        row: dict[str, object] = {"count": len(own), "received_us": int(own.received_us.max())}
        for name, column in zip(CANONICAL[readings.kind], own.values.T, strict=True):
            there = column[~np.isnan(column)]
            row |= {f"{name}_count": len(there)}
            ends = (there.min(), there.max(), there.mean(), there[-1]) if len(there) else (None,) * 4
            row |= dict(zip((f"{name}_{what}" for what in ("min", "max", "mean", "last")), ends, strict=True))
        found[int(key[0]), int(key[1])] = row
    return found


def stored(connection: psycopg.Connection, kind: Kind, level: str) -> dict[tuple[int, int], dict[str, object]]:
    """The same from the rollup's relation."""
    cursor = connection.execute(f"SELECT * FROM {kind}_{level}")
    names = [column.name for column in cursor.description]
    found = {}
    for values in cursor:
        row = dict(zip(names, values, strict=True))
        key = row.pop("device"), since_1970(row.pop("bucket"))
        found[key] = {"received_us": since_1970(row.pop("received_at"))} | row
    return found
