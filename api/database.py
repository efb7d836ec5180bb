"""The database as this room sees it: rows, or `Away` within seconds. No alarm waits for it."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, TupleRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from api.statements import statement

WITHIN_S = 5.0
"""A database that takes longer is away; a screen asks again sooner than that."""
AWAY_FOR_S = 1.0
"""After a connection that could not be had, nobody else waits for one until so long later."""


class Away(Exception):  # noqa: N818 - a state of the world, not a mistake
    """The database did not answer in time."""


class Database:
    """A small pool that comes back by itself when the server does."""

    def __init__(self, url: str, size: int = 4, within_s: float = WITHIN_S) -> None:
        self._within_s = within_s
        self._away_until = 0.0
        # an attempt to connect gives up early: the next question tries afresh and need not sit out a long back-off
        self._pool: AsyncConnectionPool[AsyncConnection[TupleRow]] = AsyncConnectionPool(
            url,
            connection_class=AsyncConnection[TupleRow],
            kwargs={
                "autocommit": True,
                "connect_timeout": 2,
                "application_name": "firegrid-api",
            },
            min_size=1,
            max_size=size,
            timeout=2.0,
            reconnect_timeout=1.0,
            check=AsyncConnectionPool.check_connection,
            open=False,
            name="api",
        )

    async def __aenter__(self) -> Self:
        await self._pool.open(wait=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._within_s):
                await self._pool.close(timeout=1.0)

    @asynccontextmanager
    async def connection(self, within_s: float) -> AsyncIterator[AsyncConnection[TupleRow]]:
        """A connection in autocommit, for at most `within_s` real seconds.

        Raises Away, also for what is lost while it is in use.
        """
        if time.monotonic() < self._away_until:
            raise Away("the last connection was refused")
        connected = False
        try:
            async with asyncio.timeout(within_s), self._pool.connection() as connection:
                connected = True
                yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, TimeoutError) as error:
            if not connected:
                self._away_until = time.monotonic() + AWAY_FOR_S
            raise Away(str(error)) from error

    async def rows(self, name: str, values: Mapping[str, Any]) -> list[DictRow]:
        """What the statement in `sql/<name>.sql` yields.

        Raises Away.
        """
        async with self.connection(self._within_s) as connection, connection.cursor(row_factory=dict_row) as cursor:
            return await (await cursor.execute(statement(name), values)).fetchall()

    async def change(self, name: str, values: Mapping[str, Any]) -> int:
        """How many rows the statement in `sql/<name>.sql` changed.

        Raises Away.
        """
        async with self.connection(self._within_s) as connection:
            return (await connection.execute(statement(name), values)).rowcount
