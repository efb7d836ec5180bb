"""Ingest is told which devices to watch: those with an alarm that has not cleared (DESIGN decision 5)."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Protocol

import msgspec

AT_A_TIME = 2_000
"""Of a larger set a change is told less often: one of 20,000 devices once a second. So this costs a storm little."""
AGAIN_S = 10.0
"""The set is published again this often, for a broker that lost it."""
LOOK_S = 0.1


class Publisher(Protocol):
    """What can put a retained message on a topic; where it is away the message is lost."""

    async def __call__(self, topic: str, payload: bytes) -> None:
        """The message is handed to the broker, or dropped."""
        ...


async def run(prefix: str, watched: Callable[[], set[str]], publish: Publisher) -> None:
    """Publishes the set whenever it changes, and every ten seconds. Runs until cancelled."""
    last: set[str] | None = None
    told = -AGAIN_S
    while True:
        now = monotonic()
        current = watched()
        if current != last or now - told >= AGAIN_S:
            await publish(f"{prefix}/_/watch", msgspec.json.encode(sorted(current)))
            last, told = current, now
        await asyncio.sleep(LOOK_S * max(1, len(current) / AT_A_TIME))
