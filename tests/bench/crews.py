"""Everybody who has a screen in a year of fire calls: each answers as the script says, in the system's time."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from book import Book, Opened
from calls import steps
from order_law import ACTIONS, moment


class Clock(Protocol):
    """The system's clock. `rate`: how many of its seconds pass in a real one."""

    rate: float

    def now(self) -> datetime:
        """The system's time."""
        ...

    async def reached(self, at: datetime) -> None:
        """It is `at`, or later."""
        ...


class SystemTime:
    """The system's clock, as its three settings make it: from `anchor` (real epoch s) on at `rate`, and `offset_s`."""

    def __init__(self, anchor: float, rate: float, offset_s: float) -> None:
        self.anchor, self.rate, self.offset_s = anchor, rate, offset_s

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.anchor + (time.time() - self.anchor) * self.rate + self.offset_s, UTC)

    async def reached(self, at: datetime) -> None:
        """It is `at`, or later."""
        while (left := (at - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - a clock, not an event
            await asyncio.sleep(left / self.rate)


class Screen(Protocol):
    """Whose screen it is."""

    recipient: str


Said = Callable[[Any, dict[str, Any]], Awaitable[dict[str, Any]]]
"""What the desk answers to words said on a screen: the frame `result`."""


class Crews:
    """Keeps the book of what is seen and pressed. `real`: incident -> whether it burns; `who`: station -> a person;
    `said`: how it is pressed.
    """

    def __init__(self, clock: Clock, who: dict[str, str], seed: int, said: Said) -> None:
        self.clock, self.who, self._said = clock, who, said
        self.book = Book()
        self.real: dict[str, bool] = {}
        self.reported: set[str] = set()
        self.checks: list[str] = []
        self.opened: Callable[[Opened, dict[str, Any]], None] = lambda _opened, _incident: None
        self._seed = seed
        self._dice = random.Random(seed)
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, screen: Screen, frame: dict[str, Any]) -> None:
        """The frame has come to the screen."""
        match frame["type"]:
            case "order":
                if self.book.order_seen(frame["order"]):
                    self.do(self._work(screen, frame["order"]))
            case "incident":
                if (made := self.book.incident_seen(frame["incident"])) is not None:
                    self.opened(made, frame["incident"])
            case "duty_check" if frame["check"]["state"] == "open" and screen.recipient.startswith("station:"):
                self.do(self._answer(screen, frame["check"]))
            case _:
                pass

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """It is done beside everything else; what fails in it is in the book."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (why := task.exception()) is not None:
            self.book.wrong.append(f"the script failed: {why!r}")

    def busy(self) -> int:
        """How much is being done."""
        return len(self._tasks)

    async def end(self) -> None:
        """Nothing more is pressed."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self, screen: Screen, order: dict[str, Any]) -> None:
        id, drafted = order["id"], moment(order["drafted_at"])
        dice = random.Random(f"{self._seed} {id}")
        while order["incident"] not in self.real and order["kind"] != "rectify":  # noqa: ASYNC110 - no event each
            await asyncio.sleep(0.001)  # the answer to the call that opened it is on its way
        real = self.real.get(order["incident"], False)
        for step in steps(order["kind"], order["eta_s"], dice, real=real):
            meant_at = drafted + timedelta(seconds=step.after_s)
            await self.clock.reached(meant_at)
            if self.book.orders[id]["state"] not in step.states:
                continue
            if step.action == "report_brigade":
                if order["incident"] in self.reported:
                    continue
                self.reported.add(order["incident"])
            await self._press(screen, id, step.action, step.value, meant_at)

    async def _press(self, screen: Screen, id: str, action: str, value: dict[str, Any], meant_at: datetime) -> None:
        asked_at = self.clock.now()
        words = {"type": "act", "order": id, "action": action, "value": value}
        answer = await self._said(screen, words)
        heard_at = self.clock.now()
        if answer["ok"]:
            self.book.pressed(answer["order"], action, ACTIONS[action], (asked_at, heard_at), meant_at)
            self.book.order_seen(answer["order"])
        else:
            self.book.refused(id, action, asked_at, heard_at, answer["error"])

    async def _answer(self, screen: Screen, check: dict[str, Any]) -> None:
        """One in ten does not hear it (GB 26875.1: a prompt of at least 10 min)."""
        if self._dice.random() < 0.1:
            return
        await self.clock.reached(moment(check["sent_at"]) + timedelta(seconds=self._dice.uniform(20, 400)))
        words = {"type": "answer", "check": check["id"], "value": {"person": self.who.get(check["station"], "")}}
        answer = await self._said(screen, words)
        if answer["ok"]:
            self.checks.append(check["id"])
        else:
            self.book.wrong.append(f"{check['id']} of {check['station']}: {answer['error']}")
