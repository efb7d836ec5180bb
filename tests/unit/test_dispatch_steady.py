"""Ledger time goes on whatever the clock does."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.state.steady import Steady

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class _Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def test_it_is_the_clocks_time_while_the_clock_goes_forward() -> None:
    clock = _Clock()
    steady = Steady(clock)
    for seconds in (1, 60, 3600):
        clock.now += timedelta(seconds=seconds)
        assert steady() == clock.now


def test_a_minute_takes_at_most_a_tenth_longer_after_the_clock_was_set_back() -> None:
    clock = _Clock()
    steady = Steady(clock)
    before = steady()
    clock.now -= timedelta(hours=1)
    assert steady() == before
    clock.now += timedelta(seconds=60)
    assert timedelta(seconds=54) <= steady() - before <= timedelta(seconds=60)


def test_it_comes_back_to_the_clock_in_the_end() -> None:
    clock = _Clock()
    steady = Steady(clock)
    clock.now -= timedelta(minutes=1)
    steady()
    clock.now += timedelta(minutes=11)
    assert steady() == clock.now


def test_it_starts_no_earlier_than_what_was_written_before() -> None:
    steady = Steady(_Clock())
    steady.not_before(NOON + timedelta(hours=2))
    assert steady() == NOON + timedelta(hours=2)
    steady.not_before(NOON)
    assert steady() == NOON + timedelta(hours=2)


@given(st.lists(st.floats(-100_000, 100_000)))
def test_it_never_goes_back(steps: list[float]) -> None:
    clock = _Clock()
    steady = Steady(clock)
    before = steady()
    for step in steps:
        clock.now += timedelta(seconds=step)
        assert steady() >= before
        before = steady()
