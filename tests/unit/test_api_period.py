"""Days, weeks and months are the district's."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from api import period

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
YEARS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - zone beside


def _parts(by, start, end, zone=SHANGHAI):
    return list(period.parts(by, start, end, zone))


def test_a_day_begins_at_local_midnight():
    start, end = datetime(2026, 11, 20, 15, 0, tzinfo=UTC), datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
    midnight = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    found = [(one.key, one.start, one.end) for one in _parts("day", start, end)]
    assert found == [
        ("2026-11-20", start, midnight),
        ("2026-11-21", midnight, midnight + timedelta(days=1)),
        ("2026-11-22", midnight + timedelta(days=1), end),
    ]


def test_a_week_begins_on_monday_and_a_month_on_its_first():
    start, end = datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    assert [one.key for one in _parts("week", start, end)] == ["2026-11-16", "2026-11-23", "2026-11-30"]
    assert [one.key for one in _parts("month", start, end)] == ["2026-11-01", "2026-12-01"]


def test_the_day_on_which_the_clock_is_turned_has_its_own_length():
    start, end = datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)
    (only,) = _parts("day", start, end, BERLIN)
    assert only.end.timestamp() - only.start.timestamp() == 25 * 3600


def test_an_empty_range_has_no_parts():
    at = datetime(2026, 11, 21, tzinfo=UTC)
    assert _parts("day", at, at) == []


@given(YEARS, st.timedeltas(timedelta(0), timedelta(days=90)), st.sampled_from(period.PERIODS))
def test_parts_follow_one_another_and_are_the_range(start, length, by):
    found = _parts(by, start, start + length, BERLIN)
    edges = [edge.timestamp() for one in found for edge in (one.start, one.end)]
    if length:
        assert (edges[0], edges[-1]) == (start.timestamp(), (start + length).timestamp())
    assert edges[1:-1:2] == edges[2::2]
    assert all(before < after for before, after in zip(edges[::2], edges[1::2], strict=True))
    assert [one.key for one in found] == sorted({one.key for one in found})
