"""Gateways publish to a real broker, ingest runs, the database is asked what it has."""

import asyncio
import contextlib
import dataclasses
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import cbor2
import msgspec
import psycopg
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from proxy import Proxy
from structlog.testing import capture_logs

from devices import catalogue, signal
from devices.model import Device, Gateway, Grid, Place
from devices.registry import Registry
from ingest import pipeline, slot
from ingest.link import Link
from ingest.spool import SPOOL_BYTES
from runtime import migrate
from runtime.servers import footing, port
from runtime.servers.postgres import Postgres

PREFIX = "fg/v1"
NOW_MS = 1_795_000_000_000
_numbers = itertools.count()


def now() -> datetime:
    return datetime.fromtimestamp(NOW_MS / 1000, UTC)


class District:
    """Two gateways with codes of this test's own and two devices behind each, and what the test asks about them."""

    def __init__(self, broker, database: str, data: Path) -> None:
        number = next(_numbers)
        self.started = time.monotonic()
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

    def clock(self) -> datetime:
        """At `now` when the test starts, and going on from there."""
        return now() + timedelta(seconds=time.monotonic() - self.started)

    def smoking(self, seq: int, **members: object) -> dict[str, object]:
        return {"device": self.smoke, "ts": NOW_MS + seq, "seq": seq, "smoke_db_m": 0.01, **members}

    @asynccontextmanager
    async def ingesting(
        self, database: str | None = None, mqtt: str | None = None, spool_bytes: int = SPOOL_BYTES
    ) -> AsyncIterator[asyncio.Task[None]]:
        stop, ready = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(
            pipeline.run(
                mqtt_url=mqtt or self.broker.url(),
                database_url=database or self.database,
                prefix=self.prefix,
                data=self.data,
                clock=self.clock,
                registry=lambda: self.registry,
                stop=stop,
                ready=ready,
                spool_bytes=spool_bytes,
            )
        )
        try:
            await asyncio.wait_for(ready.wait(), 20)
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

    @asynccontextmanager
    async def listening(self, *topics: str) -> AsyncIterator[Callable[[], list[aiomqtt.Message]]]:
        """What FireGrid's own user hears on topics below the prefix."""
        user, word = self.broker.url().removeprefix("mqtt://").split("@")[0].split(":")
        heard: list[aiomqtt.Message] = []

        async def listen() -> None:
            async for message in client.messages:
                heard.append(message)  # noqa: PERF401 (a comprehension would show nothing until the end)

        async with aiomqtt.Client("127.0.0.1", self.broker.port, username=user, password=word) as client:
            for each in topics:
                await client.subscribe(f"{self.prefix}/{each}", qos=1)
            task = asyncio.create_task(listen())
            try:
                yield lambda: heard
            finally:
                task.cancel()

    async def watch(self, codes: list[str]) -> None:
        """What the desk does."""
        user, word = self.broker.url().removeprefix("mqtt://").split("@")[0].split(":")
        async with aiomqtt.Client("127.0.0.1", self.broker.port, username=user, password=word) as client:
            await client.publish(f"{self.prefix}/_/watch", json.dumps(codes), qos=1, retain=True)

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


@contextlib.contextmanager
def locked(database: str, table: str) -> Iterator[None]:
    """Nobody can write `table`."""
    with psycopg.connect(database) as connection:
        connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield


