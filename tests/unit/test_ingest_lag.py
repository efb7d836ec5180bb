from datetime import timedelta

import numpy as np

from devices.model import Kind
from devices.profile import CANONICAL
from ingest import lag
from ingest.batch import Batch
from ingest.columns import Columns
from ingest.lag import Behind, Lag
from ingest.status import Status

SECOND = 1_000_000
NOW = 1_795_000_000 * SECOND


def batch(ages_s: list[float], received_s: float = 0) -> Batch:
    """Readings measured and received so long before NOW."""
    ts = NOW - (np.array(ages_s) * SECOND).astype(np.int64)
    count = len(ages_s)
    received = np.full(count, NOW - int(received_s * SECOND))
    values = np.zeros((count, len(CANONICAL[Kind.SMOKE])))
    return Batch(
        {Kind.SMOKE: Columns(Kind.SMOKE, ts, np.ones(count, np.int32), np.ones(count, np.int64), received, values)}
    )


def test_the_lag_is_that_of_the_oldest_receipt_and_of_what_devices_measured() -> None:
    assert lag.of(batch([30.0] * 20, received_s=2), NOW) == Lag(2.0, 30.0)


def test_some_fast_clocks_hide_no_lag_and_some_old_readings_make_none() -> None:
    fast = lag.of(batch([-86_000.0] + [30.0] * 19), NOW)
    repeated = lag.of(batch([3600.0] * 80 + [1.0] * 20), NOW)
    assert fast is not None
    assert repeated is not None
    assert (fast.device_s, repeated.device_s) == (30.0, 1.0)


def test_a_clock_ahead_is_no_negative_lag() -> None:
    assert lag.of(batch([-50.0]), NOW) == Lag(0.0, 0.0)


def test_what_has_no_time_has_no_lag() -> None:
    assert lag.of(Batch(), NOW) is None
    assert lag.of(Batch(statuses=[Status("G", "online", 1, NOW - SECOND)]), NOW) == Lag(1.0, 1.0)


def test_a_lag_is_worth_a_word_once_it_has_lasted_and_another_when_it_is_over() -> None:
    behind = Behind(timedelta(seconds=10))

    def at(second: float, lag_s: float) -> bool | None:
        return behind.note(Lag(lag_s, 0), NOW + int(second * SECOND))

    assert [at(0, 10), at(1, 11), at(5, 11), at(6, 11), at(7, 99)] == [None, None, None, True, None]
    assert [at(8, 10), at(9, 10)] == [False, None]
    assert [at(10, 11), at(12, 1), at(13, 11), at(16, 11), at(18, 11)] == [None, None, None, None, True]
