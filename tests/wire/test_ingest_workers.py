"""Several ingest workers as real processes on one data folder: they divide the gateways, and stand in for another."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import estate
import paho.mqtt.client as paho
import psycopg
import pytest
from flow import Flow
from paho.mqtt.enums import CallbackAPIVersion

from devices import broker_address, catalogue, pack, pack_store
from devices.pack import Pack
from ingest import division, share, slot
from ingest.division import Division
from ingest.interest import Subscription
from ingest.link import Link
from runtime import doctor
from runtime.announcer import Announcer
from runtime.servers import footing, port
from runtime.settings import Settings
from simulators.gateway import Gateway

PASSWORD = "word"
SINCE_MS = 1_000 * (int(time.time()) - 86_400)


def until(condition: Callable[[], object], what: str, within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {within_s:.0f} s"
        time.sleep(0.05)


class Worker:
    """`firegrid ingest`, whose slot will be `number`."""

    def __init__(self, yard: "Yard", number: int, settings: dict[str, str]) -> None:
        self.metrics_port = port.free()
        self.log = yard.data / f"worker-{self.metrics_port}.log"
        environment = {
            **os.environ,
            "FIREGRID_DATABASE_URL": yard.database,
            "FIREGRID_MQTT_URL": yard.broker.url(),
            "FIREGRID_DATA": str(yard.data),
            "FIREGRID_METRICS_PORT": str(self.metrics_port - number),
            **settings,
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "runtime.cli", "ingest"], env=environment, stdout=log, stderr=log
            )

    def said(self, event: str, **members: object) -> bool:
        """Whether it logged this."""
        lines = (json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{"))
        return any(line.items() >= {"event": event, **members}.items() for line in lines)

    def stored(self) -> float:
        """Readings it has committed, by its own count."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(
            float(line.split()[-1]) for line in lines if line.startswith("firegrid_ingest_readings_stored_total")
        )

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(20) == 0, self.log.read_text()[-4000:]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass
class Yard:
    """A broker, a database with the estate's registry, and workers on one data folder."""

    broker: object
    database: str
    data: Path
    workers: list[Worker] = field(default_factory=list)

    @property
    def ingest(self) -> Path:
        return self.data / "ingest"

    def start(self, number: int, **settings: str) -> Worker:
        """A further worker; it has its share, and nobody else has any of it."""
        self.workers.append(Worker(self, number, settings))
        until(lambda: self.workers[-1].said("ingest_ready", slot=number), "ready")
        return self.workers[-1]

    def until_divided(self, slots: list[int], group: str | None = None) -> None:
        """Every slot is subscribed to its share, and to nothing else."""
        owners = division.owners(list(estate.GATEWAYS), slots)
        wanted = {number: Division("fg/v1", number, slots, owners, group).filters() for number in slots}
        until(lambda: self.subscribed() == wanted, f"{wanted}")

    def subscribed(self) -> dict[int, frozenset[str]]:
        """What each slot says it has; nothing where it says that there may be more."""
        records = {number: share.read(slot.folder_of(self.ingest, number)) for number in slot.numbers(self.ingest)}
        return {number: frozenset() if one.perhaps else one.sure for number, one in records.items()}

    def flow(self, rate: float = 400) -> Flow:
        """All gateways publish, each of its own devices."""
        return Flow(self.broker.port, [(code, PASSWORD, reading(code)) for code in estate.GATEWAYS], rate)

    def publish(self, gateway: str, channel: str, payload: dict[str, object]) -> None:
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id="")
        client.username_pw_set(gateway, PASSWORD)
        client.connect("127.0.0.1", self.broker.port)
        client.loop_start()
        client.publish(f"fg/v1/{gateway}/{channel}", json.dumps(payload), qos=1).wait_for_publish(10)
        client.disconnect()
        client.loop_stop()

    def ask(self, query: str) -> object:
        with psycopg.connect(self.database) as connection:
            return connection.execute(query).fetchone()[0]

    def until_all_stored(self, flow: Flow) -> None:
        """What the broker acknowledged is in the table, each once, and nothing was refused."""
        flow.finish()
        until(lambda: self.ask("SELECT count(*) FROM readings_smoke") >= flow.acknowledged, "everything stored")
        assert self.ask("SELECT count(*) FROM readings_smoke") == flow.acknowledged == flow.sent
        assert self.ask("SELECT count(DISTINCT (device, ts, seq)) FROM readings_smoke") == flow.sent
        assert self.ask("SELECT count(*) FROM quarantine") == 0


