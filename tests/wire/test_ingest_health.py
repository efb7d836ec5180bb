"""Who is told offline and who is not, with a real broker and a real database, two minutes passing in a second.

What is asserted of time are lower bounds: a slow machine makes these tests slow, not red.
"""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import paho.mqtt.client as paho
import psycopg
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from proxy import Proxy

from devices import catalogue, signal
from devices.model import Device, Gateway, Grid, Place
from devices.registry import Registry
from devices.signal import Signal
from ingest import health, pipeline

RATE = 120
LIMIT = timedelta(seconds=300)
AWAY_S = 2.5
"""So long, in real seconds, nobody hears: as long as devices may be silent."""
AWAY = timedelta(seconds=AWAY_S * RATE)
CHAT_S = 0.2
START = datetime(2026, 11, 21, 12, tzinfo=UTC)
_numbers = itertools.count()


class District:
    """Gateway one has three devices, gateway two has one; those `speaking` send a reading every moment."""

    def __init__(self, broker, database: str, data: Path) -> None:
        number = next(_numbers)
        self.started = time.monotonic()
        self.broker, self.database, self.data = broker, database, data
        self.one, self.two = f"GW-H{number}-1", f"GW-H{number}-2"
        self.a, self.b, self.c, self.d = (f"SMK-H{number}-{letter}" for letter in "abcd")
        self.prefix = f"fg/v1/h{number}"
        broker.let_in({self.one: "p1", self.two: "p2"}, self.prefix)
        devices = [
            Device(code, "smoke-photo", self.one, "P1", id=n) for n, code in enumerate((self.a, self.b, self.c), 1)
        ]
        devices.append(Device(self.d, "smoke-photo", self.two, "P1", id=4))
        profile = replace(catalogue.load()["smoke-photo"], offline_after_s=int(LIMIT.total_seconds()))
        self.registry = Registry(
            version=1,
            grids={"G1": Grid("G1", "grid", 3, None, ())},
            places={"P1": Place("P1", "place", "shop", "street", 121.0, 31.0, 1, "G1")},
            gateways={code: Gateway(code, code, "P1") for code in (self.one, self.two)},
            devices={one.code: one for one in devices},
            profiles={"smoke-photo": profile},
        )
        self.speaking: set[str] = set()
        self.ahead_s: dict[str, float] = {}

    def clock(self) -> datetime:
        return START + timedelta(seconds=(time.monotonic() - self.started) * RATE)

    @asynccontextmanager
    async def ingesting(self, **more: str) -> AsyncIterator[None]:
        stop, ready = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(
            pipeline.run(
                mqtt_url=more.get("mqtt", self.broker.url()),
                database_url=more.get("database", self.database),
                prefix=self.prefix,
                data=self.data,
                clock=self.clock,
                registry=lambda: self.registry,
                stop=stop,
                ready=ready,
                health_every_s=0.1,
            )
        )
        try:
            await asyncio.wait_for(ready.wait(), 20)
            yield
        finally:
            stop.set()
            await asyncio.wait_for(task, 20)

    def client(self, gateway: str) -> aiomqtt.Client:
        user, word = self._login(gateway)
        return aiomqtt.Client("127.0.0.1", self.broker.port, username=user, password=word, timeout=30)

    def pull(self, gateway: str) -> None:
        """The gateway connects, with a last will, and is gone without a word."""
        client = paho.Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        client.username_pw_set(*self._login(gateway))
        client.will_set(f"{self.prefix}/{gateway}/status", json.dumps({"state": "offline"}), qos=1, retain=True)
        client.connect("127.0.0.1", self.broker.port)
        while not client.is_connected():
            client.loop(1)
        client.socket().close()

    def _login(self, gateway: str) -> list[str]:
        return self.broker.gateway_url(gateway).removeprefix("mqtt://").split("@")[0].split(":")

    @asynccontextmanager
    async def chatting(self) -> AsyncIterator[None]:
        """What speaks is heard by the broker, whoever else is away."""
        over = asyncio.Event()
        task = asyncio.create_task(self._chat(over))
        try:
            yield
        finally:
            over.set()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _chat(self, over: asyncio.Event) -> None:
        # cancelled and told: Python 3.11's wait_for, which aiomqtt waits with, swallows a cancellation that arrives
        # together with its result (python/cpython#86296)
        async with self.client(self.one) as one, self.client(self.two) as two:
            for seq in itertools.count():
                for client, gateway in ((one, self.one), (two, self.two)):
                    items = [
                        {"device": code, "ts": self._ts(code), "seq": seq, "smoke_db_m": 0.01}
                        for code in sorted(self.speaking & set(self.registry.devices_behind(gateway)))
                    ]
                    if items:
                        await client.publish(f"{self.prefix}/{gateway}/telemetry", json.dumps(items), qos=1)
                if over.is_set():
                    return
                await asyncio.sleep(CHAT_S)

    def _ts(self, code: str) -> int:
        at = self.clock() + timedelta(seconds=self.ahead_s.get(code, 0))
        return round(at.timestamp() * 1000)

    def retire(self, number: int, code: str) -> None:
        """The device is registered no more."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO devices (id, code, profile, kind, gateway, place, retired)"
                " OVERRIDING SYSTEM VALUE VALUES (%s, %s, 'smoke-photo', 'smoke', %s, 'P1', true)",
                (number, code, self.one),
            )
        kept = {each: one for each, one in self.registry.devices.items() if each != code}
        self.registry = replace(self.registry, version=2, devices=kept)

    def ask(self, query: str, *values: object) -> list[tuple]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(query, values or None).fetchall()

    def said(self) -> list[Signal]:
        """Every word about silence, in order."""
        rows = self.ask("SELECT body FROM signals WHERE id LIKE 'o:%' ORDER BY received_at, id")
        return [signal.decode(bytes(body)) for (body,) in rows]

    async def until(self, holds: Callable[[], object], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not await asyncio.to_thread(holds):
            assert time.monotonic() < deadline, f"{self.told()}; {self.ask('SELECT * FROM device_seen')}"
            await asyncio.sleep(0.05)

    def told(self) -> list[tuple[str, str | None]]:
        return [(one.device, one.event) for one in self.said()]

    async def listened(self) -> None:
        """Everybody has been heard, and the listening clock runs."""
        await self.until(lambda: self.ask("SELECT 1 FROM listening ORDER BY since DESC LIMIT 1"))
        before = self.ask("SELECT max(until) FROM listening")
        await self.until(lambda: self.ask("SELECT max(until) FROM listening") != before)

    async def fallen_silent(self, code: str) -> None:
        """It speaks no more, and of what it said nothing is on its way."""
        self.speaking.discard(code)
        since = self.clock()
        first = f"SELECT 1 FROM readings_smoke WHERE device = {self.registry.devices[self.a].id} AND ts > %s LIMIT 1"
        await self.until(lambda: self.ask(first, since))


@pytest.fixture
def district(broker, database: str, tmp_path: Path) -> District:
    return District(broker, database, tmp_path)


async def test_a_silent_device_is_told_offline_once_and_back_when_it_speaks_or_is_registered_no_more(district):
    district.speaking = {district.a, district.b}
    heard = asyncio.Queue()
    async with district.ingesting(), district.chatting(), AsyncExitStack() as stack:
        user, word = district.broker.url().removeprefix("mqtt://").split("@")[0].split(":")
        desk = await stack.enter_async_context(
            aiomqtt.Client("127.0.0.1", district.broker.port, username=user, password=word)
        )
        await desk.subscribe(f"{district.prefix}/_/signals", qos=1)
        await district.until(lambda: len(district.ask("SELECT 1 FROM device_seen")) == 2)
        district.speaking = {district.b}
        await district.until(lambda: district.told() == [(district.a, "offline")])
        [silent] = district.said()
        assert silent.received_at - silent.ts > LIMIT
        assert (silent.gateway, silent.place, silent.flags) == (district.one, "P1", ())
        assert district.ask("SELECT device FROM device_seen WHERE offline_since IS NOT NULL") == [(1,)]
        district.speaking = {district.a, district.b}
        await district.until(lambda: district.told() == [(district.a, "offline"), (district.a, "online")])
        assert district.said()[1].ts > silent.ts
        assert district.ask("SELECT device FROM device_seen WHERE offline_since IS NOT NULL") == []
        async with asyncio.timeout(20):
            async for message in desk.messages:
                heard.put_nowait(signal.decode(message.payload).id)
                if heard.qsize() == 2:
                    break
        assert [heard.get_nowait(), heard.get_nowait()] == [one.id for one in district.said()]
        district.speaking = {district.b}
        await district.until(lambda: len(district.told()) == 3)
        district.retire(1, district.a)
        await district.until(lambda: district.told()[2:] == [(district.a, "offline"), (district.a, "online")])


async def test_a_pulled_gateway_is_told_by_its_last_will_at_once_and_alone_and_is_back_when_it_says_so(district):
    district.speaking = set(district.registry.devices)
    async with district.ingesting(), district.chatting():
        await district.until(lambda: len(district.ask("SELECT 1 FROM device_seen")) == 4)
        await district.listened()
        district.speaking = {district.d}
        # what was sent before it is over must not bring it back
        settled = district.clock()
        await district.until(lambda: district.clock() > settled + timedelta(seconds=CHAT_S * RATE + 10))
        await asyncio.to_thread(district.pull, district.one)
        await district.until(lambda: district.told() == [(district.one, "offline")])
        [will] = district.said()
        async with district.client(district.one) as again:
            text = json.dumps({"state": "online"})
            await again.publish(f"{district.prefix}/{district.one}/status", text, qos=1, retain=True)
            await district.until(lambda: district.told() == [(district.one, "offline"), (district.one, "online")])
        assert district.said()[1].ts > will.ts


async def _worker_away(district: District, _proxies: tuple[Proxy, Proxy], away: Callable[[], Awaitable[None]]) -> None:
    async with district.ingesting():
        await district.listened()
        await district.fallen_silent(district.c)
    await away()
    async with district.ingesting():
        await _sentinel(district)


async def _broker_away(district: District, proxies: tuple[Proxy, Proxy], away: Callable[[], Awaitable[None]]) -> None:
    user = district.broker.url().removeprefix("mqtt://").split("@")[0]
    async with district.ingesting(mqtt=f"mqtt://{user}@127.0.0.1:{proxies[0].port}"):
        await district.listened()
        await district.fallen_silent(district.c)
        proxies[0].refusing = True
        proxies[0].cut()
        await away()
        proxies[0].refusing = False
        await _sentinel(district)


async def _database_away(district: District, proxies: tuple[Proxy, Proxy], away: Callable[[], Awaitable[None]]) -> None:
    async with district.ingesting(database=district.database.replace(f":{proxies[1].to}/", f":{proxies[1].port}/")):
        await district.listened()
        await district.fallen_silent(district.c)
        proxies[1].refusing = True
        proxies[1].cut()
        await away()
        proxies[1].refusing = False
        await _sentinel(district)


async def _sentinel(district: District) -> None:
    """The one that was silent all the while is told offline in the end, and nobody else is."""
    await district.until(lambda: district.told() == [(district.c, "offline")])


@pytest.mark.parametrize("outage", [_worker_away, _broker_away, _database_away])
async def test_time_in_which_we_were_away_makes_nobody_offline(district, postgres, outage):
    proxies = Proxy(district.broker.port), Proxy(postgres.port)
    district.speaking = set(district.registry.devices)

    async def away() -> None:
        district.speaking = {district.a, district.d}
        await asyncio.sleep(AWAY_S)
        district.speaking = {district.a, district.b, district.d}

    async with proxies[0].running(), proxies[1].running(), district.chatting():
        await outage(district, proxies, away)
    [only] = district.said()
    # c spoke last before the outage began: its limit, and the outage on top of it
    assert only.received_at - only.ts > LIMIT + AWAY


class Dam(Proxy):
    """Holds back what the broker sends, until `open` is set; nothing is lost."""

    def __init__(self, to: int) -> None:
        super().__init__(to)
        self.open = asyncio.Event()
        self.open.set()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, _notes: bytearray) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                await self.open.wait()
                sink.write(data)
                await sink.drain()
        sink.close()


async def test_what_waits_in_a_backlog_was_not_silent(district):
    district.speaking = set(district.registry.devices)
    dam = Dam(district.broker.port)
    user = district.broker.url().removeprefix("mqtt://").split("@")[0]
    async with dam.running(), district.chatting(), district.ingesting(mqtt=f"mqtt://{user}@127.0.0.1:{dam.port}"):
        await district.listened()
        dam.open.clear()
        reached = district.ask("SELECT max(until) FROM listening")
        district.speaking -= {district.c}
        await asyncio.sleep(AWAY_S)
        assert district.told() == []
        assert district.ask("SELECT max(until) FROM listening")[0][0] - reached[0][0] < AWAY / 2
        dam.open.set()
        await _sentinel(district)


async def test_of_two_workers_one_decides_and_what_either_hears_counts_clocks_too(district, capsys):
    district.speaking = {district.a, district.b, district.d}
    district.ahead_s = {district.a: 3600}
    clocks = (
        "SELECT device, clock_offset_us FROM device_seen WHERE clock_offset_us IS NOT NULL AND device < 3 ORDER BY 1"
    )
    async with district.ingesting(), district.ingesting(), district.chatting():
        await district.until(lambda: len(district.ask("SELECT 1 FROM device_seen")) == 3)
        await district.until(lambda: len(district.ask("SELECT 1 FROM ingest_sessions WHERE since IS NOT NULL")) == 4)
        district.speaking = {district.b, district.d}
        await district.until(lambda: district.told() == [(district.a, "offline")])
        district.speaking = {district.a, district.b, district.d}
        await district.until(lambda: district.told() == [(district.a, "offline"), (district.a, "online")])
        await district.until(lambda: len(district.ask(clocks)) == 2)
    assert capsys.readouterr().out.count("health_led") == 1
    (a, ahead_us), (b, right_us) = district.ask(clocks)
    assert (a, b) == (1, 2)
    # what came with the least delay was delayed by less than a second of reality, which is RATE of these
    assert 3600 - RATE < ahead_us / 1e6 <= 3600
    assert -RATE < right_us / 1e6 <= 0


async def test_a_whole_district_silent_at_once_is_told_only_while_the_broker_lets_others_in(
    district, capsys, monkeypatch
):
    monkeypatch.setattr(health, "CONFIRM_S", 3.0)
    codes = [f"{district.a}{number}" for number in range(10)]
    more = {code: Device(code, "smoke-photo", district.two, "P1", id=n) for n, code in enumerate(codes, 10)}
    district.registry = replace(district.registry, devices=district.registry.devices | more)
    district.speaking = set(codes) | {district.a, district.b}
    user = district.broker.url().removeprefix("mqtt://").split("@")[0]
    proxy = Proxy(district.broker.port)
    async with proxy.running(), district.ingesting(mqtt=f"mqtt://{user}@127.0.0.1:{proxy.port}"), district.chatting():
        await district.until(lambda: len(district.ask("SELECT 1 FROM device_seen")) == 12)
        proxy.refusing = True  # who is in stays in: gateways that come back find the door shut
        district.speaking = {district.a, district.b}
        said: list[str] = []

        def doubted() -> bool:
            said.append(capsys.readouterr().out)
            return "broker_lets_nobody_in" in "".join(said)

        await district.until(doubted)
        assert district.told() == []
        proxy.refusing = False
        await district.until(lambda: district.told() == [(district.two, "offline")])
