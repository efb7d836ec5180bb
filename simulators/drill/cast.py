"""The people of a drill: their screens, and what each does with an order."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from devices import instant
from simulators.dice import Dice
from simulators.drill.person import PACE, Move, moves
from simulators.drill.screen import Json, NotYours, Screen
from simulators.drill.story import Story

DONE: Final = {
    "acknowledge": "acknowledged",
    "turn_out": "turned out",
    "arrive": "arrived",
    "control": "under control",
    "close": "closed",
}
WELCOME_S: Final = 10.0
SLACK_S: Final = 5.0
"""What the system may take for a press to be answered."""


@dataclass(frozen=True, slots=True)
class Part:
    """An order that reached a person, and what they will do about it."""

    order: Json
    moves: tuple[Move, ...]

    def key(self, action: str) -> str:
        """The story's name for the fact that `action` was answered."""
        return f"{self.order['id']} {action}"


@dataclass(slots=True)
class Cast:
    """Everybody who may be ordered. `parts`: by order id, in the order they came."""

    url: str
    token_for: Callable[[str, str], str]
    drill: str
    seed: int
    story: Story
    parts: dict[str, Part] = field(default_factory=dict)
    screens: dict[str, Screen] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def join(self, recipient: str, on_incident: Callable[[Json], None] | None = None) -> None:
        """The recipient's screen is there from now on; one that is there already stays as it is."""
        if recipient in self.screens:
            return
        role, _, code = recipient.partition(":")
        token = self.token_for(role, "" if role == "command" else code)
        screen = Screen(self.url, token, recipient, self._take(recipient))
        if on_incident is not None:
            screen.on_incident = on_incident
        self.screens[recipient] = screen
        self._start(self._watch(screen))

    async def ready(self) -> None:
        """Every screen was let in.

        Raises TimeoutError when one is not within ten seconds.
        """
        async with asyncio.timeout(WELCOME_S):
            for screen in self.screens.values():
                await screen.welcomed.wait()

    async def leave(self) -> None:
        """All screens are gone; what went wrong in one of them is in `trouble`."""
        for task in self._tasks:
            task.cancel()
        for outcome in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                self.trouble.append(f"{type(outcome).__name__}: {outcome}")
        self.trouble += [f"{one.recipient}: a real order came, the drill's screen left" for one in self._gone()]

    def _gone(self) -> list[Screen]:
        return [screen for screen in self.screens.values() if screen.left]

    def _start(self, doing: Coroutine[None, None, None]) -> None:
        self._tasks.add(asyncio.create_task(doing))

    async def _watch(self, screen: Screen) -> None:
        try:
            await screen.run()
        except NotYours as refused:
            self.trouble.append(str(refused))

    def _take(self, recipient: str) -> Callable[[Json], None]:
        def take(order: Json) -> None:
            if order["id"] in self.parts or order.get("drill_id", self.drill) != self.drill:
                return
            dice = Dice(self.seed, f"{recipient} {order['kind']}")
            part = Part(order, moves(order["kind"], order["eta_s"], dice))
            self.parts[order["id"]] = part
            self.story.see(f"ordered {order['kind']}")
            self.story.see(f"ordered {order['id']}")
            self._start(self._play(self.screens[recipient], part))

        return take

    def look_for_delivery(self, order: Json) -> None:
        """The story knows when `order` was delivered, if its history says so: by FireGrid's clock, since drafted."""
        ordered = self.story.at(f"ordered {order['id']}")
        told = next((step for step in order["history"] if step["event"] == "delivered"), None)
        if ordered is not None and told is not None:
            after = instant.parse(told["at"]) - instant.parse(order["drafted_at"])
            self.story.see(f"{order['id']} delivered", ordered + after / timedelta(milliseconds=1))

    async def _play(self, screen: Screen, part: Part) -> None:
        """The person does what they do, step by step; a refused press ends it."""
        for move in part.moves:
            await asyncio.sleep(move.delay_s * PACE)
            try:
                answer = await screen.act(
                    part.order["id"], move.action, f"{self.drill}-{part.order['id']}-{move.action}"
                )
            except TimeoutError:
                self.trouble.append(f"{screen.recipient}: no answer to {move.action} of {part.order['id']}")
                return
            if not answer["ok"]:
                self.trouble.append(f"{screen.recipient}: {move.action} was refused: {answer.get('error')}")
                return
            self.look_for_delivery(answer["order"])
            self.story.see(part.key(move.action))

    async def expect_all(self, part: Part, who: Callable[[], str]) -> None:
        """The whole of `part` was played, each press answered in time, each told as a step.

        Raises Missing.
        """
        before = f"ordered {part.order['id']}"
        for move in part.moves:
            within_s = move.delay_s * PACE + SLACK_S
            key = part.key(move.action)
            await self.story.expect(key, DONE[move.action], who, after=before, within_s=within_s)
            before = key
