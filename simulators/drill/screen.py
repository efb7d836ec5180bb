"""A person's screen on the websocket: says hello, confirms drill orders, presses, comes back after a lost line."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

RETRY_S: Final = 0.5
ANSWER_S: Final = 10.0
UNSEEN: Final = frozenset({"drafted", "sent"})
"""States of an order that no screen has confirmed yet."""

Json = dict[str, Any]


class NotYours(Exception):  # noqa: N818 - an answer, not a fault of this program
    """The socket was closed because the token does not let this recipient in."""


@dataclass(slots=True)
class Screen:
    """One recipient's screen. `on_order` and `on_incident` are called with each drill order and each incident.

    A real order breaks through: it is not confirmed, and the screen leaves at once (`left`), so that nobody believes a
    person has seen it.
    """

    url: str
    token: str
    recipient: str
    on_order: Callable[[Json], None] = lambda _: None
    on_incident: Callable[[Json], None] = lambda _: None
    welcomed: asyncio.Event = field(default_factory=asyncio.Event)
    left: bool = False
    _socket: ClientConnection | None = None
    _stream: str | None = None
    _after: int | None = None
    _answers: dict[str, asyncio.Future[Json]] = field(default_factory=dict)

    async def run(self) -> None:
        """Connected until cancelled, or until a real order came.

        Raises NotYours when the token is refused.
        """
        while not self.left:
            try:
                async with connect(self.url, proxy=None) as socket:
                    self._socket = socket
                    await self._converse(socket)
            except (ConnectionClosed, InvalidHandshake, OSError) as error:
                if isinstance(error, ConnectionClosed) and error.rcvd is not None and error.rcvd.code in (4401, 4403):
                    raise NotYours(f"{self.recipient}: {error.rcvd.code} {error.rcvd.reason}") from error
                await asyncio.sleep(RETRY_S)
            finally:
                self._socket = None

    async def act(self, order: str, action: str, ref: str, value: Json | None = None) -> Json:
        """The answer to a press: `{"ok": …}`. After a lost line it is pressed again under the same `ref`.

        Raises TimeoutError when none comes.
        """
        said = {"type": "act", "ref": ref, "order": order, "action": action}
        press = json.dumps(said if value is None else said | {"value": value})
        answer = self._answers.setdefault(ref, asyncio.get_running_loop().create_future())
        async with asyncio.timeout(ANSWER_S):
            while not answer.done():
                if self._socket is not None:
                    await _send(self._socket, press)
                await asyncio.wait([answer], timeout=2 * RETRY_S if self._socket is None else ANSWER_S / 3)
        return answer.result()

    async def _converse(self, socket: ClientConnection) -> None:
        hello: Json = {"type": "hello", "token": self.token}
        if self._stream is not None:
            hello |= {"stream": self._stream, "after": self._after}
        await socket.send(json.dumps(hello))
        async for text in socket:
            await self._hear(json.loads(text), socket)
            if self.left:
                return

    async def _hear(self, frame: Json, socket: ClientConnection) -> None:
        match frame.get("type"):
            case "welcome":
                await self._enter(frame, socket)
            case "order":
                self._after = frame["seq"]
                if not frame["order"]["drill"]:
                    self.left = True
                    return
                self.on_order(frame["order"])
                await socket.send(json.dumps({"type": "received", "seq": frame["seq"]}))
            case "incident":
                self._after = frame["seq"]
                self.on_incident(frame["incident"])
            case "result":
                answer = self._answers.get(frame["ref"])
                if answer is not None and not answer.done():
                    answer.set_result(frame)
            case _:
                return

    async def _enter(self, frame: Json, socket: ClientConnection) -> None:
        """Open orders found on coming in are taken as if they had just come."""
        self._stream = frame["stream"]
        if not frame["resumed"]:
            self._after = frame["seq"]
            if any(not order["drill"] and order["state"] in UNSEEN for order in frame["open"]):
                self.left = True
                self.welcomed.set()
                return
            for order in frame["open"]:
                if order["drill"]:
                    self.on_order(order)
            if frame["open"]:
                await socket.send(json.dumps({"type": "received", "seq": frame["seq"]}))
        self.welcomed.set()


async def _send(socket: ClientConnection, text: str) -> None:
    """Sent, if the line is still there; a lost one is noticed by whoever reads from it."""
    try:
        await socket.send(text)
    except ConnectionClosed:
        return