async def eventually(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


@pytest.fixture
def own_district(own_broker, database: str, tmp_path: Path) -> District:
    return District(own_broker, database, tmp_path)


async def test_readings_land_in_the_table_of_their_kind_with_their_values(district: District) -> None:
    async with district.ingesting(), district.gateway() as gateway:
        await district.send(gateway, "telemetry", district.smoking(7, ts=NOW_MS, rssi_dbm=-71))
        body = {
            "device": district.power,
            "ts": "2026-11-18T11:06:40Z",
            "residual_ma": 12,
            "voltage_v": [220, 221, None],
        }
        await district.send(gateway, "telemetry", {"readings": [body]})
        await district.until(
            "SELECT ts, device, seq, smoke_db_m, temperature_c, rssi_dbm FROM readings_smoke",
            [(now(), 1, 7, 0.01, None, -71.0)],
        )
        await district.until(
            "SELECT device, seq, residual_ma, voltage_l1_v, voltage_l2_v, voltage_l3_v FROM readings_electrical",
            [(2, -1, 12.0, 220.0, 221.0, None)],
        )


async def test_a_reading_is_stored_once_however_often_it_comes(district: District) -> None:
    async with district.ingesting(), district.gateway() as gateway:
        await district.send(gateway, "telemetry", [district.smoking(1), district.smoking(1), district.smoking(2)])
        await district.until("SELECT count(*) FROM readings_smoke", [(2,)])
        for seq in (1, 2, 3):
            await district.send(gateway, "telemetry", district.smoking(seq))
        await district.until("SELECT array_agg(seq ORDER BY seq) FROM readings_smoke", [([1, 2, 3],)])
    assert district.ask("SELECT count(*) FROM quarantine") == [(0,)]


async def test_readings_of_a_clock_gone_wrong_are_kept_apart_and_once(district: District) -> None:
    async with district.ingesting(), district.gateway() as gateway:
        old = NOW_MS - 31 * 86_400_000
        for body in (
            district.smoking(1, ts=0),
            district.smoking(1, ts=0),
            district.smoking(2, ts=old, temperature_c=20),
        ):
            await district.send(gateway, "telemetry", body)
        await district.until(
            'SELECT kind, seq, "values" FROM readings_misdated ORDER BY seq',
            [("smoke", 1, {"smoke_db_m": 0.01}), ("smoke", 2, {"smoke_db_m": 0.01, "temperature_c": 20.0})],
        )
        assert district.ask("SELECT count(*) FROM readings_smoke") == [(0,)]


async def test_nothing_is_acknowledged_before_it_is_committed(district: District) -> None:
    async with Proxy(district.broker.port).running() as proxy:
        url = district.broker.url().replace(f":{district.broker.port}", f":{proxy.port}")
        async with district.ingesting(mqtt=url), district.gateway() as gateway:
            with locked(district.database, "readings_smoke"):
                for seq in range(20):
                    await district.send(gateway, "telemetry", district.smoking(seq))
                await asyncio.sleep(1)
                assert len(proxy.acknowledged()) == 0
            await eventually(lambda: len(proxy.acknowledged()) == 20)
            assert district.ask("SELECT count(*) FROM readings_smoke") == [(20,)]


async def test_what_is_delivered_again_after_a_cut_is_stored_once_and_acknowledged(district: District) -> None:
    async with Proxy(district.broker.port).running() as proxy:
        url = district.broker.url().replace(f":{district.broker.port}", f":{proxy.port}")
        async with district.ingesting(mqtt=url), district.gateway() as gateway:
            with locked(district.database, "readings_smoke"):
                for seq in range(50):
                    await district.send(gateway, "telemetry", district.smoking(seq))
                await asyncio.sleep(0.5)
                proxy.cut()
                await asyncio.sleep(1)
            await district.until("SELECT count(*), count(DISTINCT seq) FROM readings_smoke", [(50, 50)])
            await eventually(lambda: len(proxy.acknowledged()) == 50)


async def test_a_worker_killed_before_it_could_acknowledge_loses_nothing_and_stores_nothing_twice(
    district: District,
) -> None:
    async with district.gateway() as gateway:
        with contextlib.suppress(asyncio.CancelledError):
            async with district.ingesting() as worker:
                await district.send(gateway, "telemetry", district.smoking(0))
                await district.until("SELECT count(*) FROM readings_smoke", [(1,)])
                with locked(district.database, "readings_smoke"):
                    for seq in range(1, 30):
                        await district.send(gateway, "telemetry", district.smoking(seq))
                    await asyncio.sleep(0.5)
                    worker.cancel()
                    await asyncio.wait([worker])
        for seq in range(30, 40):
            await district.send(gateway, "telemetry", district.smoking(seq))
        async with district.ingesting():
            await district.until("SELECT count(*), count(DISTINCT seq) FROM readings_smoke", [(40, 40)])


async def test_an_orderly_stop_stores_and_acknowledges_what_was_taken(district: District) -> None:
    async with Proxy(district.broker.port).running() as proxy:
        url = district.broker.url().replace(f":{district.broker.port}", f":{proxy.port}")
        async with district.gateway() as gateway:
            async with district.ingesting(mqtt=url):
                await district.send(gateway, "telemetry", district.smoking(0))
                await district.until("SELECT count(*) FROM readings_smoke", [(1,)])
                for seq in range(1, 500):
                    await district.send(gateway, "telemetry", district.smoking(seq))
            stored = district.ask("SELECT count(*) FROM readings_smoke")[0][0]
            assert len(proxy.acknowledged()) == stored
            async with district.ingesting():
                await district.until("SELECT count(*), count(DISTINCT seq) FROM readings_smoke", [(500, 500)])


def refusable(district: District, number: int) -> object:
    """A payload that must be refused whole, of the contract's list."""
    good = district.smoking(0)
    kinds: list[object] = [
        b"not json",
        b'{"device":"%s","smoke_db_m":NaN}' % district.smoke.encode(),
        b"[" * 2000,
        b"\xff\x00\xfe",
        {**good, "device": "SMK-NOBODY"},
        {**good, "device": district.other},
        {**good, "smoke_db_m": 1e6},
        {**good, "smoke_db_m": True},
        {**good, "seq": "one"},
        {**good, "ts": NOW_MS + 2 * 86_400_000},
        {**good, "device": "x" * 1000},
        {**good, "device": "\x00"},
        [1],
        7,
        {"readings": "none"},
        {"device": district.smoke},
    ]
    return kinds[number % len(kinds)]


async def flood(district: District, bodies: list[object]) -> None:
    """The gateway publishes `bodies` as fast as the broker takes them; returns when it has them all."""
    link = Link(district.broker.gateway_url(district.one), district.one, [])
    running = asyncio.create_task(link.run())
    topic = f"{district.prefix}/{district.one}/telemetry"
    payloads = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]
    await asyncio.gather(*(link.publish(topic, payload) for payload in payloads))
    await link.close()
    await running


