"""How far behind ingest is: what became durable now had been received, and measured, so long ago."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from ingest import record
from ingest.batch import Batch

FRESHEST = 0.1
"""Of a batch's device times the one that a tenth of it is newer than counts: some devices' clocks are fast, and a
gateway that sends its last hour again is not a lag of ingest while others send what is new."""

HOLD = timedelta(seconds=5)
"""So long every batch must have lagged before it is worth a word: one late reading alone in a batch is no backlog."""


@dataclass(frozen=True, slots=True)
class Lag:
    """Seconds from the oldest receipt in a batch, and from the time its devices gave, to when it was durable."""

    receipt_s: float
    device_s: float

    @property
    def worst_s(self) -> float:
        """The larger of the two."""
        return max(self.receipt_s, self.device_s)


def of(batch: Batch, now_us: int) -> Lag | None:
    """The lag of `batch`, durable at `now_us` (microseconds after 1970, UTC); None when nothing in it has a time."""
    oldest_us = record.oldest_us(batch)
    if not oldest_us:
        return None
    times = [each.ts_us for each in batch.readings.values() if len(each)]
    if batch.events:
        times.append(np.array([each.ts_us for each in batch.events], dtype=np.int64))
    receipt_s = max(0.0, (now_us - oldest_us) / 1e6)
    if not times:
        return Lag(receipt_s, receipt_s)
    ages_s = (now_us - np.concatenate(times)) / 1e6
    return Lag(receipt_s, max(0.0, float(np.quantile(ages_s, FRESHEST))))


class Behind:
    """Whether the lag has been over `limit` for HOLD."""

    def __init__(self, limit: timedelta) -> None:
        self._limit_s = limit.total_seconds()
        self._since_us: int | None = None
        self._said = False

    def note(self, lag: Lag, now_us: int) -> bool | None:
        """True when it has just come to be worth a word, False when that has just ended, None when nothing is new."""
        if lag.worst_s <= self._limit_s:
            said, self._since_us, self._said = self._said, None, False
            return False if said else None
        if self._since_us is None:
            self._since_us = now_us
        if self._said or now_us - self._since_us < HOLD.total_seconds() * 1e6:
            return None
        self._said = True
        return True
