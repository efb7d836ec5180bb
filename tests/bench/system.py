"""FireGrid's own processes on private servers of their own, each started and stopped when a measurement wants it."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

from runtime.servers import footing, port, process
from runtime.servers.mosquitto import Mosquitto
from runtime.servers.packages import Binaries
from runtime.servers.postgres import Postgres

PREFIX = "fg/v1"
SEQS = 20_000_000
"""So many numbers each run has for its readings."""
CLI = (sys.executable, "-P", "-m", "runtime.cli")


class BenchTrouble(Exception):  # noqa: N818 (it says what is the case)
    """A measurement could not be made, or what it shows must not be."""


def until(holds: Callable[[], Any], what: str, within_s: float, every_s: float = 0.05) -> Any:
    """What `holds` gives, once that is true. Raises BenchTrouble with `what` after `within_s` seconds."""
    deadline = time.monotonic() + within_s
    while not (found := holds()):
        if time.monotonic() > deadline:
            raise BenchTrouble(f"not within {within_s:.0f} s: {what}")
        time.sleep(every_s)
    return found


class Process:
    """A role that runs. Its log is one line of JSON for each entry."""

    program: Sequence[str] = CLI
    """What `words` are given to."""

    def __init__(self, name: str, words: list[str], log: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.log = log
        self._skip = log.stat().st_size if log.exists() else 0
        self.child = process.start([*self.program, *words], log, environment)

    @property
    def pid(self) -> int:
        return self.child.pid

    def require_living(self) -> None:
        """Raises BenchTrouble with its last words when the role has ended."""
        if self.child.poll() is not None:
            words = self.log.read_text(errors="replace").strip().splitlines()[-1:]
            raise BenchTrouble(f"{self.name} has ended: {''.join(words)[:1500]}")

    def says(self, event: str) -> bool:
        """Whether such an entry has been logged since the start. Raises BenchTrouble when the role has ended."""
        return self.said(f'"{event}"') > 0

    def said(self, words: str) -> int:
        """How often these words stand in its log since the start. Raises BenchTrouble when it has ended."""
        self.require_living()
        with self.log.open("rb") as log:
            log.seek(self._skip)
            return log.read().count(words.encode())

    def stop(self) -> None:
        """It has ended in order, or was killed after half a minute."""
        known = process.identity(self.pid)
        if known is not None:
            process.end(known, patience_s=30.0)
        self.child.wait()


class Worker(Process):
    """An ingest worker and its metrics, which are on `first_port` and the number of its slot."""

    def __init__(self, slot: int, first_port: int, log: Path, environment: Mapping[str, str]) -> None:
        self.port = first_port + slot
        super().__init__(f"ingest-{slot}", ["ingest", "--metrics-port", str(first_port)], log, environment)

    def count(self, name: str) -> float:
        """The sum over a metric's labels; 0 while the worker does not answer yet."""
        return sum(value for key, value in self.metrics().items() if key.partition("{")[0] == name)

    def metrics(self) -> dict[str, float]:
        """What it counts; empty while it does not answer yet. Raises BenchTrouble when it has ended."""
        self.require_living()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return {}
        return {key: float(value) for key, _, value in (line.rpartition(" ") for line in lines if line[:1] != "#")}

    def stored(self) -> float:
        """Readings committed since its start."""
        return self.count("firegrid_ingest_readings_stored_total")