async def test_ten_thousand_bad_payloads_among_good_ones_are_all_in_quarantine_and_disturb_nothing(
    district: District,
) -> None:
    bad, good, started = 10_000, 2_000, time.monotonic()
    async with district.ingesting(), district.listening(f"{district.one}/rejected", "_/signals") as heard:
        async with district.gateway() as gateway:
            bodies = [refusable(district, number) for number in range(bad)]
            for number in range(good):
                bodies.insert(number * 6, district.smoking(number))
            await flood(district, bodies)
            await district.send(gateway, "event", {"device": district.smoke, "ts": NOW_MS, "seq": 1, "event": "fire"})
            await district.until("SELECT count(*), count(DISTINCT seq) FROM readings_smoke", [(good, good)], 60)
            await district.until("SELECT count(*) FROM quarantine", [(bad,)], 60)
        assert district.ask("SELECT count(*) FROM events") == [(1,)]
        reasons = dict(district.ask("SELECT reason, count FROM quarantine_counts"))
        assert reasons == dict(district.ask("SELECT reason, count(*) FROM quarantine GROUP BY 1"))
        assert reasons == {
            "not_json": 3 * 625,
            "too_deep": 625,
            "unknown_device": 2 * 625,
            "other_gateway": 625,
            "out_of_range": 625,
            "wrong_type": 5 * 625,
            "time_ahead": 625,
            "too_long": 625,
            "no_values": 625,
        }
        signals = [each for each in heard() if str(each.topic).endswith("signals")]
        told = [each for each in heard() if str(each.topic).endswith("rejected")]
        assert [signal.decode(each.payload).event for each in signals] == ["fire"]
        assert 1 <= len(told) <= 10 * (2 + time.monotonic() - started)
        assert set(json.loads(told[0].payload)) == {"reason", "detail", "topic", "ts"}


