"""The agenda tells what is due as looking through all timers would."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.state.agenda import SLACK, Agenda

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
keys = st.sampled_from([f"lapse O-{number}" for number in range(8)])
steps = st.lists(st.one_of(st.tuples(keys, st.one_of(st.none(), st.integers(0, 30))), st.integers(0, 5)), max_size=80)
"""A timer is set to so many seconds from the start, or ended (None); or so many seconds pass."""


@given(steps, st.sampled_from([0, 5]))
def test_what_is_due_is_what_a_look_through_all_timers_finds(
    played: list[tuple[str, int | None] | int], looks: int
) -> None:
    timers: dict[str, datetime] = {}
    agenda, now = Agenda(timers), NOON
    for step in played:
        match step:
            case int():
                now += timedelta(seconds=step)
            case (key, None):
                timers.pop(key, None)
            case (key, seconds):
                timers[key] = NOON + timedelta(seconds=seconds or 0)
                agenda.note(key, timers[key])
        if looks in (0, step):
            assert agenda.due(now) == [key for at, key in sorted((at, key) for key, at in timers.items()) if at <= now]
            assert agenda.following() == min((at for at in timers.values() if at > now), default=None)


def test_timers_that_are_moved_again_and_again_do_not_fill_it() -> None:
    timers: dict[str, datetime] = {}
    agenda = Agenda(timers)
    for number in range(10_000):
        timers["shelve A-1"] = NOON + timedelta(seconds=number)
        agenda.note("shelve A-1", timers["shelve A-1"])
    assert len(agenda._heap) <= 2 + SLACK
    assert agenda.following() == timers["shelve A-1"]
