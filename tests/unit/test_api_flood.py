"""Floods, found at once in arrays, beside the rule read moment by moment."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import flood
from api.flood import Flood

MINUTE = 60_000
END = 10**12


def _array(moments: list[int]) -> flood.Moments:
    return flood.moments(np.array(moments, dtype=">i8").tobytes())


def _counts(moments: list[int]) -> Iterator[tuple[int, int]]:
    """Each moment at which the number raised in the last 10 minutes may change, with that number."""
    for at in sorted({*moments, *(one + 10 * MINUTE for one in moments)}):
        yield at, sum(at - 10 * MINUTE < one <= at for one in moments)


def _by_the_rule(moments: list[int], operators: int) -> list[tuple[int, int, int, int]]:
    """From more than 10 in 10 minutes until fewer than 5, as the standard words it; slow and plain."""
    found, start, seen, peak = [], None, 0, 0
    for at, count in _counts(moments):
        if start is None and count > 10 * operators:
            start, seen, peak = at, at, count
        if start is not None:
            peak = max(peak, count)
            if count < 5 * operators:
                alarms = sum(start - 10 * MINUTE < one <= at for one in moments if one <= seen)
                found.append((start, at, alarms, peak))
                start = None
            else:
                seen = at
    return found


MOMENTS = st.lists(st.integers(0, 40 * MINUTE), max_size=80).map(sorted)
BURST = st.tuples(st.integers(0, 14), st.integers(1, 24))
TIED = st.lists(BURST | st.tuples(st.integers(0, 4), st.just(1)), max_size=30).map(
    lambda drawn: [
        sum(gap for gap, _ in drawn[: place + 1]) * MINUTE
        for place, (_, times) in enumerate(drawn)
        for _ in range(times)
    ]
)
"""Bursts and single ones whole minutes apart, so that one leaves the ten minutes as another comes."""


@given(MOMENTS | TIED, st.integers(1, 3))
def test_floods_are_those_the_rule_finds(moments, operators):
    found = flood.floods(_array(moments), END, operators)
    assert [(one.start_ms, one.end_ms, one.alarms, one.peak) for one in found] == _by_the_rule(moments, operators)


@given(MOMENTS | TIED)
def test_the_busiest_ten_minutes_are_those_with_most(moments):
    assert flood.busiest(_array(moments)) == max((count for _, count in _counts(moments)), default=0)


def test_no_alarms_are_no_flood():
    assert flood.floods(_array([]), END) == []
    assert flood.busiest(_array([])) == 0


def test_ten_in_ten_minutes_are_none_and_the_eleventh_makes_one():
    ten = [minute * MINUTE for minute in range(10)]
    assert flood.floods(_array(ten), END) == []
    eleventh = 9 * MINUTE + 30_000
    # fewer than five are left once the fifth last, of minute 6, is ten minutes old
    assert flood.floods(_array([*ten, eleventh]), END) == [Flood(eleventh, 16 * MINUTE, 11, 11)]


def test_one_ten_minutes_old_is_not_within_ten_minutes():
    moments = [0, *[10 * MINUTE] * 10]
    assert flood.floods(_array(moments), END) == []


def test_a_flood_that_lasts_ends_with_the_period():
    assert flood.floods(_array([0] * 11), MINUTE) == [Flood(0, MINUTE, 11, 11)]


def test_two_operators_take_twice_as_much():
    assert flood.floods(_array([0] * 20), END, operators=2) == []
    assert len(flood.floods(_array([0] * 21), END, operators=2)) == 1


@pytest.mark.parametrize("gap", [2, 3])
def test_between_ten_and_five_it_stays_what_it_was(gap):
    """Five in ten minutes neither begin nor end a flood; four end it."""
    moments = [0] * 11 + [step * gap * MINUTE for step in range(1, 20)]
    (only,) = flood.floods(_array(moments), END)
    lasts = only.end_ms > 30 * MINUTE
    assert lasts == (gap == 2)