async def test_the_content_type_says_how_a_message_is_written_on_every_channel(district: District) -> None:
    encodings = {"application/json": msgspec.json.encode, "application/msgpack": msgspec.msgpack.encode}
    encodings |= {"Application/CBOR;x=1": cbor2.dumps, "text/plain": msgspec.json.encode}
    user, word = district.broker.gateway_url(district.one).removeprefix("mqtt://").split("@")[0].split(":")
    gateway = aiomqtt.Client(
        "127.0.0.1", district.broker.port, username=user, password=word, protocol=aiomqtt.ProtocolVersion.V5
    )
    async with district.ingesting(), gateway:
        for number, (content_type, write) in enumerate(encodings.items()):
            written = Properties(PacketTypes.PUBLISH)
            written.ContentType = content_type
            event = {"device": district.smoke, "ts": NOW_MS, "seq": number, "event": "test"}
            bodies = {
                "telemetry": [district.smoking(2 * number), district.smoking(2 * number + 1)],
                "event": {"events": [event]},
                "status": {"state": "online", "ts": NOW_MS + number},
            }
            for channel, body in bodies.items():
                where = f"{district.prefix}/{district.one}/{channel}"
                await gateway.publish(where, write(body), qos=1, properties=written)
        whole = sorted(msgspec.json.encode(body) for body in bodies.values())
        kept = "SELECT reason, payload FROM quarantine ORDER BY payload"
        await district.until(kept, [("content_type", payload) for payload in whole])
        await district.until("SELECT count(*) FROM readings_smoke", [(6,)])
        await district.until("SELECT array_agg(seq ORDER BY seq) FROM events", [([0, 1, 2],)])
        latest = "SELECT (extract(epoch FROM ts) * 1000)::bigint FROM gateway_status"
        await district.until(latest, [(NOW_MS + 2,)])


async def test_past_ten_thousand_of_a_reason_and_day_the_refused_are_only_counted(district: District) -> None:
    with psycopg.connect(district.database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO quarantine_counts VALUES (%s, 'wrong_type', %s, 9995)", (district.one, now().date())
        )
    async with district.ingesting(), district.gateway() as gateway:
        await district.send(gateway, "telemetry", [1] * 8)
        await district.send(gateway, "event", [2] * 2)
        await district.until("SELECT count FROM quarantine_counts", [(10_005,)])
        await district.until("SELECT count(*) FROM quarantine", [(5,)])


async def test_an_event_is_published_at_once_and_stored_with_its_signal(district: District) -> None:
    fire = {"device": district.smoke, "ts": NOW_MS, "seq": 3, "event": "fire", "value": {"smoke_db_m": 0.4}}
    async with district.ingesting(), district.listening("_/signals") as heard, district.gateway() as gateway:
        with locked(district.database, "events"):
            await district.send(gateway, "event", fire)
            await eventually(lambda: len(heard()) == 1)
            assert district.ask("SELECT count(*) FROM signals") == [(0,)]
        await district.until(
            "SELECT device, event, seq, value, flags FROM events",
            [(district.smoke, "fire", 3, {"smoke_db_m": 0.4}, [])],
        )
        sent = signal.decode(heard()[0].payload)
        assert district.ask("SELECT id, body, handled_at FROM signals") == [(sent.id, heard()[0].payload, None)]
        assert (sent.place, sent.ts, sent.value) == ("P1", now(), {"smoke_db_m": 0.4})
        assert district.ask("SELECT ts, received_at, signal FROM events") == [(sent.ts, sent.received_at, sent.id)]
        await district.send(gateway, "event", fire)
        await district.send(gateway, "event", {**fire, "seq": 4, "value": None})
        await district.until("SELECT array_agg(seq ORDER BY seq) FROM events", [([3, 4],)])
        assert district.ask("SELECT value IS NULL, drill IS NULL FROM events WHERE seq = 4") == [(True, True)]
        assert district.ask("SELECT count(*) FROM signals") == [(2,)]


async def test_undated_events_within_a_minute_are_one_event(district: District) -> None:
    bare = {"device": district.smoke, "event": "fire"}
    async with district.ingesting(), district.gateway() as gateway:
        await district.send(gateway, "event", bare)
        await district.until("SELECT count(*) FROM events", [(1,)])
        await district.send(gateway, "event", [bare, bare])
        await district.send(gateway, "event", {**bare, "event": "fault"})
        await district.until("SELECT array_agg(event ORDER BY event) FROM events", [(["fault", "fire"],)])
        assert district.ask("SELECT count(*) FROM signals") == [(2,)]


async def test_events_of_strange_devices_and_strange_times_alarm_all_the_same(district: District) -> None:
    async with district.ingesting(), district.gateway() as gateway:
        await district.send(gateway, "event", {"device": "NEW-1", "ts": NOW_MS, "event": "fire"})
        await district.send(gateway, "event", {"device": district.smoke, "ts": 0, "event": "manual_call"})
        await district.send(gateway, "event", {"device": district.smoke, "ts": NOW_MS - 90_000, "event": "fire"})
        await district.send(gateway, "event", {"device": district.other, "ts": NOW_MS, "event": "fire"})
        await district.until(
            "SELECT device, event, place, flags FROM events ORDER BY device, event",
            [
                ("NEW-1", "fire", "P1", ["unregistered"]),
                (district.smoke, "fire", "P1", ["late"]),
                (district.smoke, "manual_call", "P1", ["clock"]),
            ],
        )
        await district.until("SELECT reason, device FROM quarantine", [("other_gateway", district.other)])


