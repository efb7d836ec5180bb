"""Screens that connect again whenever they are cut off, and go on after the last frame they have."""

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

AGAIN_S = (0.1, 0.3)
"""Between two attempts to connect."""
PRESSES = {"respond": ("acknowledge", "turn_out")}
"""Of other kinds `acknowledge` alone."""

Heard = Callable[["Returning", dict[str, Any]], None]


class Returning:
    """One screen. `seq`: the last number it has; `gaps`, `repeats`: numbers that are missing, and that came twice;
    `returns`: how often it came back, `anew`: how often of these it was not resumed.

    An order is acknowledged, and a crew turns out; a press is said again until it is answered.
    """

    def __init__(self, address: str, recipient: str, token: str, heard: Heard) -> None:
        self.recipient = recipient
        self.stream: str | None = None
        self.seq = 0
        self.gaps = self.repeats = self.anew = self.returns = 0
        self.refused: list[str] = []
        self.connected = asyncio.Event()
        self._address, self._token, self._heard = address, token, heard
        self._unanswered: dict[str, str] = {}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async with connect(
                    self._address, max_size=None, proxy=None, compression=None, open_timeout=5
                ) as opened:
                    await self._stay(opened)
            except (OSError, TimeoutError, EOFError, WebSocketException):
                pass
            self.connected.clear()
            await asyncio.sleep(random.uniform(*AGAIN_S))

    async def _stay(self, opened: ClientConnection) -> None:
        hello: dict[str, Any] = {"type": "hello", "token": self._token}
        if self.stream is not None:
            hello |= {"stream": self.stream, "after": self.seq}
        await opened.send(json.dumps(hello))
        welcome = msgspec.json.decode(await opened.recv())
        if welcome["type"] != "welcome":
            return
        if self.stream is None:
            self.stream, self.seq = welcome["stream"], welcome["seq"]
        else:
            self.returns += 1
            self.anew += not welcome["resumed"]
        self.connected.set()
        for words in list(self._unanswered.values()):
            await opened.send(words)
        async for text in opened:
            await self._take(opened, msgspec.json.decode(text))

    async def _take(self, opened: ClientConnection, frame: dict[str, Any]) -> None:
        if "seq" in frame and frame["type"] != "beat":
            if frame["seq"] <= self.seq:
                self.repeats += 1
                return
            self.gaps += frame["seq"] != self.seq + 1
            self.seq = frame["seq"]
            await opened.send(f'{{"type":"received","seq":{self.seq}}}')
        if frame["type"] == "result":
            await self._answered(opened, frame)
            return
        self._heard(self, frame)
        if frame["type"] == "order" and frame["order"]["state"] == "drafted":
            await self._press(opened, frame["order"]["id"], "acknowledge")

    async def _press(self, opened: ClientConnection, order: str, action: str) -> None:
        ref = f"{order}-{action}"
        self._unanswered[ref] = json.dumps({"type": "act", "ref": ref, "order": order, "action": action})
        await opened.send(self._unanswered[ref])

    async def _answered(self, opened: ClientConnection, frame: dict[str, Any]) -> None:
        self._unanswered.pop(frame["ref"], None)
        if not frame["ok"]:
            self.refused.append(f"{frame['ref']}: {frame['error']}")
            return
        order = frame["order"]
        following = PRESSES.get(order["kind"], ())
        if order["state"] == "acknowledged" and "turn_out" in following:
            await self._press(opened, order["id"], "turn_out")

    def unanswered(self) -> int:
        """How many presses wait for their answer."""
        return len(self._unanswered)
