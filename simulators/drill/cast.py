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
from simulators.scenario import Crew, Deed, Scenario

DONE: Final = {
    "acknowledge": "acknowledged",
    "turn_out": "turned out",
    "arrive": "arrived",
    "control": "under control",
    "close": "closed",
}
INSTEAD: Final = frozenset({"declined", "not_acknowledged"})
"""Reasons of orders that go to whoever is next."""
WELCOME_S: Final = 10.0
SLACK_S: Final = 5.0
"""What the system may take for a press to be answered."""


@dataclass(frozen=True, slots=True)
class Part:
    """An order that reached a person, and what they will do about it; `instead` of going, where a scenario says so."""

    order: Json
    moves: tuple[Move, ...]
    instead: Crew | None = None

    def key(self, action: str) -> str:
        """The story's name for the fact that `action` was answered."""
        return f"{self.order['id']} {action}"


@dataclass(slots=True)
class Cast:
    """Everybody who may be ordered, `named` in words. `parts`: by order id, in the order they came."""

    url: str
    token_for: Callable[[str, str], str]
    drill: str
    scenario: Scenario
    seed: int
    story: Story
    named: Callable[[str], str] = str
    parts: dict[str, Part] = field(default_factory=dict)
    screens: dict[str, Screen] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)
    _others: list[str] = field(default_factory=list)
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
            part = Part(order, moves(order["kind"], order["eta_s"], dice), self._instead(order))
            self.parts[order["id"]] = part
            self.story.see(f"ordered {order['kind']}")
            self.story.see(f"ordered {order['id']}")
            self._start(self._play(self.screens[recipient], part))

        return take

    def _instead(self, order: Json) -> Crew | None:
        if order["kind"] != "respond":
            return None
        return self.scenario.crew(1 + sum(part.order["kind"] == "respond" for part in self.parts.values()))

    def look_for_delivery(self, order: Json) -> None:
        """The story knows when `order` was delivered, if its history says so: by FireGrid's clock, since drafted."""
        ordered = self.story.at(f"ordered {order['id']}")
        told = next((step for step in order["history"] if step["event"] == "delivered"), None)
        if ordered is not None and told is not None:
            after = instant.parse(told["at"]) - instant.parse(order["drafted_at"])
            self.story.see(f"{order['id']} delivered", ordered + after / timedelta(milliseconds=1))

    async def _play(self, screen: Screen, part: Part) -> None:
        """The person does what they do, step by step; a refused press ends it."""
        instead = part.instead
        if instead is not None and instead.does is Deed.SLEEPS:
            return
        declined = () if instead is None else (Move("decline", part.moves[0].delay_s),)
        for move in declined or part.moves:
            await asyncio.sleep(move.delay_s * PACE)
            ref = f"{self.drill}-{part.order['id']}-{move.action}"
            value = {"reason": instead.reason} if instead is not None else None
            try:
                answer = await screen.act(part.order["id"], move.action, ref, value)
            except TimeoutError:
                self.trouble.append(f"{screen.recipient}: no answer to {move.action} of {part.order['id']}")
                return
            if not answer["ok"]:
                self.trouble.append(f"{screen.recipient}: {move.action} was refused: {answer.get('error')}")
                return
            self.look_for_delivery(answer["order"])
            self.story.see(part.key(move.action))

    async def expect_all(self, part: Part, who: Callable[[], str]) -> None:
        """The whole of `part` was played, each press answered in time, each told as a step; where the crew did not go,
        another was called for it.

        Raises Missing.
        """
        if part.instead is not None:
            await self._expect_another(part, part.instead, who)
            return
        before = f"ordered {part.order['id']}"
        for move in part.moves:
            within_s = move.delay_s * PACE + SLACK_S
            key = part.key(move.action)
            await self.story.expect(key, DONE[move.action], who, after=before, within_s=within_s)
            before = key

    async def _expect_another(self, part: Part, instead: Crew, who: Callable[[], str]) -> None:
        ordered, key = f"ordered {part.order['id']}", part.key("lapsed")
        if instead.does is Deed.DECLINES:
            key, within_s = part.key("decline"), part.moves[0].delay_s * PACE + SLACK_S
            await self.story.expect(key, f"declined: {instead.reason}", who, after=ordered, within_s=within_s)
        else:
            given = instant.parse(part.order["deadlines"]["acknowledge_by"]) - instant.parse(part.order["drafted_at"])
            within_s = given / timedelta(seconds=1) + SLACK_S
            await self.story.expect(key, "lapsed: nobody answered", who, after=ordered, within_s=within_s)
        another = f"called instead {instead.called}"
        await self.story.expect(another, "the next is called", self._instead_of, after=key, within_s=SLACK_S)

    def _instead_of(self) -> str:
        """Who was called last in another's stead."""
        return self.named(self._others[-1]) if self._others else "nobody"

    def look_for_others(self, orders: list[Json]) -> None:
        """The story knows which orders of crews lapsed, and how many crews were called in another's stead."""
        crews = [order for order in orders if order["kind"] == "respond"]
        for order in crews:
            if order["state"] == "lapsed":
                self.story.see(f"{order['id']} lapsed")
        self._others = [order["recipient"] for order in crews if order["reason"] in INSTEAD]
        for count, one in enumerate(sorted(self.scenario.crews, key=lambda crew: crew.called), 1):
            if len(self._others) >= count:
                self.story.see(f"called instead {one.called}")
