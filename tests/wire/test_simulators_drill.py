"""Scenarios against the whole system as `firegrid up --demo` starts it."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import psycopg
import pytest

from api import key
from api.identity import Role
from api.token import Tokens
from runtime import running
from runtime.servers import footing, packages, process
from simulators import credentials, scenario
from simulators.drill import conductor

pytestmark = pytest.mark.timeout(300)


class Demo:
    """A running demo district and the keys to it."""

    def __init__(self, data, child, output):
        self.data, self.child, self.output = data, child, output

    def found(self):
        return running.read(self.data)

    def until_ready(self):
        deadline = time.monotonic() + 120
        while not self.ready():
            assert self.child.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.3)

    def ready(self):
        found = self.found()
        if found is None or found.http_url not in self.output.read_text():
            return False
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{found.http_url}/api/ready", timeout=5) as answer:
            return answer.status == 200
        return False

    def token(self, role, code):
        with psycopg.connect(self.found().database_url) as connection:
            tokens = Tokens(key.settle(self.data, connection))
        return tokens.issue(Role(role), code or None, datetime.now(UTC) + timedelta(hours=1))

    async def drill(self, seed, report=None, name="kitchen-fire"):
        """(result, what was said) of the drill."""
        found, said = self.found(), []
        broker = urlsplit(found.mqtt_url)
        code = await conductor.play(
            scenario.load(name),
            http_url=found.http_url,
            ws_url=found.http_url.replace("http", "ws", 1) + "/ws",
            mqtt_host=broker.hostname,
            mqtt_port=broker.port,
            prefix=found.mqtt_prefix,
            admin_token=self.token("admin", ""),
            token_for=self.token,
            password_for=credentials.read(self.data).__getitem__,
            seed=seed,
            say=said.append,
            report=report,
        )
        return code, "\n".join(said)

    def ask(self, path):
        request = urllib.request.Request(
            self.found().http_url + path, headers={"Authorization": f"Bearer {self.token('admin', '')}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def role(self, name):
        return process.survivors(self.data / "processes.json")[name].pid


@pytest.fixture(scope="module")
def demo():
    packages.ensure(print)
    folder = footing.temporary_folder("firegrid-drill-")
    data, output = folder / "data", folder / "said.txt"
    settings = {name: value for name, value in os.environ.items() if not name.startswith("FIREGRID_")}
    with output.open("wb") as out:
        child = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "runtime.cli",
                "up",
                "--demo",
                "--data",
                data,
                "--http-port",
                "0",
                "--mqtt-port",
                "0",
            ],
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=settings,
            start_new_session=True,
        )
    running_demo = Demo(data, child, output)
    try:
        running_demo.until_ready()
        yield running_demo
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(60)
        shutil.rmtree(folder)


async def test_on_a_healthy_system_every_step_comes_and_nothing_stays_open(demo, tmp_path):
    code, said = await demo.drill(1, tmp_path)
    assert code == 0, said
    told = json.loads((tmp_path / "report.json").read_text())
    names = [step["step"] for step in told["steps"]]
    for step in ("alarm on screen", "order frame: respond", "order frame: attend", "acknowledged", "turned out"):
        assert step in names
    assert {"arrived", "under control", "closed", "incident closed", "alarms reset"} <= set(names)
    assert told["incident"]["drill"] is True
    assert told["incident"]["verdict"] == "test"
    assert {order["state"] for order in told["incident"]["orders"]} == {"closed"}
    assert told["incident"]["timeline"]
    assert demo.ask("/api/incidents?state=open")["items"] == []


async def test_a_crew_that_cannot_go_is_replaced_at_once(demo):
    code, said = await demo.drill(1, name="station-declines")
    assert code == 0, said
    assert "declined: vehicle_fault" in said
    assert "the next is called" in said


async def test_with_ingest_frozen_the_drill_fails_says_where_and_causes_no_real_alarm(demo):
    ingest = demo.role("ingest")
    os.kill(ingest, signal.SIGSTOP)
    try:
        code, said = await demo.drill(2)
    finally:
        os.kill(ingest, signal.SIGCONT)
    assert code == 1
    assert "alarm on screen" in said
    assert "missing" in said
    deadline = time.monotonic() + 30
    while not (late := demo.ask("/api/incidents?state=open")["items"]):
        assert time.monotonic() < deadline, "the items that waited were lost"
        await asyncio.sleep(0.3)
    assert [one["drill"] for one in late] == [True]
    assert demo.ask("/api/incidents?drill=false")["items"] == []


async def test_without_a_password_that_holds_the_drill_says_so(demo, monkeypatch):
    monkeypatch.setattr(credentials, "read", lambda _: dict.fromkeys((f"GW-{n:02d}" for n in range(1, 61)), "wrong"))
    code, said = await demo.drill(3)
    assert code == 1
    assert "could not be played" in said
