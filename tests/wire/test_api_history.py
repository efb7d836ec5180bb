"""A device's readings over HTTP, across the seams of readings, minutes, hours and days."""

from datetime import UTC, datetime, timedelta
from math import isclose

import numpy as np
import past
import psycopg
import pytest

from devices import instant
from devices.model import Kind
from devices.profile import CANONICAL
from ingest import columns
from ingest.batch import Batch
from ingest.columns import Columns
from ingest.value import since_1970
from ingest.writer import Writer

DAY = timedelta(days=1)
AT = "/api/devices/SMK-1/readings"


async def _stored(room, many: int, back: timedelta, seed: int) -> Columns:
    """Readings of the device SMK-1 at distinct times up to now; each value absent in a third of them."""
    dice = np.random.default_rng(seed)
    now = datetime.now(UTC).replace(microsecond=0)
    ts_us = since_1970(now) - dice.choice(back // timedelta(milliseconds=1), many, replace=False) * 1000
    device = np.full(many, room.registry.devices["SMK-1"].id, np.int32)
    readings = past.columns(Kind.SMOKE, device, np.sort(ts_us), seed)
    writer = Writer(room.database_url)
    await writer.store(Batch({Kind.SMOKE: readings}), 60)
    await writer.close()
    return readings


def _is_as_computed(items, width_s: float, readings: Columns) -> None:
    """Each item is what the readings of its bucket make; no reading is missing or counted twice."""
    starts = np.array([since_1970(instant.parse(item["ts"])) for item in items])
    assert (np.diff(starts) >= width_s * 1e6 - 1000).all()
    of = np.searchsorted(starts, readings.ts_us, side="right") - 1
    assert sum(item["count"] for item in items) == len(readings)
    for number, item in enumerate(items):
        own = readings.values[of == number]
        assert item["count"] == len(own)
        for name, column in zip(CANONICAL[Kind.SMOKE], own.T, strict=True):
            there = column[~np.isnan(column)]
            if len(there) == 0:
                assert name not in item
                continue
            assert isclose(item[name], there.mean(), rel_tol=1e-9)
            assert (item["min"][name], item["max"][name]) == (there.min(), there.max())


@pytest.mark.parametrize(("back", "points"), [(DAY, 40), (3 * DAY, 70), (29 * DAY, 200), (29 * DAY, 20)])
async def test_a_thinned_range_is_the_same_before_and_after_it_is_rolled_up_and_counts_every_reading(
    room, back, points
):
    readings = await _stored(room, 3000, 29 * DAY, 1)
    now = datetime.now(UTC)
    asked = {"from": instant.text(now - back), "to": instant.text(now), "points": points}
    within = readings.where(readings.ts_us >= since_1970(instant.parse(asked["from"])))
    before = (await room.get(AT, **asked)).json()
    _is_as_computed(before["items"], before["bucket_s"], within)
    await past.rolled_up(room.database_url, now)
    after = (await room.get(AT, **asked)).json()
    assert after["thinned"]
    assert points / 4 <= len(after["items"]) <= points
    _is_as_computed(after["items"], after["bucket_s"], within)
    assert [item["ts"] for item in after["items"]] == [item["ts"] for item in before["items"]]


async def test_what_came_late_is_in_the_answer_before_and_after_it_is_rolled_up_again(room):
    first = await _stored(room, 500, 10 * DAY, 2)
    await past.rolled_up(room.database_url, datetime.now(UTC))
    late = await _stored(room, 300, 9 * DAY, 3)
    every = columns.joined(Kind.SMOKE, [first, late])
    asked = {"from": instant.text(datetime.now(UTC) - 10 * DAY - DAY), "points": 50}
    before = (await room.get(AT, **asked)).json()
    _is_as_computed(before["items"], before["bucket_s"], every)
    await past.rolled_up(room.database_url, datetime.now(UTC))
    after = (await room.get(AT, **asked)).json()
    _is_as_computed(after["items"], after["bucket_s"], every)


async def test_few_readings_that_came_late_are_in_the_answer_before_they_are_rolled_up(room):
    now = datetime.now(UTC)
    await _stored(room, 1, timedelta(minutes=1), 5)
    await past.rolled_up(room.database_url, now)
    asked = {"from": instant.text(now - 10 * DAY), "to": instant.text(now - timedelta(hours=4)), "points": 300}
    assert (await room.get(AT, **asked)).json()["items"] == []
    late = await _stored(room, 200, 9 * DAY, 6)
    within = late.ts_us <= since_1970(instant.parse(asked["to"]))
    answer = (await room.get(AT, **asked)).json()
    assert (answer["thinned"], len(answer["items"])) == (False, within.sum())


async def test_many_readings_within_a_moment_of_a_wide_range_are_not_one_bucket(room):
    await _stored(room, 400, timedelta(hours=2), 7)
    await past.rolled_up(room.database_url, datetime.now(UTC) + DAY)
    year = {"from": instant.text(datetime.now(UTC) - 365 * DAY), "points": 100}
    answer = (await room.get(AT, **year)).json()
    assert answer["thinned"]
    assert len(answer["items"]) >= 40
    assert sum(item["count"] for item in answer["items"]) == 400


async def test_readings_dropped_for_their_age_live_on_in_hours_and_days(room):
    readings = await _stored(room, 1000, 29 * DAY, 4)
    keep = past.Keep(timedelta(days=5), timedelta(days=10), timedelta(days=700), timedelta(days=3000))
    now = datetime.now(UTC)
    await past.rolled_up(room.database_url, now, keep)
    with psycopg.connect(room.database_url) as connection:
        kept = connection.execute("SELECT count(*) FROM readings_smoke").fetchone()[0]
    assert 0 < kept < 600
    everything = {"from": instant.text(now - 40 * DAY)}
    answer = (await room.get(AT, **everything, points=500)).json()
    assert answer["thinned"], "not every reading is there any more"
    assert sum(item["count"] for item in answer["items"]) == 1000
    one_old_day = {"from": instant.text(now - 20 * DAY), "to": instant.text(now - 18 * DAY)}
    answer = (await room.get(AT, **one_old_day, points=500)).json()
    assert answer["thinned"]
    assert answer["bucket_s"] >= 3600
    hours = [now - 20 * DAY, now - 18 * DAY]
    inside = [
        (readings.ts_us >= since_1970(hours[0] + side)) & (readings.ts_us < since_1970(hours[1] - side))
        for side in (timedelta(hours=1), timedelta(0))
    ]
    assert inside[0].sum() <= sum(item["count"] for item in answer["items"]) <= inside[1].sum()
    few = (await room.get(AT, **{"from": instant.text(now - timedelta(hours=3))}, points=500)).json()
    assert not few["thinned"]
    assert len(few["items"]) == (readings.ts_us >= since_1970(now - timedelta(hours=3))).sum()
