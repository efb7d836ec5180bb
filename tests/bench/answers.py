"""What was said on sockets and waits for its answer."""

import asyncio
import contextlib
import itertools
import json
from dataclasses import dataclass
from typing import Any

from crowd import Screen
from websockets.exceptions import ConnectionClosed

ANSWER_WITHIN_S = 180.0
"""Real seconds for the answer to a press."""


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


class Answers:
    """Each press is said on its screen's socket and has its answer by its `ref`."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: dict[str, _Said] = {}

    async def said(self, screen: Screen, words: dict[str, Any]) -> dict[str, Any]:
        """The answer to what is said on the screen.

        Raises TimeoutError.
        """
        ref = f"r{next(self._numbers)}"
        said = _Said(screen, json.dumps({**words, "ref": ref}), asyncio.get_running_loop().create_future())
        self._waiting[ref] = said
        await said.again()
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await said.answer

    def hear(self, frame: dict[str, Any]) -> None:
        """A frame of type `result` came."""
        if (waiting := self._waiting.pop(frame["ref"], None)) is not None:
            waiting.answer.set_result(frame)

    async def back(self, screen: Screen) -> None:
        """What was said on the screen and not answered before it was cut off is said again."""
        for said in [one for one in self._waiting.values() if one.screen is screen]:
            await said.again()
