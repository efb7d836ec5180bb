"""Many screens at once: bare websocket clients that count every frame, see that none is missing, and confirm each."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import msgspec
import psycopg
from system import BenchTrouble, System
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from api import key
from api.identity import Role
from api.token import Tokens
from devices import store
from devices.registry import Registry

TOGETHER = 50
"""Sockets opened at a time: a server's queue of connections has an end."""

AGAIN_S = 0.2
"""After a screen could not come back, until it tries once more."""

Heard = Callable[["Screen", dict[str, Any], float], None]


class Screen:
    """One socket. `seq` is the last number it heard; `counts` how many frames of each type, `octets` their length."""

    def __init__(self, recipient: str, socket: ClientConnection, welcome: dict[str, Any]) -> None:
        self.recipient = recipient
        self.socket = socket
        self.seq: int = welcome["seq"]
        self.stream: str = welcome["stream"]
        self.counts: Counter[str] = Counter()
        self.octets = 0
        self.gaps = self.returns = 0
        self.lost: str | None = None

    async def listen(self, heard: Heard) -> None:
        """Each frame is handed to `heard` with the moment it came (`time.perf_counter`), and confirmed."""
        with contextlib.suppress(asyncio.CancelledError):
            try:
                async for text in self.socket:
                    at = time.perf_counter()
                    frame = msgspec.json.decode(text)
                    self.counts[frame["type"]] += 1
                    self.octets += len(text)
                    if "seq" in frame and frame["type"] != "beat":
                        self.gaps += frame["seq"] != self.seq + 1
                        self.seq = frame["seq"]
                        await self.socket.send(f'{{"type":"received","seq":{self.seq}}}')
                    heard(self, frame, at)
            except ConnectionClosed as closed:
                self.lost = str(closed)


class Crowd:
    """Screens of `recipients` on a running system, each with a token; use it in `async with`. `heard` gets frames.

    `until`: when their tokens expire, by the system's clock; in a day unless told otherwise. With `back`, which is then
    told, a screen that is cut off comes back and goes on where it was.
    """

    def __init__(
        self,
        system: System,
        recipients: Iterable[str],
        heard: Heard,
        until: datetime | None = None,
        back: Callable[[Screen], Awaitable[None]] | None = None,
    ) -> None:
        self.system = system
        self.recipients = list(recipients)
        self.screens: list[Screen] = []
        self._heard = heard
        self._back = back
        self._until = until or datetime.now(UTC) + timedelta(days=1)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        tokens = issuer(self.system)
        for first in range(0, len(self.recipients), TOGETHER):
            some = self.recipients[first : first + TOGETHER]
            self.screens += await asyncio.gather(*(self._open(one, tokens) for one in some))
        for screen in self.screens:
            task = asyncio.create_task(self._stay(screen, tokens))
            self._stack.callback(task.cancel)
        return self

    async def __aexit__(self, *_: object) -> None:
        for first in range(0, len(self.screens), TOGETHER):
            await asyncio.gather(*(one.socket.close() for one in self.screens[first : first + TOGETHER]))
        await self._stack.aclose()

    async def _stay(self, screen: Screen, tokens: Tokens) -> None:
        await screen.listen(self._heard)
        while self._back is not None and screen.lost is not None:
            try:
                screen.socket, welcome = await self._welcomed(screen.recipient, tokens, screen)
            except (OSError, TimeoutError, EOFError, WebSocketException, BenchTrouble):
                await asyncio.sleep(AGAIN_S)
                continue
            screen.gaps += not welcome["resumed"]
            screen.returns, screen.lost = screen.returns + 1, None
            await self._back(screen)
            await screen.listen(self._heard)

    async def _open(self, recipient: str, tokens: Tokens) -> Screen:
        return Screen(recipient, *await self._welcomed(recipient, tokens))

    async def _welcomed(
        self, recipient: str, tokens: Tokens, before: Screen | None = None
    ) -> tuple[ClientConnection, dict[str, Any]]:
        noun, _, code = recipient.partition(":")
        token = tokens.issue(Role(noun), None if noun == "command" else code, self._until)
        hello = {"type": "hello", "token": token}
        known = {"stream": before.stream, "after": before.seq} if before is not None else {}
        address = f"ws://127.0.0.1:{self.system.http_port}/ws"
        opened = await connect(address, max_size=None, proxy=None, compression=None, open_timeout=60, max_queue=None)
        await opened.send(msgspec.json.encode({**hello, **known}).decode())
        welcome = msgspec.json.decode(await opened.recv())
        if welcome["type"] != "welcome":
            raise BenchTrouble(f"{recipient} is not welcome: {welcome}")
        return opened, welcome

    def require_whole(self) -> None:
        """Raises BenchTrouble where a number was missing or a socket was lost."""
        for one in self.screens:
            if one.gaps or one.lost is not None:
                state = one.lost or "connected"
                raise BenchTrouble(f"{one.recipient}: {one.gaps} gaps before frame {one.seq}, {state}")


def issuer(system: System) -> Tokens:
    """Makes access tokens of the system."""
    with psycopg.connect(system.postgres.url()) as connection:
        return Tokens(key.settle(system.data, connection))


def registered(system: System) -> Registry:
    """The system's registry."""
    with psycopg.connect(system.postgres.url()) as connection:
        return store.read(connection)
