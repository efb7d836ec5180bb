"""Gateways publish to a real broker, ingest runs, the database is asked what it has."""

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import psycopg
import pytest

from devices import catalogue, signal
from devices.model import Device, Gateway, Grid, Place
from devices.registry import Registry
from ingest import pipeline

PREFIX = "fg/v1"
NOW_MS = 1_795_000_000_000
_numbers = itertools.count()


def now() -> datetime:
    return datetime.fromtimestamp(NOW_MS / 1000, UTC)


class District:
    """Two gateways with codes of this test's own and two devices behind each, and what the test asks about them."""

    def __init__(self, broker, database: str, data: Path) -> None:
        number = next(_numbers)
        self.broker, self.database, self.data = broker, database, data
        self.one, self.two = f"GW-I{number}-1", f"GW-I{number}-2"
        self.smoke, self.power, self.other = f"SMK-I{number}-1", f"ELE-I{number}-1", f"SMK-I{number}-2"
        # a prefix of its own keeps this test's shared subscriptions and retained copies from the next test's
        self.prefix = f"{PREFIX}/t{number}"
        broker.let_in({self.one: "p1", self.two: "p2"}, self.prefix)
        grid = Grid("G1", "grid", 3, None, ())
        place = Place("P1", "place", "shop", "street", 121.0, 31.0, 1, "G1")
        devices = (
            Device(self.smoke, "smoke-photo", self.one, "P1", id=1),
            Device(self.power, "electric-3p", self.one, "P1", id=2),
            Device(self.other, "smoke-photo", self.two, "P1", id=3),
        )
        self.registry = Registry(
            version=1,
            grids={"G1": grid},
            places={"P1": place},
            gateways={code: Gateway(code, code, "P1") for code in (self.one, self.two)},
            devices={device.code: device for device in devices},
            profiles=catalogue.load(),
        )

    @asynccontextmanager
    async def ingesting(self, database: str | None = None, mqtt: str | None = None) -> AsyncIterator[asyncio.Task[None]]:
        stop = asyncio.Event()
        task = asyncio.create_task(
            pipeline.run(
                mqtt_url=mqtt or self.broker.url(),
                database_url=database or self.database,
                prefix=self.prefix,
                data=self.data,
                clock=now,
                registry=lambda: self.registry,
                stop=stop,
            )
        )
        try:
            yield task
        finally:
            stop.set()
            if not task.cancelled():
                await asyncio.wait_for(task, 20)

    def gateway(self, code: str | None = None) -> aiomqtt.Client:
        url = self.broker.gateway_url(code or self.one)
        user, word = url.removeprefix("mqtt://").split("@")[0].split(":")
        return aiomqtt.Client(
            "127.0.0.1", self.broker.port, username=user, password=word, max_inflight_messages=1000, timeout=30
        )

    async def send(self, client: aiomqtt.Client, channel: str, body: object, code: str | None = None) -> None:
        payload = body if isinstance(body, bytes) else json.dumps(body)
        await client.publish(f"{self.prefix}/{code or self.one}/{channel}", payload, qos=1)

    def ask(self, query: str, *values: object) -> list[tuple]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    async def until(self, query: str, expected: object, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while (found := await asyncio.to_thread(self.ask, query)) != expected:
            assert time.monotonic() < deadline, f"{query}: {found!r}, not {expected!r}"
            await asyncio.sleep(0.05)


@pytest.fixture
def district(broker, database: str, tmp_path: Path) -> District:
    return District(broker, database, tmp_path)


@pytest.fixture
def own_district(own_broker, database: str, tmp_path: Path) -> District:
    return District(own_broker, database, tmp_path)


async def test_readings_land_in_the_table_of_their_kind_with_their_values(district: District) -> None:
    async with district.ingesting(), district.gateway() as gateway:
        await district.send(
            gateway, "telemetry", {"device": district.smoke, "ts": NOW_MS, "seq": 7, "smoke_db_m": 0.02, "rssi_dbm": -71}
        )
        body = {"device": district.power, "ts": "2026-11-18T11:06:40Z", "residual_ma": 12, "voltage_v": [220, 221, None]}
        await district.send(gateway, "telemetry", {"readings": [body]})
        await district.until(
            "SELECT ts, device, seq, smoke_db_m, temperature_c, rssi_dbm FROM readings_smoke",
            [(now(), 1, 7, 0.02, None, -71.0)],
        )
        await district.until(
            "SELECT device, seq, residual_ma, voltage_l1_v, voltage_l2_v, voltage_l3_v FROM readings_electrical",
            [(2, -1, 12.0, 220.0, 221.0, None)],
        )
