"""What happened when: the steps that make a drill, in milliseconds since ignition, and which of them are missing."""

import asyncio
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

STEP_WIDTH: Final = 34
WHO_WIDTH: Final = 34


@dataclass(frozen=True, slots=True)
class Step:
    """A step was reached by `who`, `at_ms` after ignition and `took_ms` after the step it follows from.

    `within_ms`: its limit, from that step.
    """

    name: str
    who: str
    at_ms: float | None
    took_ms: float | None = None
    within_ms: float | None = None

    @property
    def ok(self) -> bool:
        """True when it was reached in time."""
        if self.at_ms is None:
            return False
        return self.within_ms is None or self.took_ms is None or self.took_ms <= self.within_ms


class Missing(Exception):  # noqa: N818 - what the story says, not a fault of this program
    """A step did not come within its limit."""


class Story:
    """The steps so far. `say` is given a line for each as it comes."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.steps: list[Step] = []
        self._say = say
        self._began = time.monotonic()
        self._marks: dict[str, float] = {}
        self._changed = asyncio.Event()

    def ignite(self) -> None:
        """Time runs from here."""
        self._began = time.monotonic()

    def now_ms(self) -> float:
        """Milliseconds since ignition."""
        return (time.monotonic() - self._began) * 1000

    def see(self, key: str, at_ms: float | None = None) -> None:
        """The fact `key` is known from now on, and was true at `at_ms` (absent: now). The first time counts."""
        if key not in self._marks:
            self._marks[key] = self.now_ms() if at_ms is None else at_ms
            self._changed.set()
            self._changed = asyncio.Event()

    def at(self, key: str) -> float | None:
        """When `key` became known."""
        return self._marks.get(key)

    async def reach(self, key: str) -> None:
        """The fact `key` is known."""
        while key not in self._marks:
            await self._changed.wait()

    def tell(self, name: str, who: str) -> None:
        """One more step, reached now, told at once."""
        self._add(Step(name, who, self.now_ms()))

    async def expect(self, key: str, name: str, who: Callable[[], str], *, after: str | None, within_s: float) -> None:
        """The fact `key` is known and told as a step of `who()`; `within_s` counts from the fact `after` (or ignition).

        Raises Missing when it does not come in time; the step is then told as missing.
        """
        since = self._marks.get(after, 0.0) if after is not None else 0.0
        limit_ms = within_s * 1000
        while key not in self._marks:
            left_s = (since + limit_ms - self.now_ms()) / 1000
            if left_s <= 0 or not await self._news(left_s):
                self._add(Step(name, who(), None, None, limit_ms))
                raise Missing(f"{name} ({who()}) did not come within {within_s:.1f} s")
        reached = self._marks[key]
        self._add(Step(name, who(), reached, reached - since, limit_ms))

    def _add(self, step: Step) -> None:
        self.steps.append(step)
        self._say(line(step))

    async def _news(self, seconds: float) -> bool:
        """True when something was seen within `seconds`."""
        news = self._changed
        try:
            async with asyncio.timeout(seconds):
                await news.wait()
        except TimeoutError:
            return False
        return True

    @property
    def ok(self) -> bool:
        """True when no step is missing or late."""
        return bool(self.steps) and all(step.ok for step in self.steps)


def line(step: Step) -> str:
    """The step as a row of the table: milliseconds, step, who, and how it stands against its limit."""
    at = "missing" if step.at_ms is None else f"{step.at_ms:,.0f}"
    mark = "✓" if step.ok else "✗"
    limit = ""
    if step.within_ms is not None:
        took = "" if step.took_ms is None else f"{step.took_ms:,.0f} "
        limit = f"{took}of {step.within_ms:,.0f} ms"
    return f"  {at:>9}  {mark} {padded(step.name, STEP_WIDTH)}  {padded(step.who, WHO_WIDTH)}  {limit}".rstrip()


HEADING: Final = f"  {'ms':>9}    {'step':<{STEP_WIDTH}}  {'who':<{WHO_WIDTH}}  took, limit"


def padded(text: str, width: int) -> str:
    """`text` in a column of `width` cells; a Chinese character takes two. Too long a text is cut."""
    shown, cells = "", 0
    for character in text:
        size = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if cells + size > width:
            return shown + " " * (width - cells)
        shown, cells = shown + character, cells + size
    return shown + " " * (width - cells)