def reading(gateway: str) -> Callable[[int], bytes]:
    """Message n of a gateway: one reading of one of its devices, never the same twice."""
    devices = estate.devices(gateway)

    def payload(number: int) -> bytes:
        device = devices[number % len(devices)]
        return b'{"device":"%s","ts":%d,"seq":%d,"smoke_db_m":0.01}' % (device.encode(), SINCE_MS + number, number)

    return payload


@pytest.fixture
def yard(own_broker, database: str, tmp_path: Path) -> Iterator[Yard]:
    own_broker.let_in(dict.fromkeys(estate.GATEWAYS, PASSWORD))
    taken = pack.read(estate.write(tmp_path / "pack"), "wgs84", catalogue.load())
    assert isinstance(taken, Pack), taken
    with psycopg.connect(database) as connection:
        pack_store.apply(connection, taken)
    yard = Yard(own_broker, database, tmp_path)
    yield yard
    for worker in yard.workers:
        if worker.process.poll() is None:
            worker.kill()


def test_one_two_and_three_workers_under_load_lose_nothing_and_each_stores_its_share(yard: Yard) -> None:
    yard.start(0)
    with yard.flow() as flow:
        until(lambda: min(worker.stored() for worker in yard.workers) > 100, "stored")
        for number in (1, 2):
            yard.start(number)
            yard.until_divided(list(range(number + 1)))
            until(lambda: min(worker.stored() for worker in yard.workers) > 100, "shared")
        yard.until_all_stored(flow)
    for worker in yard.workers:
        worker.stop()


def test_a_killed_workers_slot_is_adopted_and_given_back_and_no_alarm_waits_for_it(yard: Yard) -> None:
    first, second = yard.start(0), yard.start(1)
    yard.until_divided([0, 1])
    gateway = next(code for code, owner in division.owners(list(estate.GATEWAYS), [0, 1]).items() if owner == 1)
    with yard.flow() as flow:
        until(lambda: second.stored() > 100, "shared")
        second.kill()
        with slot.operate(yard.ingest, 1) as held:
            assert held is not None, "nobody can adopt the slot meanwhile"
            yard.publish(gateway, "event", {"device": estate.fires(gateway)[0], "event": "fire", "seq": 1})
            until(lambda: yard.ask("SELECT count(*) FROM signals") == 1, "the fire")
            assert not first.said("slot_adopted")
        until(lambda: first.said("slot_adopted", slot=1), "adoption")
        third = yard.start(1)
        until(lambda: first.said("slot_handed_over", slot=1), "handed over")
        until(lambda: third.stored() > 100, "shared again")
        yard.until_divided([0, 1])
        yard.until_all_stored(flow)
    assert yard.ask("SELECT count(*) FROM events") == 1
    third.stop()
    first.stop()


def test_a_slot_whose_worker_never_comes_back_is_served_by_whoever_is_there(yard: Yard) -> None:
    first, second = yard.start(0), yard.start(1)
    yard.until_divided([0, 1])
    with yard.flow() as flow:
        until(lambda: second.stored() > 100, "shared")
        second.kill()
        until(lambda: first.said("slot_adopted", slot=1), "adoption")
        first.stop()
        alone = yard.start(0)
        until(lambda: alone.said("slot_adopted", slot=1), "adoption by another")
        yard.until_all_stored(flow)
    alone.stop()


def test_a_broker_restarted_in_order_under_load_costs_two_workers_nothing(yard: Yard) -> None:
    first, second = yard.start(0), yard.start(1)
    yard.until_divided([0, 1])
    with yard.flow() as flow:
        until(lambda: min(first.stored(), second.stored()) > 100, "shared")
        assert yard.broker.stop()
        yard.broker.start()
        yard.broker.wait()
        before = flow.acknowledged
        until(lambda: flow.acknowledged > before + 500, "flowing again")
        yard.until_all_stored(flow)
    first.stop()
    second.stop()


