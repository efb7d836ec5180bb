"""The API's database behind a proxy that can be closed or swallow every byte."""

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

import pytest

from api.database import Away, Database


class Proxy:
    """Forwards a port to the database, until told otherwise."""

    def __init__(self, url):
        self._parts = urlsplit(url)
        self._server = None
        self._pipes = set()
        self.port = 0
        self.flowing = asyncio.Event()
        self.flowing.set()

    @property
    def url(self):
        user, _, _ = self._parts.netloc.rpartition("@")
        return urlunsplit(self._parts._replace(netloc=f"{user}@127.0.0.1:{self.port}"))

    async def open(self):
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self):
        self._server.close()
        for pipe in list(self._pipes):
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)

    async def _take(self, reader, writer):
        there = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        pipes = [asyncio.create_task(self._pipe(*pair)) for pair in ((reader, there[1]), (there[0], writer))]
        self._pipes.update(pipes)
        with suppress(asyncio.CancelledError):
            await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
        for pipe in pipes:
            pipe.cancel()
            self._pipes.discard(pipe)
        writer.transport.abort()
        there[1].transport.abort()

    async def _pipe(self, reader, writer):
        while data := await reader.read(65536):
            await self.flowing.wait()
            writer.write(data)


@asynccontextmanager
async def _proxied(url, within_s):
    proxy = Proxy(url)
    await proxy.open()
    async with Database(proxy.url, within_s=within_s) as found:
        yield proxy, found
    await proxy.close()


async def _answers(database, within_s):
    until = time.monotonic() + within_s
    while True:
        try:
            return await database.rows("alive", {})
        except Away:
            assert time.monotonic() < until
            await asyncio.sleep(0.05)


async def test_a_database_that_was_away_answers_again_soon_after_it_is_back(database):
    async with _proxied(database, 2.0) as (proxy, found):
        assert await found.rows("alive", {}) == [{"alive": 1}]
        await proxy.close()
        for _ in range(5):
            with pytest.raises(Away):
                await found.rows("alive", {})
        await asyncio.sleep(3)
        await proxy.open()
        assert await _answers(found, 8) == [{"alive": 1}]


async def test_a_frozen_database_is_away_within_the_limit_and_not_for_good(database):
    async with _proxied(database, 1.0) as (proxy, found):
        await found.rows("alive", {})
        proxy.flowing.clear()
        started = time.monotonic()
        with pytest.raises(Away):
            await found.rows("alive", {})
        assert time.monotonic() - started < 10  # the limit is 1 s; a machine under load may add to it
        proxy.flowing.set()
        assert await _answers(found, 15) == [{"alive": 1}]


async def test_who_asks_whether_it_answers_is_told_soon_and_asks_no_second_question_meanwhile(database):
    async with _proxied(database, 60.0) as (proxy, found):
        assert await found.answers(30)
        proxy.flowing.clear()
        async with asyncio.timeout(30):  # of the 60 s that a question may take
            for _ in range(10):  # more than there are connections
                assert not await found.answers(0.01)
        proxy.flowing.set()
        assert await found.answers(30)
        assert await found.rows("alive", {}) == [{"alive": 1}]


async def test_while_it_is_away_only_the_first_in_a_second_waits(database):
    async with _proxied(database, 2.0) as (proxy, found):
        await found.rows("alive", {})
        await proxy.close()
        with pytest.raises(Away):
            await found.rows("alive", {})
        with pytest.raises(Away, match="moment"):
            await found.rows("alive", {})
        await proxy.open()
