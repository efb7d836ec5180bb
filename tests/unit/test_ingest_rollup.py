"""What the rollups do next, what is late, and what may be dropped."""

from datetime import UTC, datetime, timedelta

import numpy as np
import past
import pytest

from devices import instant
from devices.model import Kind
from ingest import late, retention, rollup
from ingest.rollup import DAY, HOUR, Again, Announce, Begin, Days, Minutes, State
from ingest.value import since_1970

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MIDNIGHT = NOON.replace(hour=0)
SOON_AFTER = NOON + timedelta(minutes=6)


def state(
    late_before: datetime = NOON,
    minutes: tuple[datetime, int] = (NOON, 0),
    days: tuple[datetime, int] = (MIDNIGHT, 0),
    raw_from: datetime = instant.EPOCH,
    minutes_from: datetime = instant.EPOCH,
    late_hour: datetime | None = None,
) -> State:
    return State(late_before, *minutes, *days, raw_from, minutes_from, late_hour)


@pytest.mark.parametrize(
    ("there", "settled", "wanted"),
    [
        (state(), True, None),
        (state(late_before=NOON - HOUR, minutes=(NOON - HOUR, 0)), True, Announce(NOON)),
        (state(minutes=(instant.EPOCH, 0), days=(instant.EPOCH, 0)), False, None),
        (state(minutes=(instant.EPOCH, 0), days=(instant.EPOCH, 0)), True, Begin()),
        (state(minutes=(NOON - HOUR, 7)), True, Minutes(NOON - HOUR, 7)),
        (state(minutes=(NOON - HOUR, 7)), False, None),
        (state(days=(MIDNIGHT - DAY, 3)), True, Days(MIDNIGHT - DAY, 3)),
        (state(minutes=(NOON - HOUR, 0), days=(MIDNIGHT - DAY, 3)), False, Days(MIDNIGHT - DAY, 3)),
        (state(late_hour=NOON - HOUR), True, Again(MIDNIGHT, made=False, gone=False)),
        (state(late_hour=MIDNIGHT - HOUR), True, Again(MIDNIGHT - DAY, made=True, gone=False)),
        (state(late_hour=NOON - HOUR, raw_from=MIDNIGHT + HOUR), True, Again(MIDNIGHT, made=False, gone=True)),
        (state(late_hour=MIDNIGHT - HOUR, minutes_from=MIDNIGHT), True, Again(MIDNIGHT - DAY, made=True, gone=True)),
        (state(late_before=instant.EPOCH, minutes=(rollup.BY_DATABASE, 0), days=(rollup.BY_DATABASE, 0)), True, None),
    ],
)
def test_what_is_next(there, settled, wanted):
    assert rollup.following(there, SOON_AFTER, settled=settled) == wanted


def test_an_hour_is_closed_five_minutes_after_its_end():
    assert rollup.following(state(), NOON + HOUR + timedelta(minutes=4, seconds=59), settled=True) is None
    assert rollup.following(state(), NOON + HOUR + timedelta(minutes=5), settled=True) == Announce(NOON + HOUR)


def test_a_clock_that_goes_back_opens_nothing_again():
    assert rollup.following(state(), NOON - timedelta(days=3), settled=True) is None


def test_steps_become_smaller_when_they_take_long_and_larger_when_not_within_bounds():
    assert rollup.sized(100, rollup.STEP_S) == 100
    assert rollup.sized(100, 10 * rollup.STEP_S) == 10
    assert rollup.sized(100, 0) == 200
    assert rollup.sized(1, 100) == 1
    assert rollup.sized(rollup.MOST_DEVICES, 0) == rollup.MOST_DEVICES


def test_late_hours_are_said_once_for_each_device():
    times = [NOON - HOUR, NOON - timedelta(minutes=1), NOON - timedelta(minutes=70), NOON, NOON - timedelta(minutes=2)]
    readings = past.columns(
        Kind.SMOKE, np.array([5, 5, 5, 5, 6], np.int32), np.array([since_1970(each) for each in times]), 1
    )
    found = [tuple(row) for row in late.hours(readings, since_1970(NOON)).tolist()]
    last, before = since_1970(NOON - HOUR), since_1970(NOON - 2 * HOUR)
    assert found == [(before, 5), (last, 5), (last, 6)]
    assert len(late.hours(readings, 0)) == 0


def test_nothing_goes_before_its_days_are_made():
    keep = retention.Keep(timedelta(days=40), timedelta(days=50), timedelta(days=60), timedelta(days=70))
    behind = NOON - timedelta(days=45)
    found = retention.cutoffs(keep, NOON, behind)
    assert (found.raw, found.minutes) == (behind, NOON - timedelta(days=50))
    assert (found.hours, found.days) == (NOON - timedelta(days=60), NOON - timedelta(days=70))
    assert retention.cutoffs(keep, NOON, NOON).raw == NOON - timedelta(days=40)
