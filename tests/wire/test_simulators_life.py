import asyncio
import contextlib
import json
from datetime import UTC, date, datetime

import aiomqtt
import pytest
from proxy import Proxy

from devices import catalogue
from devices.model import Device, Gateway, Place
from devices.registry import Registry
from simulators import life

PROFILES = catalogue.load()
PREFIX = "fg/life"
PUBACK = 4


def registry(*gateways):
    places = {"P-1": Place("P-1", "某处", "restaurant", "某路1号", 120.5, 30.2, 3, "G1")}
    devices = {}
    for gateway in gateways:
        for profile in PROFILES:
            code = f"{gateway}.{profile}"
            devices[code] = Device(code, profile, gateway, "P-1", 1, "厨房", installed_on=date(2025, 1, 1))
    known = {gateway: Gateway(gateway, "网关", "P-1") for gateway in gateways}
    return Registry(places=places, gateways=known, devices=devices, profiles=PROFILES)


class Listener:
    """Everything on the broker under the prefix, as FireGrid's own part sees it."""

    def __init__(self, client):
        self.client = client
        self.heard = []
        self.changed = asyncio.Condition()

    async def listen(self):
        async for message in self.client.messages:
            async with self.changed:
                self.heard.append((str(message.topic).removeprefix(PREFIX + "/"), json.loads(message.payload)))
                self.changed.notify_all()

    async def until(self, found, seconds=20):
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(lambda: found(self.heard))


@pytest.fixture
async def listener(own_broker):
    own_broker.let_in({"GW-A": "right-a", "GW-B": "right-b"}, PREFIX)
    url = own_broker.url().removeprefix("mqtt://")
    user, password = url.split("@")[0].split(":")
    async with aiomqtt.Client("127.0.0.1", own_broker.port, username=user, password=password) as client:
        await client.subscribe(f"{PREFIX}/#", qos=1)
        ear = Listener(client)
        task = asyncio.create_task(ear.listen())
        yield ear
        task.cancel()


class Play:
    """Ordinary life, running beside the test."""

    def __init__(self, broker, known, passwords):
        self.stop = asyncio.Event()
        self.lines = []
        self.task = asyncio.create_task(
            life.run(
                host="127.0.0.1",
                port=broker.port,
                prefix=PREFIX,
                registry=known,
                passwords=passwords,
                rate=120.0,
                seed=1,
                clock=lambda: datetime.now(UTC),
                stop=self.stop,
                say=self.lines.append,
            )
        )

    async def end(self):
        self.stop.set()
        return await self.task


def readings(heard):
    for topic, payload in heard:
        if topic.endswith("/telemetry"):
            gateway = topic.split("/")[0]
            for item in payload.get("readings", [payload]):
                yield gateway, item


async def test_every_device_publishes_readings_under_its_own_gateway(own_broker, listener):
    play = Play(own_broker, registry("GW-A", "GW-B"), {"GW-A": "right-a", "GW-B": "right-b"})
    everyone = {f"{gateway}.{profile}" for gateway in ("GW-A", "GW-B") for profile in PROFILES}
    await listener.until(lambda heard: {item["device"] for _, item in readings(heard)} >= everyone, 30)
    tally = await play.end()
    assert all(item["device"].startswith(gateway) for gateway, item in readings(listener.heard))
    assert all(
        item["seq"] >= 1 and abs(item["ts"] / 1000 - datetime.now(UTC).timestamp()) < 60
        for _, item in readings(listener.heard)
    )
    assert tally.readings >= len(everyone)
    assert tally.held_back == 0


async def test_a_gateway_says_online_when_it_comes_and_offline_when_it_goes(own_broker, listener):
    play = Play(own_broker, registry("GW-A"), {"GW-A": "right-a"})
    await listener.until(lambda heard: ("GW-A/status", "online") in [(topic, p.get("state")) for topic, p in heard])
    await play.end()
    await listener.until(lambda heard: [p["state"] for topic, p in heard if topic == "GW-A/status"][-1] == "offline")


class Forgetful(Proxy):
    """The broker's first PUBACK is lost."""

    lost = False

    async def _pump(self, source, sink, _notes):
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                if data[0] >> 4 == PUBACK and not self.lost:
                    self.lost = True
                    continue
                sink.write(data)
                await sink.drain()
        sink.close()


async def test_a_gateway_that_goes_before_its_online_is_acknowledged_says_offline_too(own_broker, listener):
    proxy = Forgetful(own_broker.port)
    async with proxy.running():
        play = Play(proxy, registry("GW-A"), {"GW-A": "right-a"})
        await listener.until(lambda heard: ("GW-A/status", "online") in [(topic, p.get("state")) for topic, p in heard])
        await play.end()
    assert proxy.lost
    await listener.until(lambda heard: [p["state"] for topic, p in heard if topic == "GW-A/status"][-1] == "offline")


async def test_commands_are_answered_with_their_id(own_broker, listener):
    play = Play(own_broker, registry("GW-A"), {"GW-A": "right-a"})
    await listener.until(lambda heard: any(topic == "GW-A/status" for topic, _ in heard))
    for number, device in ((1, "GW-A.smoke-alarm"), (2, "stranger")):
        command = {"id": f"C-{number}", "command": "silence", "device": device}
        await listener.client.publish(f"{PREFIX}/GW-A/command", json.dumps(command), qos=1)
    await listener.until(lambda heard: sum(topic == "GW-A/reply" for topic, _ in heard) == 2)
    await play.end()
    replies = [payload for topic, payload in listener.heard if topic == "GW-A/reply"]
    assert replies == [{"id": "C-1", "ok": True}, {"id": "C-2", "ok": False}]


async def test_a_refused_gateway_does_not_keep_the_others_from_living(own_broker, listener, capsys):
    play = Play(own_broker, registry("GW-A", "GW-B"), {"GW-A": "wrong", "GW-B": "right-b"})
    await listener.until(lambda heard: sum(gateway == "GW-B" for gateway, _ in readings(heard)) > 20)
    tally = await play.end()
    assert {gateway for gateway, _ in readings(listener.heard)} == {"GW-B"}
    assert (tally.connected, tally.gateways) == (1, 2)
    assert capsys.readouterr().out.count("gateway_password_refused") == 1


async def test_after_the_broker_was_away_readings_come_again(own_broker, listener):
    play = Play(own_broker, registry("GW-A"), {"GW-A": "right-a"})
    await listener.until(lambda heard: any(True for _ in readings(heard)))
    own_broker.stop()
    await asyncio.sleep(1)
    own_broker.start()
    own_broker.wait()
    user, password = own_broker.url().removeprefix("mqtt://").split("@")[0].split(":")
    async with aiomqtt.Client("127.0.0.1", own_broker.port, username=user, password=password) as client:
        await client.subscribe(f"{PREFIX}/GW-A/telemetry", qos=1)
        async with asyncio.timeout(30):
            message = await anext(client.messages)
    assert json.loads(message.payload)
    await play.end()
