"""Everybody who has a screen in a year of fire calls: each answers as the script says, in the system's time."""

import asyncio
import contextlib
import itertools
import json
import random
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from book import Book, Opened
from calls import steps
from crowd import Screen
from order_law import ACTIONS, moment
from websockets.exceptions import ConnectionClosed

ANSWER_WITHIN_S = 180.0
"""Real seconds for the answer to a press."""


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


@dataclass(frozen=True, slots=True)
class _Said:
    """A press that waits for its answer."""

    screen: Screen
    words: str
    answer: "asyncio.Future[dict[str, Any]]"

    async def again(self) -> None:
        """It is on the screen's socket, if that stands."""
        with contextlib.suppress(ConnectionClosed):
            await self.screen.socket.send(self.words)


class Crews:
    """Keeps the book of what is seen and pressed. `real`: incident -> whether it burns; `who`: station -> a person."""

    def __init__(self, clock: SystemTime, who: dict[str, str], seed: int) -> None:
        self.clock, self.who = clock, who
        self.book = Book()
        self.real: dict[str, bool] = {}
        self.reported: set[str] = set()
        self.checks: list[str] = []
        self.opened: Callable[[Opened, dict[str, Any]], None] = lambda _opened, _incident: None
        self._seed = seed
        self._dice = random.Random(seed)
        self._numbers = itertools.count(1)
        self._waiting: dict[str, _Said] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, screen: Screen, frame: dict[str, Any], _at: float) -> None:
        match frame["type"]:
            case "order":
                if self.book.order_seen(frame["order"]):
                    self.do(self._work(screen, frame["order"]))
            case "incident":
                if (made := self.book.incident_seen(frame["incident"])) is not None:
                    self.opened(made, frame["incident"])
            case "result":
                if (waiting := self._waiting.pop(frame["ref"], None)) is not None:
                    waiting.answer.set_result(frame)
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

    async def _said(self, screen: Screen, words: dict[str, Any]) -> dict[str, Any]:
        ref = f"r{next(self._numbers)}"
        said = _Said(screen, json.dumps({**words, "ref": ref}), asyncio.get_running_loop().create_future())
        self._waiting[ref] = said
        await said.again()
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await said.answer

    async def back(self, screen: Screen) -> None:
        """What was said on the screen and not answered before it was cut off is said again."""
        for said in [one for one in self._waiting.values() if one.screen is screen]:
            await said.again()

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
