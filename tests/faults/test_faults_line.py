"""The line to the broker cut and half-open, the disk full, a worker gone for good: nothing acknowledged is missing.

The system's broker stands behind a proxy; the folder of its spools is a small disk of its own where that is allowed.
"""

import asyncio
import errno
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self

import estate
import httpx
import pytest
from habitation import inhabited
from outside import System, free_port, until
from proxy import Proxy
from scene import Account, Length, Scene, logged
from trial import trial

from devices import broker_access
from runtime.servers import footing, port
from runtime.servers.mosquitto import Mosquitto
from runtime.servers.packages import Binaries
from runtime.servers.postgres import Postgres

pytestmark = pytest.mark.timeout(900)

SPOOL_BYTES = 1024**2
"""The least that may be set: full within seconds of load."""

DISK_BYTES = 16 * 1024**2


class Line:
    """A proxy before the broker, in a thread of its own."""

    def __init__(self, to: int) -> None:
        self.proxy = Proxy(to)
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)
        self._loop.close()

    async def _run(self) -> None:
        async with self.proxy.running():
            self._ready.set()
            await self._over.wait()

    def cut(self) -> None:
        """Every connection is gone."""
        self._loop.call_soon_threadsafe(self.proxy.cut)

    def swallow(self) -> None:
        """Nothing arrives any more, and nobody is told."""
        self._loop.call_soon_threadsafe(setattr, self.proxy, "swallowing", True)  # noqa: FBT003 - setattr's

    def forget(self) -> None:
        """Those connections stay as they are; new ones work."""
        self._loop.call_soon_threadsafe(self.proxy.forget)


@pytest.fixture(scope="module")
def own_broker(private_root: Binaries, server_temp: Path) -> Iterator[Mosquitto]:
    """A broker that lets the estate's gateways in, each with its code as password."""
    folder = footing.server_folder(server_temp, "mosquitto-line")
    server = Mosquitto(private_root, folder, port.free(), server_temp / "mosquitto-line.log")
    server.admit({code: broker_access.hash_password(code) for code in estate.GATEWAYS}, "fg/v1")
    server.start()
    server.wait()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def line(own_broker: Mosquitto) -> Iterator[Line]:
    with Line(own_broker.port) as one:
        yield one


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A disk of `DISK_BYTES` is mounted on `folder`, if that is allowed."""
    folder.mkdir(parents=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0700", "firegrid-faults", folder],
        capture_output=True,
        check=False,
    )
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(scope="module")
def disk(server_temp: Path) -> Iterator[Path | None]:
    """The folder of the spools when it is a small disk, else None."""
    data = server_temp / "line"
    footing.make_open(data)
    with small_disk(data / "ingest") as mounted:
        yield data / "ingest" if mounted else None


@pytest.fixture(scope="module")
def scene(
    own_postgres: Postgres,
    own_broker: Mosquitto,
    line: Line,
    disk: Path | None,  # noqa: ARG001 - mounted before anything is written there
    server_temp: Path,
) -> Iterator[Scene]:
    """The estate behind the line."""
    own_postgres.make_database("line")
    url = own_broker.url().replace(f":{own_broker.port}", f":{line.proxy.port}")
    environment = {
        "FIREGRID_DATABASE_URL": own_postgres.url("line"),
        "FIREGRID_MQTT_URL": url,
        "FIREGRID_SPOOL_BYTES": str(SPOOL_BYTES),
    }
    system = System(server_temp / "line", environment=environment)
    yield from inhabited(system, own_broker.port, {code: code for code in estate.GATEWAYS})


def test_a_connection_that_is_cut_costs_nothing(scene: Scene, line: Line, length: Length, account: Account) -> None:
    """Connections between broker and FireGrid cut again and again"""
    with trial(scene, account, length.rate, length.fire_s) as one:
        for _ in range(length.kills):
            line.cut()
            account.back_s.append(one.flows())
            time.sleep(length.calm_s)
        one.finish()


def test_a_half_open_connection_is_noticed_and_costs_nothing(
    scene: Scene, line: Line, length: Length, account: Account
) -> None:
    """Half-open connections: what is sent vanishes, nobody is told"""
    with trial(scene, account, length.rate, length.fire_s) as one:
        line.swallow()
        time.sleep(length.outage_s)
        line.forget()
        account.back_s.append(one.flows())
        one.finish()


def test_a_spool_that_is_full_stops_acknowledging_and_drops_nothing(
    scene: Scene, own_postgres: Postgres, length: Length, account: Account
) -> None:
    """Database away until the spool has reached its size (1 MiB)"""
    reached = len(logged(scene.system, "ingest", "spool_full"))
    with trial(scene, account, 6000, length.fire_s) as one:
        assert own_postgres.stop()
        try:
            time.sleep(length.outage_s)
            until(lambda: len(logged(scene.system, "ingest", "spool_full")) > reached, "the spool is full", 60)
        finally:
            own_postgres.start()
        account.back_s.append(one.flows())
        one.finish()


def test_a_full_disk_is_survived_and_reported(
    scene: Scene, own_postgres: Postgres, disk: Path | None, length: Length, account: Account
) -> None:
    """Database away and the disk of the spool full"""
    if disk is None:
        pytest.skip("no disk of its own could be mounted: needs root, and the right to mount")
    reported = len(logged(scene.system, "ingest", "spool_not_written"))
    with trial(scene, account, length.rate, length.fire_s) as one:
        fill(disk / "ballast")
        assert own_postgres.stop()
        try:
            time.sleep(length.outage_s)
            until(lambda: len(logged(scene.system, "ingest", "spool_not_written")) > reported, "it is reported", 30)
        finally:
            own_postgres.start()
        account.back_s.append(one.flows())
        (disk / "ballast").unlink()
        one.finish()


def test_a_worker_gone_for_good_leaves_its_share_to_another(scene: Scene, length: Length, account: Account) -> None:
    """One of two workers killed for good"""
    system = scene.system
    number = free_port()
    with ExitStack() as stack, trial(scene, account, length.rate, length.fire_s) as one:
        worker = system.another("ingest", "--metrics-port", str(number))
        stack.callback(worker.wait)
        stack.callback(worker.kill)
        system.until(lambda: stored_by(number + 1) > 100, "the second worker has its share", 60)
        adopted = len(logged(system, "ingest", "slot_adopted"))
        worker.kill()
        killed = time.monotonic()
        system.until(lambda: len(logged(system, "ingest", "slot_adopted")) > adopted, "its slot is adopted", 60)
        account.notes.append(f"its slot was adopted after {time.monotonic() - killed:.1f} s")
        account.back_s.append(one.flows())
        one.finish()


def stored_by(number: int) -> float:
    """Readings that the worker with its metrics on this port has stored."""
    with suppress(httpx.TransportError):
        text = httpx.get(f"http://127.0.0.1:{number}/metrics", trust_env=False, verify=False).text
        lines = [one for one in text.splitlines() if one.startswith("firegrid_ingest_readings_stored_total")]
        return sum(float(one.split()[-1]) for one in lines)
    return 0


def fill(ballast: Path) -> None:
    """Not a byte more fits on the ballast's disk."""
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
    more = ballast.with_name("more")
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        more.write_bytes(bytes(4096))
    more.unlink(missing_ok=True)
