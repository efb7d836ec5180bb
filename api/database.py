"""The database as this room sees it: rows, or `Away` within seconds. No alarm waits for it."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Self, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, TupleRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from api.statements import statement

WITHIN_S = 5.0
"""A database that takes longer is away; a screen asks again sooner than that."""
AWAY_FOR_S = 1.0
"""After an answer that never came, nobody else waits for one until so long later."""

_Answer = TypeVar("_Answer")


class Away(Exception):  # noqa: N818 - a state of the world, not a mistake
    """The database did not answer in time."""


class Database:
    """A small pool that comes back by itself when the server does. Durations are real seconds."""

    def __init__(self, url: str, size: int = 4, within_s: float = WITHIN_S) -> None:
        self.url = url
        self._within_s = within_s
        self._away_until = 0.0
        self._given_up: set[asyncio.Task[Any]] = set()
        self._asking: asyncio.Task[bool] | None = None
        # an attempt to connect gives up early: the next question tries afresh and need not sit out a long back-off
        self._pool: AsyncConnectionPool[AsyncConnection[TupleRow]] = AsyncConnectionPool(
            url,
            connection_class=AsyncConnection[TupleRow],
            kwargs={"autocommit": True, "connect_timeout": 2, "application_name": "firegrid-api"},
            min_size=1,
            max_size=size,
            timeout=2.0,
            reconnect_timeout=1.0,
            configure=self._configure,
            check=AsyncConnectionPool.check_connection,
            open=False,
            name="api",
        )

    async def __aenter__(self) -> Self:
        await self._pool.open(wait=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in (*self._given_up, *([self._asking] if self._asking is not None else [])):
            task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._within_s):
                await self._pool.close(timeout=1.0)

    async def rows(self, name: str, values: Mapping[str, Any]) -> list[DictRow]:
        """What the statement in `sql/<name>.sql` yields.

        Raises Away.
        """

        async def ask() -> list[DictRow]:
            async with self.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
                return await (await cursor.execute(statement(name), values)).fetchall()

        return await self._in_time(ask())

    async def answers(self, within_s: float) -> bool:
        """Whether it has answered a question within so many real seconds. One that takes longer is not given up:
        however often somebody asks, one question is waited for at a time.
        """
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._alive())
        await asyncio.wait({self._asking}, timeout=within_s)
        return self._asking.done() and self._asking.result()

    async def _alive(self) -> bool:
        with suppress(Away):
            await self.rows("alive", {})
            return True
        return False

    async def tuples(self, name: str, values: Mapping[str, Any]) -> list[TupleRow]:
        """The same as plain tuples, in the statement's order and sent as binary: for numbers by the thousand.

        Raises Away.
        """

        async def ask() -> list[TupleRow]:
            async with self.connection() as connection:
                return await (await connection.execute(statement(name), values, binary=True)).fetchall()

        return await self._in_time(ask())

    async def change(self, name: str, values: Mapping[str, Any]) -> int:
        """How many rows the statement in `sql/<name>.sql` changed.

        Raises Away.
        """

        async def ask() -> int:
            async with self.connection() as connection:
                return (await connection.execute(statement(name), values)).rowcount

        return await self._in_time(ask())

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[TupleRow]]:
        """A connection in autocommit.

        Raises Away, also for what is lost while it is in use.
        """
        if time.monotonic() < self._away_until:
            raise Away("a moment ago it did not answer")
        connected = False
        try:
            async with self._pool.connection() as connection:
                connected = True
                yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
            if not connected:
                self._away_until = time.monotonic() + AWAY_FOR_S
            raise Away(str(error)) from error

    async def _in_time(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        """The work's answer. Work that takes too long is given up, not waited for: a frozen server hears no cancel."""
        task = asyncio.create_task(work)
        try:
            done, _ = await asyncio.wait({task}, timeout=self._within_s)
        except asyncio.CancelledError:
            self._give_up(task)
            raise
        if not done:
            self._give_up(task)
            self._away_until = time.monotonic() + AWAY_FOR_S
            raise Away(f"no answer within {self._within_s} s")
        return task.result()

    def _give_up(self, task: "asyncio.Task[Any]") -> None:
        self._given_up.add(task)
        task.add_done_callback(self._forget)
        task.cancel()

    def _forget(self, task: "asyncio.Task[Any]") -> None:
        self._given_up.discard(task)
        if not task.cancelled():
            task.exception()  # heard: nobody waits for it any more

    async def _configure(self, connection: AsyncConnection[TupleRow]) -> None:
        """A statement that is merely slow ends on the server, before it is taken for an absence of it."""
        limit_ms = int(self._within_s * 900)
        await connection.execute(
            # a plan for any range of time at all would look at every chunk there is
            "SELECT set_config('statement_timeout', %s, false),"
            " set_config('plan_cache_mode', 'force_custom_plan', false),"
            # a year of statistics is sorted in memory
            " set_config('work_mem', '32MB', false)",
            (str(limit_ms),),
        )