def test_with_a_shared_subscription_the_broker_divides_and_nobody_reads_all(yard: Yard) -> None:
    yard.start(0).stop()
    workers = [yard.start(number, FIREGRID_INGEST_SHARED="g") for number in (0, 1)]
    yard.until_divided([0, 1], "g")
    with yard.flow() as flow:
        until(lambda: min(worker.stored() for worker in workers) > 100, "shared")
        yard.until_all_stored(flow)
    for worker in workers:
        worker.stop()


@contextmanager
def encrypted(broker, folder: Path) -> Iterator[tuple[str, Path, Path]]:
    """The broker listens with a certificate too; the address there, who signed it, and who did not."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("no openssl on this machine to make a certificate with")

    def openssl(*words: str) -> None:
        subprocess.run([program, *words], cwd=folder, check=True, capture_output=True)

    for name in ("ca", "stranger"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                "-keyout", f"{name}.key", "-out", f"{name}.pem")  # fmt: skip
    (folder / "san").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=broker", "-keyout", "b.key", "-out", "b.csr")
    openssl("x509", "-req", "-in", "b.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "san", "-out", "b.pem")  # fmt: skip
    for name in ("b.pem", "b.key"):
        shutil.copy(folder / name, broker.folder)
        footing.give(broker.folder / name)
    number = port.free()
    write = broker._write

    def written(name: str, text: str) -> None:
        listener = f"listener {number} 127.0.0.1\ncertfile {broker.folder}/b.pem\nkeyfile {broker.folder}/b.key\n"
        write(name, text + listener if name == "mosquitto.conf" else text)

    broker._write = written
    broker.stop()
    broker.start()
    broker.wait()
    yield (
        broker.url().replace("mqtt://", "mqtts://").replace(f":{broker.port}", f":{number}"),
        folder / "ca.pem",
        (folder / "stranger.pem"),
    )


def test_workers_read_from_an_encrypted_broker_that_somebody_they_trust_has_signed(yard: Yard, tmp_path: Path) -> None:
    with encrypted(yard.broker, tmp_path) as (url, authority, stranger):
        distrustful = Worker(yard, 0, {"FIREGRID_MQTT_URL": url, "FIREGRID_MQTT_CA": str(stranger)})
        yard.workers.append(distrustful)
        until(lambda: "CERTIFICATE_VERIFY_FAILED" in distrustful.log.read_text(), "refused")
        assert not distrustful.said("broker_connected")
        distrustful.kill()
        worker = yard.start(0, FIREGRID_MQTT_URL=url, FIREGRID_MQTT_CA=str(authority))
        with yard.flow() as flow:
            until(lambda: worker.stored() > 100, "stored")
            yard.until_all_stored(flow)
        worker.stop()
        asyncio.run(speak(Settings(mqtt_url=url, mqtt_ca=authority, data=tmp_path)))


async def speak(settings: Settings) -> None:
    """The desk's announcements, a simulated gateway and the doctor get through too."""
    url = settings.mqtt_url
    announcer, link = Announcer(url, "announcer"), Link(url, "hearer", [Subscription("fg/v1/_/tls")])
    address, code = broker_address.parse(url), estate.GATEWAYS[0]
    gateway = Gateway(
        code, address.host, address.port, "fg/v1", lambda: PASSWORD, lambda: datetime.now(UTC), bool, tls=address.tls()
    )
    tasks = [asyncio.create_task(one.run()) for one in (announcer, link, gateway)]
    async with asyncio.timeout(20):
        await asyncio.to_thread(until, lambda: gateway.connected and announcer._client is not None, "through")
        await announcer("fg/v1/_/tls", b"said")
        assert [each.payload for each in await link.take(1)] == [b"said"]
        assert [finding.mend for finding in await asyncio.to_thread(lambda: list(doctor._broker(settings)))] == [""]
        await link.close()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
