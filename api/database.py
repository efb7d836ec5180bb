"""The database as this room sees it: rows, or `Away` within seconds. No alarm waits for it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from api.statements import statement

WITHIN_S = 5.0
"""A database that takes longer is away; a screen asks again sooner than that."""


class Away(Exception):  # noqa: N818 - a state of the world, not a mistake
    """The database did not answer in time."""


class Database:
    """A small pool that comes back by itself when the server does."""

    def __init__(self, url: str, size: int = 4, within_s: float = WITHIN_S) -> None:
        self._within_s = within_s
        # an attempt to connect gives up early: the next question tries afresh and need not sit out a long back-off
        self._pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
            url,
            connection_class=AsyncConnection[DictRow],
            kwargs={
                "row_factory": dict_row,
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

    async def rows(self, name: str, values: Mapping[str, Any]) -> list[DictRow]:
        """What the statement in `sql/<name>.sql` yields.

        Raises Away.
        """
        try:
            async with asyncio.timeout(self._within_s), self._pool.connection() as connection:
                return await (await connection.execute(statement(name), values)).fetchall()
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, TimeoutError) as error:
            raise Away(str(error)) from error

    async def change(self, name: str, values: Mapping[str, Any]) -> int:
        """How many rows the statement in `sql/<name>.sql` changed.

        Raises Away.
        """
        try:
            async with asyncio.timeout(self._within_s), self._pool.connection() as connection:
                return (await connection.execute(statement(name), values)).rowcount
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, TimeoutError) as error:
            raise Away(str(error)) from error