async def test_values_at_their_level_and_every_reading_of_a_watched_device_are_signals(district: District) -> None:
    async with district.ingesting(), district.listening("_/signals") as heard, district.gateway() as gateway:
        await district.send(gateway, "telemetry", district.smoking(1))
        await district.until("SELECT count(*) FROM readings_smoke", [(1,)])
        await district.watch([district.smoke])
        await asyncio.sleep(0.3)
        await district.send(gateway, "telemetry", district.smoking(2))
        await eventually(lambda: len(heard()) == 1)
        await district.watch([])
        await asyncio.sleep(0.3)
        await district.send(gateway, "telemetry", district.smoking(3))
        await district.until("SELECT count(*) FROM readings_smoke", [(3,)])
        await district.send(gateway, "telemetry", district.smoking(4, smoke_db_m=0.15))
        await eventually(lambda: len(heard()) == 2)
        await district.until("SELECT count(*) FROM signals", [(2,)])
        assert [signal.decode(each.payload).seq for each in heard()] == [2, 4]


async def test_a_value_that_falls_back_before_the_desk_can_watch_is_a_signal_too(district: District) -> None:
    async with district.ingesting(), district.listening("_/signals") as heard, district.gateway() as gateway:
        await district.send(gateway, "telemetry", [district.smoking(1, smoke_db_m=0.15), district.smoking(2)])
        await district.send(gateway, "telemetry", district.smoking(3))
        await eventually(lambda: len(heard()) == 3)
        assert sorted(signal.decode(each.payload).seq for each in heard()) == [1, 2, 3]


async def test_a_gateways_status_is_its_last_word_also_from_before_ingest_started(district: District) -> None:
    async with district.gateway() as gateway:
        topic = f"{district.prefix}/{district.one}/status"
        await gateway.publish(topic, json.dumps({"state": "online", "ts": NOW_MS}), qos=1, retain=True)
        async with district.ingesting():
            await district.until("SELECT gateway, state, ts FROM gateway_status", [(district.one, "online", now())])
            await gateway.publish(topic, json.dumps({"state": "offline", "ts": NOW_MS - 5000}), qos=1, retain=True)
            await district.until("SELECT state FROM gateway_status", [("offline",)])
            await gateway.publish(topic, json.dumps({"state": "asleep"}), qos=1)
            await district.until("SELECT reason FROM quarantine", [("wrong_type",)])


async def test_messages_of_a_gateway_that_is_not_registered_are_quarantined_whole(district: District) -> None:
    district.broker.let_in({"GW-STRANGE": "p"}, district.prefix)
    async with district.ingesting(), district.gateway("GW-STRANGE") as gateway:
        for channel in ("telemetry", "event", "status"):
            await district.send(gateway, channel, {"device": "X", "event": "fire"}, "GW-STRANGE")
        await district.until(
            "SELECT reason, gateway, count(*) FROM quarantine GROUP BY 1, 2", [("unknown_gateway", "GW-STRANGE", 3)]
        )


async def test_a_new_registry_is_used_as_soon_as_it_is_there(district: District) -> None:
    async with district.ingesting(), district.gateway() as gateway:
        await district.send(gateway, "telemetry", district.smoking(1, device="SMK-NEW"))
        await district.until("SELECT reason FROM quarantine", [("unknown_device",)])
        new = Device("SMK-NEW", "smoke-photo", district.one, "P1", id=77)
        district.registry = dataclasses.replace(
            district.registry, devices={**district.registry.devices, "SMK-NEW": new}
        )
        await district.send(gateway, "telemetry", district.smoking(2, device="SMK-NEW"))
        await district.until("SELECT device, seq FROM readings_smoke", [(77, 2)])


