"""History is kept in order: rolled up, and dropped when it is too old; one runner at a time, whoever else is there.

A few bounded steps, each a transaction on a connection of its own, so that nothing that stores readings waits for it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import psycopg
import structlog

from devices import database
from devices.model import Kind
from ingest import edition, metrics
from ingest.retention import Keep, Retention
from ingest.roller import Roller
from ingest.statements import statement

log = structlog.get_logger()

IDLE_S = 2.0
"""Between looking for something to do, real seconds."""
AGAIN_S = 5.0
"""Between attempts while the database is away or another is the runner, real seconds."""
LONGEST_REST_S = 1.0
"""After work it rests as long as the work took, but no longer than this, real seconds."""

LOCK = 0x68697374
"""The advisory lock of the runner: "hist"."""

Step = Callable[[psycopg.AsyncConnection, datetime], Awaitable[bool]]
"""Bounded work on a connection in autocommit; true when there is more to do at once."""


async def run(url: str, clock: Callable[[], datetime], keep: Keep, also: Sequence[Step] = ()) -> None:
    """History is kept in order until this is cancelled; `also`: what else is to be done every time, in order.

    While another runner is at work, on this machine or another, this one waits; it takes over when that one's
    connection ends.
    """
    said = ""
    while True:
        try:
            async with await connected(url) as connection:
                if await alone(connection):
                    log.info("history_runner")
                    said = ""
                    await _tend(connection, clock, keep, also)
        except psycopg.Error as error:
            reason = str(error).strip() or type(error).__name__
            if reason != said:
                log.warning("history_interrupted", error=reason)
            said = reason
        except Exception:  # the loop's end of the house rule: readings must go on being stored whatever is wrong here
            metrics.history_failures.inc()
            log.exception("history_failed")
        await asyncio.sleep(AGAIN_S)


async def connected(url: str) -> psycopg.AsyncConnection:
    """A connection in autocommit, set up for the runner's statements.

    Raises `psycopg.OperationalError`.
    """
    connection = await database.connect(url, "firegrid-history")
    await connection.execute(statement("history_session"))
    return connection


async def alone(connection: psycopg.AsyncConnection) -> bool:
    """Whether this connection is the runner's, from now until it ends."""
    cursor = await connection.execute(statement("history_lock"), {"lock": LOCK})
    return await cursor.fetchone() == (True,)


def steps(connection: psycopg.AsyncConnection, keep: Keep) -> list[Callable[[datetime], Awaitable[bool]]]:
    """What the runner does in turn; each is bounded, and true when there is more to do at once."""
    return [*(Roller(connection, kind).step for kind in Kind), Retention(connection, keep).step]


async def _tend(
    connection: psycopg.AsyncConnection, clock: Callable[[], datetime], keep: Keep, also: Sequence[Step]
) -> None:
    await edition.settle(connection)
    own = steps(connection, keep)
    while True:
        started = time.monotonic()
        more = False
        for step in own:
            more = await step(clock()) or more
        for other in also:
            more = await other(connection, clock()) or more
        await asyncio.sleep(min(time.monotonic() - started, LONGEST_REST_S) if more else IDLE_S)
