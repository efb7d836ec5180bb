"""A range is cut into pieces that touch, do not overlap, and lie where their level is complete."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import span
from api.span import LEVELS, Piece, Reach
from devices import instant

NOW = datetime(2026, 3, 10, 12, 34, 56, 789, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FULL = Reach(NOW.replace(minute=0, second=0, microsecond=0), datetime(2026, 3, 10, tzinfo=UTC), *(instant.EPOCH,) * 3)
NONE = Reach(*(instant.EPOCH,) * 5)

moments = st.integers(0, 400 * 86_400_000_000).map(lambda us: NOW - timedelta(microseconds=us))


@given(st.lists(moments, min_size=4, max_size=4), st.integers(1, 10_000), st.sampled_from([FULL, NONE]))
def test_pieces_cover_the_range_once_and_buckets_are_no_more_than_points(times, points, reach):
    start, first, last, end = sorted(times)
    made = span.span(first, last, (start, end), points, reach)
    assert made.pieces[0].start == start
    assert made.pieces[-1].end == end + timedelta(microseconds=1)
    for before, after in pairwise(made.pieces):
        assert before.end == after.start
    for piece in made.pieces:
        assert piece.start < piece.end
        unit = LEVELS[piece.level]
        if unit:
            assert (piece.start - instant.EPOCH) % unit == (piece.end - instant.EPOCH) % unit == timedelta(0)
            assert piece.end <= reach.before(piece.level)
    assert made.origin <= first
    assert (last - made.origin) // made.width < points
    values = span.parameters(made.pieces, start)
    total = sum(
        (values[f"to{name[4:]}"] - value for name, value in values.items() if name[:5] == "from_"), timedelta(0)
    )
    assert total == end + timedelta(microseconds=1) - start


@pytest.mark.parametrize(
    ("back", "points", "level", "width"),
    [
        (timedelta(minutes=30), 500, "raw", None),
        (DAY, 500, "1m", timedelta(minutes=3)),
        (30 * DAY, 500, "1h", 2 * HOUR),
        (365 * DAY, 500, "1d", DAY),
        (365 * DAY, 5000, "1h", 2 * HOUR),
    ],
)
def test_the_coarsest_level_is_taken_that_still_gives_half_the_points(back, points, level, width):
    made = span.span(NOW - back, NOW, (NOW - back, NOW), points, FULL)
    longest = max(made.pieces, key=lambda piece: piece.end - piece.start)
    assert longest.level == level
    if width is not None:
        assert made.width == width


def test_where_finer_levels_have_been_dropped_coarser_ones_are_taken():
    reach = Reach(FULL.minutes_before, FULL.days_before, NOW - 10 * DAY, NOW - 20 * DAY, NOW - 300 * DAY)
    for back, level in ((9, "raw"), (15, "1m"), (25, "1h"), (301, "1d")):
        start = NOW - back * DAY
        made = span.span(
            start, start + timedelta(minutes=10), (start, start + timedelta(minutes=10)), 500, reach, start
        )
        assert made.width >= LEVELS[level]
        assert made.width < 2 * LEVELS[level] or level == "raw"


def test_of_today_minutes_are_used_and_of_this_hour_readings():
    made = span.span(NOW - 30 * DAY, NOW, (NOW - 30 * DAY, NOW), 500, FULL)
    levels = [piece.level for piece in made.pieces]
    assert levels == ["raw", "1m", "1h", "1m", "raw"]
    assert made.pieces[-1] == Piece("raw", FULL.minutes_before, NOW + timedelta(microseconds=1))


def test_more_pieces_than_a_statement_takes_are_refused():
    with pytest.raises(ValueError, match="1d"):
        span.parameters((Piece("1d", NOW, NOW), Piece("1d", NOW, NOW)), NOW)