async def test_what_the_database_refuses_for_its_data_stalls_nothing_and_is_quarantined(district: District) -> None:
    with psycopg.connect(district.database, autocommit=True) as connection:
        connection.execute("ALTER TABLE readings_smoke ADD CHECK (seq <> 13)")
    async with district.ingesting(), district.gateway() as gateway:
        await district.send(gateway, "telemetry", [district.smoking(seq) for seq in range(30)])
        await district.send(gateway, "telemetry", district.smoking(30))
        await district.until("SELECT count(*), count(*) FILTER (WHERE seq = 13) FROM readings_smoke", [(30, 0)])
        await district.until("SELECT reason, count(*) FROM quarantine GROUP BY 1", [("database", 1)])


async def test_two_workers_store_everything_once(district: District) -> None:
    async with district.ingesting(), district.ingesting(), district.gateway() as gateway:
        for seq in range(400):
            await district.send(gateway, "telemetry", district.smoking(seq))
            await district.send(gateway, "event", {"device": district.smoke, "event": "fire", "seq": seq % 100})
        await district.until("SELECT count(*), count(DISTINCT seq) FROM readings_smoke", [(400, 400)])
        await district.until("SELECT count(*), count(DISTINCT seq) FROM events", [(100, 100)])
    assert sorted(each.name for each in (district.data / "ingest").glob("slot-*")) == ["slot-0", "slot-1"]


async def test_a_slot_that_cannot_be_served_stops_nobody_who_tries(district: District) -> None:
    spool = district.data / "ingest" / "slot-1" / "telemetry.spool"
    spool.parent.mkdir(parents=True)
    spool.write_text("not a folder")
    with capture_logs() as logs:
        async with district.ingesting() as worker, district.gateway() as gateway:
            await eventually(lambda: any(each["event"] == "slot_not_served" for each in logs))
            await district.send(gateway, "event", {"device": district.smoke, "event": "fire"})
            await district.until("SELECT count(*) FROM events", [(1,)])
            assert not worker.done()
            assert slot.vacant(district.data / "ingest") == [1]
    assert [each["slot"] for each in logs if each["event"] == "slot_not_served"] == [1]


async def test_of_two_workers_that_write_the_same_undated_event_at_once_the_first_wins(district: District) -> None:
    async with district.ingesting(), district.ingesting(), district.gateway() as gateway:
        with locked(district.database, "signals"):
            await district.send(gateway, "event", {"device": district.smoke, "event": "fire"})
            await asyncio.sleep(0.5)
        await district.until("SELECT count(*) FROM signals", [(1,)])
        await district.send(gateway, "event", {"device": district.smoke, "event": "fault"})
        await district.until("SELECT array_agg(event ORDER BY event) FROM events", [(["fault", "fire"],)])


async def test_a_database_stopped_and_back_loses_nothing_and_delays_no_signal(
    own_district: District, private_root, server_temp: Path
) -> None:
    district = own_district
    folder = footing.server_folder(server_temp, "pg-stopped")
    server = Postgres(private_root, folder, port.free(), folder / "log")
    server.create()
    server.start()
    server.wait()
    server.make_database("stopped")
    district.database = server.url("stopped")
    migrate.migrate(district.database, datetime.now(UTC))
    try:
        async with district.ingesting(), district.listening("_/signals") as heard, district.gateway() as gateway:
            for seq in range(200):
                await district.send(gateway, "telemetry", district.smoking(seq))
                if seq == 100:
                    await district.until("SELECT count(*) > 0 FROM readings_smoke", [(True,)])
                    await asyncio.to_thread(server.stop)
            fire = {"device": district.smoke, "ts": NOW_MS, "event": "fire"}
            await district.send(gateway, "event", fire)
            await eventually(lambda: len(heard()) == 1)
            await asyncio.sleep(1)
            await asyncio.to_thread(server.start)
            await asyncio.to_thread(server.wait)
            await district.until("SELECT count(*), count(DISTINCT seq) FROM readings_smoke", [(200, 200)])
            await district.until("SELECT count(*) FROM events", [(1,)])
            assert district.ask("SELECT count(*) FROM signals") == [(1,)]
    finally:
        server.stop()


@asynccontextmanager
async def doors(district: District) -> AsyncIterator[tuple[Proxy, Proxy, dict[str, str]]]:
    """The doors to the database and to the broker, and how ingest is told to go through them."""
    to_database = Proxy(int(psycopg.conninfo.conninfo_to_dict(district.database)["port"]))
    to_broker = Proxy(district.broker.port)
    async with to_database.running(), to_broker.running():
        yield (
            to_database,
            to_broker,
            {
                "database": district.database.replace(f":{to_database.to}/", f":{to_database.port}/"),
                "mqtt": district.broker.url().replace(f":{to_broker.to}", f":{to_broker.port}"),
            },
        )


