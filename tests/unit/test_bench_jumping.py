"""A clock that jumps: time stands still while anything is going on, and goes on to what happens next."""

import asyncio
import sys
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
import jumping
from jumping import JumpingClock, drive
from system import BenchTrouble

START = datetime(2026, 12, 29, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Timers:
    """Something falls due at each of the moments, and takes a few turns of the loop."""

    def __init__(self, clock: JumpingClock, *moments: datetime) -> None:
        self.clock, self.moments = clock, deque(moments)
        self.fired: list[datetime] = []
        self.turns = 0
        self.took_effect = asyncio.Event()

    def busy(self) -> bool:
        self.turns = max(0, self.turns - 1)
        return self.turns > 0

    def due_at(self) -> datetime | None:
        return self.moments[0] if self.moments else None

    def tick(self) -> None:
        while self.moments and self.moments[0] <= self.clock.now():
            self.fired.append(self.moments.popleft())
            self.turns = 5


async def test_who_waits_goes_on_in_the_order_of_their_moments() -> None:
    clock, told = JumpingClock(START), []

    async def wait(name: str, seconds: float) -> None:
        await clock.reached(after(seconds))
        told.append((name, clock.now()))

    tasks = [asyncio.create_task(wait(*one)) for one in (("late", 9), ("first", 3), ("second", 3), ("now", 0))]
    await asyncio.sleep(0)
    assert (clock.waiting(), clock.following(), told) == (3, after(3), [("now", START)])
    clock.move(after(5))
    await asyncio.sleep(0)
    assert told[1:] == [("first", after(5)), ("second", after(5))]
    tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (clock.waiting(), clock.following()) == (0, None)


def test_a_clock_is_not_moved_back() -> None:
    clock = JumpingClock(START)
    with pytest.raises(ValueError, match="is past"):
        clock.move(after(-1))


async def test_time_passes_only_while_all_wait_and_jumps_to_the_next_thing_of_either() -> None:
    clock = JumpingClock(START)
    desk = Timers(clock, after(2), after(7))
    seen: list[datetime] = []

    async def person() -> None:
        for seconds in (1, 3, 8):
            await clock.reached(after(seconds))
            before = clock.now()
            for _ in range(20):
                await asyncio.sleep(0)  # something is on its way
            assert clock.now() == before
            seen.append(before)

    task = asyncio.create_task(person())
    passed: list[datetime] = []
    await drive(clock, desk, lambda: int(not task.done()), lambda: passed.append(clock.now()))
    assert seen == [after(1), after(3), after(8)]
    assert desk.fired == [after(2), after(7)]
    assert passed == [after(one) for one in (1, 2, 3, 7, 8)]


async def test_time_stands_still_while_the_desk_is_busy() -> None:
    clock = JumpingClock(START)
    desk = Timers(clock)
    desk.turns = 50
    task = asyncio.create_task(clock.reached(after(1)))
    moved: list[int] = []
    await drive(clock, desk, lambda: int(not task.done()), lambda: moved.append(desk.turns))
    assert moved == [0]


async def test_what_stands_still_for_ever_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jumping, "STUCK_S", 0.0)
    clock = JumpingClock(START)
    with pytest.raises(BenchTrouble, match="1 at work, 0 wait"):
        await drive(clock, Timers(clock), lambda: 1)
