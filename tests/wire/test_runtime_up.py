"""`firegrid up` as a user has it: real servers, real roles, real signals."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from clusters import Model

from runtime import running
from runtime.servers import footing, packages, port, process

pytestmark = pytest.mark.timeout(240)


class Up:
    """One `firegrid up` on a data folder; `said` is what its terminal showed so far."""

    def __init__(self, data: Path, *options: str, **environment: str) -> None:
        self.data = data
        self.output = data.with_name(f"{data.name}-{time.monotonic_ns()}.txt")
        settings = {name: value for name, value in os.environ.items() if not name.startswith("FIREGRID_")}
        ports = options or ("--http-port", "0", "--mqtt-port", "0")
        with self.output.open("wb") as output:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "runtime.cli", "up", "--data", str(data), *ports],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**settings, "FIREGRID_STANDBY": "false", **environment},  # it costs seconds of a core
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def running(self) -> running.Running:
        found = running.read(self.data)
        assert found is not None, self.said
        return found

    def until(self, holds: Callable[[], object], what: str, patience_s: float = 60) -> None:
        deadline = time.monotonic() + patience_s
        while not holds():
            assert self.child.poll() is None, f"up ended while waiting for: {what}\n{self.said}"
            assert time.monotonic() < deadline, f"not within {patience_s} s: {what}\n{self.said}"
            time.sleep(0.05)

    def until_ready(self) -> None:
        self.until(lambda: running.read(self.data), "running.json")
        self.until(self.ready, "ready")
        self.until(lambda: self.running().http_url in self.said, "it is said where")

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.running().http_url}/api/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def role(self, name: str) -> process.Identity:
        return process.survivors(self.data / "processes.json")[name]

    def servers(self) -> list[process.Identity]:
        """Processes of the private servers that work in this data folder."""
        folders = {(self.data / name).resolve() for name in ("pg", "mosquitto")}
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                cwd = (entry / "cwd").readlink() if entry.name.isdigit() else None
                if cwd is not None and ({cwd, cwd.parent} & folders) and (one := process.identity(int(entry.name))):
                    found.append(one)
        return found

    def server(self, program: str) -> process.Identity:
        for one in self.servers():
            command = process.command_line(one.pid)
            if command and Path(command[0]).name == program:
                return one
        raise AssertionError(f"no {program} runs")

    def interrupt(self) -> int:
        self.child.send_signal(signal.SIGINT)
        return self.child.wait(60)

    def end(self) -> None:
        """Whatever the test did, nothing of it is left."""
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(60)
            except subprocess.TimeoutExpired:
                self.child.kill()
        for one in (*process.survivors(self.data / "processes.json").values(), *self.servers()):
            process.end(one, patience_s=1.0)


@pytest.fixture
def data() -> Iterator[Path]:
    folder = footing.temporary_folder("firegrid-up-")
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def start(data: Path) -> Iterator[Callable[..., Up]]:
    started: list[Up] = []

    def begin(*options: str, **environment: str) -> Up:
        started.append(Up(data, *options, **environment))
        return started[-1]

    yield begin
    for one in started:
        one.end()


@pytest.fixture
def furnished(data: Path, model: Model) -> None:
    """The database is there, as an earlier run has left it."""
    model.furnish(data)


@pytest.fixture(scope="module")
def steady(model: Model) -> Iterator[Up]:
    """One that runs through all the tests that leave it running."""
    folder = footing.temporary_folder("firegrid-up-")
    model.furnish(folder / "data")
    up = Up(folder / "data")
    up.until_ready()
    yield up
    up.end()
    shutil.rmtree(folder)


def test_everything_starts_and_an_interrupt_ends_all_of_it_and_keeps_the_data(start: Callable[..., Up]) -> None:
    up = start()
    up.until_ready()
    roles = [up.role(name) for name in ("ingest", "control")]
    servers = up.servers()
    assert all(process.alive(one) for one in (*roles, *servers))
    with psycopg.connect(up.running().database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO users (name, role, password_hash) VALUES ('a', 'admin', 'x')")
    assert up.interrupt() == 0, up.said
    assert not any(process.alive(one) for one in (*roles, *servers))
    assert running.read(up.data) is None
    assert not (up.data / "running.json").exists()
    again = start()
    again.until_ready()
    with psycopg.connect(again.running().database_url) as connection:
        assert connection.execute("SELECT name FROM users").fetchall() == [("a",)]


@pytest.mark.parametrize("name", ["ingest", "control", "PostgreSQL", "MQTT broker"])
def test_what_is_killed_is_started_again_and_said(steady: Up, name: str) -> None:
    find = {"PostgreSQL": lambda: steady.server("postgres"), "MQTT broker": lambda: steady.server("mosquitto")}
    one = find.get(name, lambda: steady.role(name))()
    os.kill(one.pid, signal.SIGKILL)
    steady.until(lambda: f"{name} was killed (SIGKILL), started again" in steady.said, "the death is said")
    steady.until(lambda: f"{name} is back after" in steady.said, "it is back")
    steady.until(steady.ready, "ready again")
    assert find.get(name, lambda: steady.role(name))() != one
    with psycopg.connect(steady.running().database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_of_a_killed_broker_it_is_said_how_much_may_be_lost(steady: Up) -> None:
    os.kill(steady.server("mosquitto").pid, signal.SIGKILL)
    said = r"it last saved \d+ s ago and held \d+ messages [0-3]\.\d s ago"  # counted each second
    steady.until(lambda: re.search(said, steady.said), "the cost is said")
    steady.until(
        lambda: steady.said.count("MQTT broker is back") == steady.said.count("MQTT broker was killed"), "back"
    )


@pytest.mark.parametrize("words", ["programs of", "PostgreSQL with", "MQTT broker on"])
def test_an_interrupt_while_it_starts_leaves_nothing_behind(start: Callable[..., Up], words: str) -> None:
    up = start()
    up.until(lambda: words in up.said, "it has come so far")
    assert up.interrupt() == 0, up.said
    assert up.servers() == []
    assert process.survivors(up.data / "processes.json") == {}


def test_a_database_that_does_not_answer_is_said_in_one_line(start: Callable[..., Up], own_broker) -> None:
    nowhere = f"postgresql://nobody@127.0.0.1:{port.free()}/none"
    up = start(FIREGRID_DATABASE_URL=nowhere, FIREGRID_MQTT_URL=own_broker.url())
    assert up.child.wait(60) == 1
    assert "check FIREGRID_DATABASE_URL" in up.said.splitlines()[-1]


def test_a_broker_that_does_not_answer_is_said_in_one_line(start: Callable[..., Up], empty_database: str) -> None:
    nowhere = f"mqtt://a:b@127.0.0.1:{port.free()}"
    up = start(FIREGRID_DATABASE_URL=empty_database, FIREGRID_MQTT_URL=nowhere)
    assert up.child.wait(60) == 1
    assert "check FIREGRID_MQTT_URL" in up.said.splitlines()[-1]


@pytest.mark.usefixtures("furnished")
def test_after_a_killed_up_the_next_one_ends_what_survived_and_serves(start: Callable[..., Up]) -> None:
    first = start()
    first.until_ready()
    survivors = [first.role("ingest"), first.role("control"), first.server("postgres"), first.server("mosquitto")]
    first.child.kill()
    first.child.wait()
    assert all(process.alive(one) for one in survivors)
    assert running.read(first.data) is None
    second = start()
    second.until_ready()
    assert not any(process.alive(one) for one in survivors)
    assert "ending what an earlier run left: ingest, control" in second.said


def test_a_second_up_on_the_same_data_is_refused_in_one_line(steady: Up) -> None:
    second = Up(steady.data)
    assert second.child.wait(60) == 1
    assert "another `firegrid up` runs on" in second.said.splitlines()[-1]
    assert steady.ready()


def test_a_port_in_use_is_named_with_the_way_to_choose_another(start: Callable[..., Up], broker) -> None:
    up = start("--http-port", str(broker.port))
    assert up.child.wait(30) == 1
    assert f"port {broker.port} on 127.0.0.1" in up.said
    assert "--http-port" in up.said.splitlines()[-1]


def test_with_servers_of_ones_own_none_is_started(start: Callable[..., Up], empty_database: str, own_broker) -> None:
    up = start(FIREGRID_DATABASE_URL=empty_database, FIREGRID_MQTT_URL=own_broker.url())
    up.until_ready()
    assert up.servers() == []
    assert not (up.data / "pg").exists()
    assert not (up.data / "mosquitto").exists()
    assert up.interrupt() == 0


def test_as_many_ingest_workers_run_as_were_asked_for_and_each_is_started_again(
    start: Callable[..., Up], empty_database: str, own_broker
) -> None:
    more = ("--http-port", "0", "--mqtt-port", "0", "--workers", "3")
    servers = {"FIREGRID_DATABASE_URL": empty_database, "FIREGRID_MQTT_URL": own_broker.url()}
    up = start(*more, **servers, FIREGRID_STANDBY="true")
    up.until_ready()
    found = {"ingest", "ingest-2", "ingest-3", "control", "control-2"}
    assert process.survivors(up.data / "processes.json").keys() == found
    one = up.role("ingest-3")
    os.kill(one.pid, signal.SIGKILL)
    up.until(lambda: "ingest-3 was killed (SIGKILL), started again" in up.said, "the death is said")
    up.until(lambda: "ingest-3 is back after" in up.said, "it is back")
    assert up.role("ingest-3") != one
    assert up.interrupt() == 0


def test_a_changed_gateway_password_is_in_force_while_it_runs(steady: Up) -> None:
    up = steady
    with psycopg.connect(up.running().database_url) as connection:
        connection.execute("SET CONSTRAINTS ALL DEFERRED")
        connection.execute("INSERT INTO grids VALUES ('G', 'g', 3, NULL, '{}')")
        connection.execute("INSERT INTO places VALUES ('P', 'p', 'c', 'a', 0, 0, 1, 'G')")
        connection.execute("INSERT INTO gateways VALUES ('GW-1', 'g', 'P')")
    command = [sys.executable, "-m", "runtime.cli", "gateway-password", "GW-1", "--data", str(up.data)]
    passwords = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() for _ in range(2)]
    up.until(lambda: logs_in(up, "GW-1", passwords[1]), "the new password is taken", 5)
    assert not logs_in(up, "GW-1", passwords[0])


def logs_in(up: Up, user: str, password: str) -> bool:
    client = packages.ensure(print).clients
    assert client is not None
    command = [
        client / "mosquitto_pub",
        "-h",
        "127.0.0.1",
        "-p",
        str(up.running().mqtt_port),
        "-u",
        user,
        "-P",
        password,
    ]
    topic = ["-q", "1", "-t", f"fg/v1/{user}/status", "-m", json.dumps({"state": "online"})]
    return subprocess.run([*command, *topic], capture_output=True, check=False, timeout=20).returncode == 0


@pytest.mark.usefixtures("furnished")
def test_a_role_that_cannot_live_is_named_with_its_last_words(start: Callable[..., Up]) -> None:
    up = start(FIREGRID_TIMEZONE="Nowhere/Never")
    assert up.child.wait(90) == 1
    assert "keeps ending:" in up.said.splitlines()[-1], up.said
    assert up.servers() == []