class System:
    """A database, a broker and a data folder below `folder`; servers started again have what they had."""

    def __init__(self, folder: Path, binaries: Binaries) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.data.mkdir(parents=True)
        folder.chmod(0o711)
        self.http_port, self.metrics_port = port.free(), port.free()
        self.postgres = Postgres(binaries, footing.server_folder(folder, "pg"), port.free(), folder / "postgres.log")
        self.broker = broker(folder, binaries)
        self.roles: list[Process] = []
        self.settings: dict[str, str] = {}
        """Further settings of every command and role."""

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """The servers run; at the end every role and server has ended."""
        self.postgres.create()
        self.postgres.start()
        self.broker.start()
        try:
            self.postgres.wait()
            self.broker.wait()
            self.postgres.make_database()
            yield
        finally:
            for role in reversed(self.roles):
                role.stop()
            self.roles = []
            self.broker.stop()
            self.postgres.stop()

    def environment(self) -> dict[str, str]:
        """In which FireGrid's commands find these servers."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("FIREGRID_")},
            "FIREGRID_DATABASE_URL": self.postgres.url(),
            "FIREGRID_MQTT_URL": self.broker.url(),
            "FIREGRID_DATA": str(self.data),
            "FIREGRID_HTTP_PORT": str(self.http_port),
            "PYTHONUNBUFFERED": "1",
            **self.settings,
        }

    def command(self, *words: str, **settings: str) -> str:
        """What a command of FireGrid prints, with these settings besides. Raises BenchTrouble when it fails."""
        environment = {**self.environment(), **settings}
        done = subprocess.run([*CLI, *words], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BenchTrouble(f"firegrid {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def settle(self, pack: Path) -> None:
        """The database has its schema and the pack's registry; the servers must be running."""
        self.command("migrate")
        self.command("import", str(pack))

    def worker(self, number: int = 0, *, wait: bool = True) -> Worker:
        """An ingest worker, which has its subscriptions unless nobody waits for that."""
        for other in self.roles:
            if isinstance(other, Worker):  # a worker takes the lowest free slot: they must not come at once
                until(lambda other=other: other.says("ingest_started"), f"{other.name} has its slot", 60)
        made = Worker(number, self.metrics_port, self.folder / f"ingest-{number}.log", self.environment())
        self.roles.append(made)
        if wait:
            self.wait(made)
        return made

    def wait(self, worker: Worker) -> None:
        """The worker has its subscriptions."""
        until(lambda: worker.says("ingest_ready"), f"{worker.name} is ready", 60)

    def control(self) -> Process:
        """The control role, which answers."""
        made = Process("control", ["control"], self.folder / "control.log", self.environment())
        self.roles.append(made)
        url = f"http://127.0.0.1:{self.http_port}/api/ready"
        until(lambda: made.require_living() or _answers(url), "control is ready", 120)
        return made

    def stop(self, role: Process) -> None:
        """The role has ended."""
        role.stop()
        self.roles.remove(role)

    def query(self, text: str, *values: object) -> Any:
        """The first value of the first row."""
        with psycopg.connect(self.postgres.url(), autocommit=True) as connection:
            row = connection.execute(text, values).fetchone()
        return row[0] if row else None

    def rows(self, first_seq: int) -> int:
        """Readings in the tables with this number or one of the `SEQS` behind it."""
        tables = ("readings_smoke", "readings_electrical")
        counts = (f"(SELECT count(*) FROM {table} WHERE seq >= %s AND seq < %s)" for table in tables)
        return int(self.query(f"SELECT {' + '.join(counts)}", *(first_seq, first_seq + SEQS) * len(tables)))


def broker(folder: Path, binaries: Binaries) -> Mosquitto:
    """A broker below `folder` that lets FireGrid's own user in; not started."""
    made = Mosquitto(binaries, footing.server_folder(folder, "mosquitto"), port.free(), folder / "mosquitto.log")
    made.admit({}, PREFIX)
    return made


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder the servers can use, gone at the end."""
    made = footing.temporary_folder("firegrid-bench-")
    try:
        yield made
    finally:
        shutil.rmtree(made)


class Load:
    """The load generator, connected and waiting for `go`."""

    def __init__(self, url: str, pack: Path, **options: object) -> None:
        command = [sys.executable, "-m", "simulators.load", str(pack), "--wait"]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        self.child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "FIREGRID_MQTT_URL": url},
        )
        assert self.child.stdout
        if self.child.stdout.readline().strip() != "ready":
            raise BenchTrouble(f"the load generator: {self.child.communicate()[1].strip()}")

    def go(self) -> None:
        """It publishes."""
        assert self.child.stdin
        self.child.stdin.write("\n")
        self.child.stdin.flush()

    def result(self) -> dict[str, float]:
        """What it published and the broker acknowledged, once it is through. Raises BenchTrouble."""
        told, complaint = self.child.communicate()
        if self.child.returncode:
            raise BenchTrouble(f"the load generator: {complaint.strip()}")
        found: dict[str, float] = json.loads(told.strip().splitlines()[-1])
        return found

    def stop(self) -> dict[str, float]:
        """Nothing more is published; what was."""
        self.child.terminate()
        return self.result()


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
