"""The inbox: fires and presses first, nothing lost, nothing overtaken in its line, nothing waiting for ever."""

import asyncio
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from devices.signal import Signal
from dispatch.inlet import cause as causes
from dispatch.inlet.cause import Cause, Rank
from dispatch.inlet.inbox import SHARE, Inbox

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _cause(number: int, rank: Rank, line: str | None = None) -> Cause:
    return Cause("test", {"number": number}, lambda _turn: None, rank=rank, line=line, answer=_future())


def _future() -> "asyncio.Future[None]":
    return asyncio.Future(loop=_LOOP)


_LOOP = asyncio.new_event_loop()

puts = st.tuples(st.sampled_from(Rank), st.sampled_from([None, "S-1", "S-2", "station:ST-1"]))
steps = st.lists(st.one_of(puts, st.none()), max_size=200)
"""A cause comes, or one is taken."""


@given(steps)
def test_nothing_is_lost_nothing_twice_and_a_line_keeps_its_order(played: list[tuple[Rank, str | None] | None]) -> None:
    inbox, put, taken = Inbox(), list[Cause](), list[Cause]()
    for step in played:
        if step is None:
            if (one := inbox.pop()) is not None:
                taken.append(one)
        else:
            put.append(_cause(len(put), *step))
            inbox.put(put[-1])
        assert len(inbox) == len(put) - len(taken)
    while (one := inbox.pop()) is not None:
        taken.append(one)
    assert sorted(one.about["number"] for one in taken) == list(range(len(put)))
    for line in {one.line for one in put if one.line is not None}:
        numbers = [one.about["number"] for one in taken if one.line == line]
        assert numbers == sorted(numbers)
    for rank in Rank:
        numbers = [one.about["number"] for one in taken if one.rank is rank and one.line is None]
        assert numbers == sorted(numbers)


@given(st.integers(0, 300), st.integers(1, 300), st.integers(1, 30))
def test_pressing_causes_go_first_but_for_the_others_share(routine: int, due: int, fires: int) -> None:
    inbox = Inbox()
    for number in range(routine):
        inbox.put(_cause(number, Rank.ROUTINE))
    for number in range(due):
        inbox.put(_cause(number, Rank.DUE))
    for number in range(fires):
        inbox.put(_cause(number, Rank.PRESSING))
    order = [inbox.pop() for _ in range(routine + due + fires)]
    last = max(place for place, one in enumerate(order) if one is not None and one.rank is Rank.PRESSING)
    assert last < fires + 2 * (fires // (SHARE - 2) + 1)


def test_it_says_whether_a_fire_or_a_press_waits() -> None:
    inbox = Inbox()
    inbox.put(_cause(0, Rank.ROUTINE, "S-1"))
    inbox.put(_cause(1, Rank.DUE))
    assert not inbox.pressing()
    inbox.put(_cause(2, Rank.PRESSING, "S-1"))
    assert inbox.pressing()
    while inbox.pop() is not None:
        pass
    assert not inbox.pressing()


def test_what_is_less_pressing_does_not_wait_for_ever() -> None:
    inbox = Inbox()
    inbox.put(_cause(0, Rank.ROUTINE))
    inbox.put(_cause(1, Rank.DUE))
    taken = []
    for number in range(3 * SHARE):
        inbox.put(_cause(100 + number, Rank.PRESSING))
        taken.append(inbox.pop())
    assert {one.about["number"] for one in taken if one is not None} >= {0, 1}


def test_what_a_device_said_before_its_fire_is_decided_before_it() -> None:
    inbox = Inbox()
    earlier, other, fire = (
        _cause(1, Rank.ROUTINE, "S-1"),
        _cause(2, Rank.ROUTINE, "S-2"),
        _cause(3, Rank.PRESSING, "S-1"),
    )
    for one in (other, earlier, fire):
        inbox.put(one)
    assert [inbox.pop(), inbox.pop(), inbox.pop(), inbox.pop()] == [earlier, fire, other, None]


async def test_a_fire_its_restore_and_readings_of_smoke_are_pressing_faults_are_not() -> None:
    def rank(event: str | None, **values: float) -> Rank:
        one = Signal(
            id="x", gateway="G", device="S-1", place="P", ts=NOON, received_at=NOON, event=event, values=values
        )
        return causes.of_signal(one, lambda _turn: None).rank

    assert {rank("fire"), rank("manual_call"), rank(None, smoke_db_m=0.2)} == {Rank.PRESSING}
    assert {rank("fault"), rank("fire_restore"), rank("offline"), rank(None, residual_ma=900.0)} == {Rank.ROUTINE}


async def test_a_signal_is_found_while_it_waits_and_no_longer() -> None:
    one = Signal(id="e:1", gateway="G", device="S-1", place="P", ts=NOON, received_at=NOON, event="fire")
    inbox, cause = Inbox(), causes.of_signal(one, lambda _turn: None)
    inbox.put(cause)
    assert inbox.waiting(one) is cause
    assert await inbox.get() is cause
    assert inbox.waiting(one) is None
