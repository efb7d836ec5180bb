"""A clock that stands still while anything is going on, and jumps to the next thing that happens."""

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Protocol

from system import BenchTrouble

LOOKS, REST_S = 10, 0.02
"""After so many looks, with a turn of the loop between two, it is waited until something has come of it, or so many
real seconds: disk, database and threads have the processor meanwhile.
"""
STUCK_S = 60.0
"""Real seconds after which what stands still will not go on."""


class JumpingClock:
    """Moves only by `move`. Who waits for a moment goes on when it is reached: soonest first, then who came first."""

    rate = 0.0
    """No real second brings it on."""

    def __init__(self, begins: datetime) -> None:
        self._now = begins
        self._heap: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._waiting: set[asyncio.Future[None]] = set()
        self.stirred = asyncio.Event()
        """Set whenever somebody begins to wait."""

    def now(self) -> datetime:
        """The system's time."""
        return self._now

    async def reached(self, at: datetime) -> None:
        """It is `at`, or later."""
        if at <= self._now:
            return
        waiting = asyncio.get_running_loop().create_future()
        heapq.heappush(self._heap, (at, next(self._numbers), waiting))
        self._waiting.add(waiting)
        self.stirred.set()
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)

    def waiting(self) -> int:
        """How many wait for a moment that has not come."""
        return len(self._waiting)

    def following(self) -> datetime | None:
        """The soonest moment that is waited for; None for none."""
        while self._heap and self._heap[0][2].done():
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def move(self, to: datetime) -> None:
        """It is `to`, and whoever waited for a moment until then goes on.

        Raises ValueError where that would be back.
        """
        if to < self._now:
            raise ValueError(f"it is {self._now} already, {to} is past")
        self._now = to
        while self._heap and self._heap[0][0] <= to:
            _, _, waiting = heapq.heappop(self._heap)
            self._waiting.discard(waiting)
            if not waiting.done():
                waiting.set_result(None)


class Timed(Protocol):
    """What falls due by the clock: a desk. `took_effect` is set whenever something has."""

    took_effect: asyncio.Event

    def busy(self) -> bool:
        """True while something goes on in it, so that time may not pass."""
        ...

    def due_at(self) -> datetime | None:
        """When it does something next by itself; None for never."""
        ...

    def tick(self) -> None:
        """The clock was moved."""
        ...


async def drive(
    clock: JumpingClock,
    desk: Timed,
    working: Callable[[], int],
    passed: Callable[[], None] = lambda: None,
) -> None:
    """Until nobody is `working`: whenever each of them waits for the clock and the desk has nothing to do, the clock
    is moved to the next thing that happens. `passed` is told of each move.

    Raises BenchTrouble where something has been going on for STUCK_S real seconds while time stood still.
    """
    since, looks, clock.stirred = monotonic(), 0, desk.took_effect
    while (number := working()) > 0:
        if not desk.busy() and number <= clock.waiting():
            clock.move(min(at for at in (desk.due_at(), clock.following()) if at is not None))
            desk.tick()
            passed()
            since, looks = monotonic(), 0
        looks += 1
        await (_something(desk.took_effect) if looks % LOOKS == 0 else asyncio.sleep(0))
        if monotonic() - since > STUCK_S:
            raise BenchTrouble(f"it is {clock.now()} still: {number} at work, {clock.waiting()} wait for a moment")


async def _something(stirred: asyncio.Event) -> None:
    stirred.clear()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(REST_S):
            await stirred.wait()
