"""Silence counts only while everything was heard."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.listening import Listening
from ingest.pulse import SETTLE, Heard, Pulse

S = 1_000_000
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def beaten(pulse: Pulse, start: float, stop: float, every: float = 5, epoch: int = 1) -> Pulse:
    """A pulse every few seconds, each back at once."""
    at = start
    while at <= stop:
        pulse.returned(pulse.beat(later(at), epoch))
        at += every
    return pulse


# ---- the listening clock


def test_silence_is_what_was_listened_since_and_nothing_in_between():
    clock = Listening([(100 * S, 200 * S), (500 * S, 700 * S)])
    assert clock.silence([50 * S, 150 * S, 200 * S, 300 * S, 600 * S, 700 * S, 900 * S]).tolist() == [
        300 * S, 250 * S, 200 * S, 200 * S, 100 * S, 0, 0,
    ]  # fmt: skip


def test_who_never_listened_hears_no_silence():
    assert Listening([]).silence([0, 10**15]).tolist() == [0, 0]
    assert Listening([]).until_us == 0


def test_a_period_goes_on_or_another_begins_and_none_is_counted_twice():
    clock = Listening([]).heard_on(100, 200).heard_on(200, 300)
    assert list(clock.periods) == [(100, 300)]
    assert list(clock.heard_on(150, 400).periods) == [(100, 400)]
    assert list(clock.heard_on(500, 600).periods) == [(100, 300), (500, 600)]
    assert clock.heard_on(150, 250) is clock
    assert clock.heard_on(400, 400) is clock


@given(st.lists(st.integers(1, 10**9), min_size=2, max_size=20), st.lists(st.integers(0, 2 * 10**10), max_size=10))
def test_silence_is_the_length_of_the_periods_after_the_last_word(steps: list[int], heard: list[int]) -> None:
    edges = [10**15 + sum(steps[: n + 1]) for n in range(len(steps))]
    periods = list(zip(edges[0::2], edges[1::2], strict=False))
    found = Listening(periods).silence([10**15 + one for one in heard])
    wanted = [
        sum(max(0, until - max(since, 10**15 + one)) for since, until in periods if until > 10**15 + one)
        for one in heard
    ]
    assert found.tolist() == wanted


# ---- how far a session has heard


def test_a_session_has_heard_everything_from_a_minute_after_it_connected_to_its_last_pulse_that_came_back():
    pulse = beaten(Pulse(), 0, 60)
    assert pulse.heard is None
    beaten(pulse, 65, 200)
    # the first pulse only tells how often they come
    assert pulse.heard == Heard(later(5) + SETTLE, later(200))


def test_behind_a_backlog_nothing_later_than_the_pulse_that_came_through_has_been_heard():
    pulse = beaten(Pulse(), 0, 100)
    waiting = [pulse.beat(later(at), 1) for at in range(105, 400, 5)]
    assert pulse.heard is not None
    assert pulse.heard.until == later(100)
    pulse.returned(waiting[10])
    assert pulse.heard == Heard(later(65), later(155))
    pulse.returned(waiting[3])  # sent again, late
    assert pulse.heard == Heard(later(65), later(155))


def test_another_connection_begins_anew_and_settles_first():
    pulse = beaten(Pulse(), 0, 100)
    stray = pulse.beat(later(105), 1)
    pulse.beat(later(110), 2)
    assert pulse.heard is None
    pulse.returned(stray)
    assert pulse.heard is None
    beaten(pulse, 115, 400, epoch=2)
    assert pulse.heard == Heard(later(115) + SETTLE, later(400))


def test_a_lost_connection_has_heard_nothing_though_the_next_one_has_its_number():
    pulse = beaten(Pulse(), 0, 100)
    stray = pulse.beat(later(105), 1)
    pulse.lost()
    pulse.returned(stray)
    assert pulse.heard is None


def test_time_that_leaps_was_not_listened_to():
    for leap in (8 * 3600, -3600):
        pulse = beaten(Pulse(), 0, 100)
        beaten(pulse, 100 + leap, 100 + leap + 50)
        assert pulse.heard is None
        beaten(pulse, 100 + leap + 55, 100 + leap + 200)
        assert pulse.heard is not None
        assert pulse.heard.since == later(100 + leap) + SETTLE


def test_a_leap_right_at_the_start_is_not_listened_to_either():
    pulse = Pulse()
    pulse.returned(pulse.beat(later(0), 1))
    pulse.returned(pulse.beat(later(8 * 3600), 1))
    assert pulse.heard is None


def test_what_is_no_pulse_or_anothers_says_nothing():
    pulse = beaten(Pulse(), 0, 100)
    heard = pulse.heard
    other = beaten(Pulse(), 0, 100)
    for payload in (b"", b"[]", b"{}", b"[" * 5000, b"\xff", other.beat(later(500), 1)):
        pulse.returned(payload)
        assert pulse.heard == heard