def shut(door: Proxy) -> None:
    door.refusing = True
    door.cut()


def opened(door: Proxy) -> None:
    """What was swallowed is gone for ever."""
    door.refusing = door.swallowing = False
    door.cut()


@pytest.mark.parametrize("outage", ["away", "frozen"])
async def test_with_the_database_away_or_frozen_all_is_acknowledged_and_afterwards_stored_once(
    district: District, outage: str
) -> None:
    async with (
        doors(district) as (database, broker, through),
        district.gateway() as gateway,
        district.ingesting(**through),
        district.listening("_/signals") as heard,
    ):
        for seq in range(40):
            await district.send(gateway, "telemetry", district.smoking(seq))
            if seq == 19:
                await district.until("SELECT count(*) FROM readings_smoke", [(20,)])
                if outage == "frozen":
                    database.swallowing = True
                else:
                    shut(database)
        await district.send(gateway, "event", {"device": district.smoke, "ts": NOW_MS, "event": "fire"})
        await eventually(lambda: len(broker.acknowledged()) >= 41)
        assert [signal.decode(each.payload).event for each in heard()[:1]] == ["fire"]
        assert district.ask("SELECT count(*) FROM readings_smoke") == [(20,)]
        opened(database)
        await district.until("SELECT count(*), count(DISTINCT seq) FROM readings_smoke", [(40, 40)])
        await district.until("SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM signals)", [(1, 1)])


async def test_what_one_worker_spooled_the_next_one_stores_and_says_again(district: District) -> None:
    async with (
        doors(district) as (database, broker, through),
        district.gateway() as gateway,
        district.listening("_/signals") as heard,
    ):
        shut(database)
        async with district.ingesting(**through):
            await district.send(gateway, "telemetry", district.smoking(1))
            await district.send(gateway, "event", {"device": district.smoke, "ts": NOW_MS, "event": "fire"})
            await eventually(lambda: len(broker.acknowledged()) >= 2)
        said = len(heard())
        async with district.ingesting(**through):
            await eventually(lambda: len(heard()) > said)
            assert {signal.decode(each.payload).event for each in heard()} == {"fire"}
            await district.send(gateway, "telemetry", district.smoking(2))
            opened(database)
            await district.until("SELECT array_agg(seq ORDER BY seq) FROM readings_smoke", [([1, 2],)])
            await district.until("SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM signals)", [(1, 1)])
            await eventually(lambda: len(broker.acknowledged()) >= 3)


async def test_a_full_spool_ends_the_acknowledging_and_everything_is_there_in_the_end(district: District) -> None:
    async with (
        doors(district) as (database, broker, through),
        district.gateway() as gateway,
        district.ingesting(**through, spool_bytes=12_000),
    ):
        shut(database)
        for seq in range(240):
            await district.send(gateway, "telemetry", district.smoking(seq))
            await asyncio.sleep(0.005)
        await asyncio.sleep(1)
        assert 0 < len(broker.acknowledged()) < 240
        files = (district.data / "ingest" / "slot-0" / "telemetry.spool").glob("*.segment")
        assert sum(each.stat().st_size for each in files) <= 12_000
        opened(database)
        await district.until("SELECT count(*), count(DISTINCT seq) FROM readings_smoke", [(240, 240)])
        await eventually(lambda: len(broker.acknowledged()) >= 240)


async def test_a_broker_killed_and_back_is_connected_again_and_ingest_goes_on(own_district: District) -> None:
    district = own_district
    async with district.ingesting():
        async with district.gateway() as gateway:
            await district.send(gateway, "telemetry", district.smoking(1))
            await district.until("SELECT count(*) FROM readings_smoke", [(1,)])
        district.broker.child.kill()
        district.broker.child.wait()
        district.broker.start()
        district.broker.wait()
        async with district.gateway() as gateway:
            for seq in range(2, 60):
                await district.send(gateway, "telemetry", district.smoking(seq))
                await asyncio.sleep(0.05)
            await district.until("SELECT max(seq) FROM readings_smoke", [(59,)])
