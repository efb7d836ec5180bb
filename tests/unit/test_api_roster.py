"""Rosters as spans of time: nothing is left out, gaps are spans without people."""

import itertools
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from api import roster
from api.roster import Span
from devices.model import Shift
from devices.registry import Registry

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, tzinfo=ZONE)
DAY = timedelta(days=1)

shift = st.builds(Shift, st.just("S"), st.integers(1, 7), st.times(), st.times(), st.sampled_from(["A", "B", "C"]))
shifts = st.lists(shift, min_size=1, max_size=12)


def test_a_station_without_a_roster_has_no_spans():
    assert roster.spans(Registry(), "S", MONDAY, MONDAY + DAY) is None


def test_day_and_night_with_a_gap_between_them():
    registry = Registry(shifts=(Shift("S", 1, time(8), time(18), "A"), Shift("S", 1, time(20), time(8), "B")))
    at = lambda hours: MONDAY + timedelta(hours=hours)  # noqa: E731 - hours of that Monday
    assert roster.spans(registry, "S", MONDAY, MONDAY + DAY * 2) == [
        Span(at(0), at(8), ()),
        Span(at(8), at(18), ("A",)),
        Span(at(18), at(20), ()),
        Span(at(20), at(32), ("B",)),
        Span(at(32), at(48), ()),
    ]


@given(shifts, st.integers(0, 7 * 24 * 60), st.integers(1, 14 * 24 * 60))
def test_spans_follow_one_another_and_say_who_is_on_shift(given_shifts, minutes, length):
    registry = Registry(shifts=tuple(given_shifts))
    start = MONDAY + timedelta(minutes=minutes)
    until = start + timedelta(minutes=length)
    found = roster.spans(registry, "S", start, until)
    assert found is not None
    assert (found[0].start, found[-1].until) == (start, until)
    assert all(one.until == after.start and one.people != after.people for one, after in itertools.pairwise(found))
    for one in found:
        assert set(registry.on_shift("S", one.start)) == set(one.people)
        assert set(registry.on_shift("S", one.start + (one.until - one.start) / 2)) == set(one.people)
