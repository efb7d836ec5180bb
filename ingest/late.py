"""Readings behind the rollups leave a mark, in the transaction that stores them: their hour is rolled up again.

The mark cannot be missed: `late_before` is raised first, and what is older is rolled up only once every transaction
that may have read the older value has ended (ingest/roller.py). So it must be read after the readings are written.
"""

import numpy as np
import psycopg
from numpy.typing import NDArray

from ingest.columns import Columns
from ingest.statements import statement
from ingest.value import at, since_1970

HOUR_US = 3_600_000_000


async def mark(cursor: psycopg.AsyncCursor, readings: Columns) -> None:
    """Each hour and device in `readings`, written in this transaction before, that is rolled up already is marked."""
    await cursor.execute(statement("late_before"), {"kind": readings.kind})
    row = await cursor.fetchone()
    late = hours(readings, 0 if row is None else since_1970(row[0]))
    if len(late):
        await cursor.execute(
            statement("mark_late"),
            {"kind": readings.kind, "hour": [at(us) for us in late[:, 0].tolist()], "device": late[:, 1].tolist()},
        )


def hours(readings: Columns, before_us: int) -> NDArray[np.int64]:
    """The distinct (start of the hour in µs after 1970, device) of readings with `ts_us` < `before_us`; n × 2."""
    late = readings.ts_us < before_us
    if not late.any():
        return np.empty((0, 2), dtype=np.int64)
    starts = readings.ts_us[late] // HOUR_US * HOUR_US
    return np.unique(np.column_stack([starts, readings.device[late].astype(np.int64)]), axis=0)
