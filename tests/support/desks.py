"""A desk on a real journal, with a clock to move by hand and an ear for what it pushes."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import structlog
from stories import travel

from devices.registry import Registry
from devices.signal import Signal
from dispatch.desk import Desk
from dispatch.facts.actor import Actor
from dispatch.ledger.journal import Journal
from dispatch.policy.policy_file import shipped
from dispatch.world import Webhooks, World

# with all locals drawn, a decision that fails on purpose stops the loop for longer than a desk may be still
structlog.configure(
    processors=[structlog.processors.format_exc_info, structlog.dev.ConsoleRenderer(colors=False)],
    cache_logger_on_first_use=False,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
COMMAND = Actor("command", "command:main")
STATION = Actor("station", "station:ST-1")
NO_WEBHOOKS = Webhooks()
AWAY = "postgresql://nobody@127.0.0.1:1/none"


class Hands:
    """A clock to move, and what the desk pushed."""

    def __init__(self) -> None:
        self.now = NOON
        self.frames: list[tuple[str, int, dict[str, object]]] = []

    def clock(self) -> datetime:
        return self.now

    def deliver(self, recipient: str, seq: int, data: bytes, _orders: tuple[str, ...]) -> None:
        self.frames.append((recipient, seq, json.loads(data)))


def fire(number: int, device: str = "S-4", at: datetime = NOON, event: str = "fire") -> Signal:
    return Signal(id=f"e:{number}", gateway="GW-1", device=device, place="P-2", ts=at, received_at=at, event=event)


def reading(number: int, at: datetime = NOON) -> Signal:
    return Signal(
        id=f"r:{number}", gateway="GW-1", device="S-4", place="P-2", ts=at, received_at=at, values={"smoke_db_m": 0.0}
    )


@contextlib.asynccontextmanager
async def leading(
    folder: Path,
    url: str,
    registry: Registry,
    hands: Hands,
    *,
    drained: bool = True,
    webhooks: Webhooks = NO_WEBHOOKS,
) -> AsyncIterator[Desk]:
    """A desk that leads; on leaving, the database has everything if it is there and `drained`."""
    with Journal(folder) as journal:
        # without a file behind it, so that the first entry is the story's
        policy = replace(shipped(), digest="")
        world = World(
            registry, policy, travel, lambda _: 1, lambda at: at, lambda _lon, _lat: "G3-1", webhooks=webhooks
        )
        desk = Desk(journal, url, lambda: world, hands.clock)
        desk.listen(hands.deliver)
        await desk.start()
        running = asyncio.create_task(desk.run())
        await until(desk.leading)
        try:
            yield desk
            if drained and url != AWAY:
                await until(lambda: running.done() or desk.drain.position == desk._state.last_entry)
        finally:
            await desk.rest(5 if drained else 0.2)
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running


async def until(true: Callable[[], bool], within_s: float = 10) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 - what is waited for is in the desk or the database
            await asyncio.sleep(0.01)


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()
