"""Everybody's screen within the desk's own process: what a socket would carry is handed over as it is."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
from typing import Any

import msgspec
from system import BenchTrouble

from api.duty import session
from api.duty.session import Act, Answer, Received, Session
from api.identity import Identity, Role
from api.press import answer_check, press
from dispatch.desk import Desk

COMMAND = "command:main"


class Screen:
    """One screen and its conversation with the desk. `seq` is the last number it heard."""

    def __init__(self, recipient: str, until: datetime) -> None:
        noun, _, code = recipient.partition(":")
        self.recipient = recipient
        self.who = Identity("", Role(noun), None if recipient == COMMAND else code, None, until)
        self.talk = Session()
        self.talk.greeted = True
        self.seq = self.gaps = 0
        self.counts: Counter[str] = Counter()

    def number(self, seq: int) -> None:
        """A frame of this number has come."""
        self.gaps += seq != self.seq + 1
        self.seq = self.talk.frames_sent = seq


class House:
    """Screens of `recipients`: frames reach `hear`, are confirmed, and presses are answered, as `api.duty` does it."""

    def __init__(self, desk: Desk, recipients: Iterable[str], until: datetime) -> None:
        self.desk = desk
        self.screens = {one: Screen(one, until) for one in recipients}
        self.hear: Callable[[Screen, dict[str, Any]], None] = lambda _screen, _frame: None
        self.wrong: list[str] = []
        self._numbers = itertools.count(1)
        self._reports: set[asyncio.Task[None]] = set()
        desk.screens = lambda recipient: int(recipient in self.screens)
        desk.listen(self._deliver)

    def reporting(self) -> int:
        """How much the desk is being told of what was sent and has arrived."""
        return len(self._reports)

    def _deliver(self, recipient: str, seq: int, data: bytes, orders: tuple[str, ...]) -> None:
        screen = self.screens.get(recipient)
        if screen is None:
            return
        frame = msgspec.json.decode(data)
        screen.counts[frame["type"]] += 1
        if orders:
            self._report(self.desk.sent(recipient, orders))
        if not seq:
            self.hear(screen, frame)
            return
        screen.number(seq)
        said = screen.talk.hear(b'{"type":"received","seq":%d}' % seq)
        if isinstance(said, Received):
            self._report(self.desk.received(recipient, said.seq))
        self.hear(screen, frame)

    def _report(self, telling: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(telling)
        self._reports.add(task)
        task.add_done_callback(self._reported)

    def _reported(self, task: "asyncio.Task[None]") -> None:
        self._reports.discard(task)
        if not task.cancelled() and (why := task.exception()) is not None:
            self.wrong.append(f"the desk could not be told: {why!r}")

    async def said(self, screen: Screen, words: dict[str, Any]) -> dict[str, Any]:
        """The frame `result` that answers what a person says on the screen."""
        heard = screen.talk.hear(msgspec.json.encode({**words, "ref": f"r{next(self._numbers)}"}))
        match heard:
            case Act():
                noun, outcome = "order", await press(self.desk, screen.who, heard)
            case Answer():
                noun, outcome = "check", await answer_check(self.desk, screen.who, heard)
            case _:
                raise BenchTrouble(f"{words} is not taken: {heard}")
        error = None if outcome.ok else outcome.error or "refused"
        answer: dict[str, Any] = msgspec.json.decode(
            session.result(heard.ref, body=outcome.body, error=error, noun=noun)
        )
        return answer

    def require_whole(self) -> None:
        """Raises BenchTrouble where a frame's number was missing or came twice, or the desk could not be told."""
        gaps = [f"{one.recipient}: {one.gaps} gaps before frame {one.seq}" for one in self.screens.values() if one.gaps]
        if gaps or self.wrong:
            raise BenchTrouble("; ".join([*gaps, *self.wrong][:12]))
