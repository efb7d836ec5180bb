"""A Node-RED flow beside FireGrid: installed once on demand, run without its editor, measured as FireGrid is."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import usage
from system import BenchTrouble, Load, Process, System, until
from throughput import STALL_S, WARM_READINGS, Run, numbers

from runtime.servers import footing, port

SOURCES = Path(__file__).with_name("node_red")
NODE = (str(Path(__file__).parents[2] / ".ci" / "node"), sys.executable)
LOCKED = ("package.json", "package-lock.json", ".npmrc")
OURS = ("settings.js", "readings.js")


def install(say: Callable[[str], None]) -> Path:
    """The folder with `node_modules` as locked, fetched now if it is not there. Raises BenchTrouble."""
    digest = hashlib.sha256(b"".join((SOURCES / name).read_bytes() for name in LOCKED)).hexdigest()[:12]
    cache = footing.cache_folder()
    footing.make_open(cache)
    found = cache / f"node-red-{digest}"
    if found.exists():
        return found
    say("fetching Node-RED (a hundred megabytes unpacked, once)")
    making = Path(tempfile.mkdtemp(prefix="node-red-", suffix=".making", dir=cache))
    try:
        for name in LOCKED:
            shutil.copy(SOURCES / name, making)
        # what is optional is native code, and nothing here uses it
        options = ("--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
        command = (*NODE, "npm", "ci", *options, "--loglevel=error")
        done = subprocess.run(command, cwd=making, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BenchTrouble(f"npm ci: {done.stderr.strip()[-1500:]}")
        making.rename(found)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return found


def versions(programs: Path) -> str:
    """What is installed there, in words for a table's head."""
    modules = programs / "node_modules"
    red, pg = (json.loads((modules / name / "package.json").read_text())["version"] for name in ("node-red", "pg"))
    node = subprocess.run((*NODE, "node", "--version"), capture_output=True, text=True, check=True).stdout.strip()
    return f"Node-RED {red}, pg {pg}, Node.js {node.removeprefix('v')}"


def chosen(flow: str, tabs: Sequence[str]) -> str:
    """The flow with only these of its tabs working. Raises ValueError for a tab it has not."""
    nodes = json.loads(flow)
    known = {node["id"] for node in nodes if node["type"] == "tab"}
    if unknown := set(tabs) - known:
        raise ValueError(f"the flow has no tab {', '.join(sorted(unknown))}")
    return json.dumps([{**node, "disabled": node["id"] not in tabs} if node["id"] in known else node for node in nodes])


def credentials(flow: str, user: str, password: str) -> str:
    """The file of credentials: this login for each broker of the flow."""
    brokers = [node["id"] for node in json.loads(flow) if node["type"] == "mqtt-broker"]
    return json.dumps({one: {"user": user, "password": password} for one in brokers})


class NodeRed(Process):
    """Node-RED with some tabs of the flow; what it shows is on `port` of the loopback."""

    program = (*NODE, "node")

    def __init__(self, system: System, programs: Path, tabs: Sequence[str]) -> None:
        self.port = port.free()
        broker = urlsplit(system.broker.url())
        folder = _user_folder(system.folder / "node-red", programs, tabs, broker.username, broker.password)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("FIREGRID_", "NODE_"))},
            "FLOW_PORT": str(self.port),
            "MQTT_HOST": broker.hostname or "127.0.0.1",
            "MQTT_PORT": str(broker.port),
            "DATABASE_URL": system.postgres.url(),
        }
        red = programs / "node_modules" / "node-red" / "red.js"
        super().__init__("node-red", [str(red), "--userDir", str(folder)], folder / "log", environment)

    def told(self) -> dict[str, float]:
        """Readings `taken` from messages and `stored` by a committed INSERT; empty while it does not answer."""
        self.require_living()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"http://127.0.0.1:{self.port}/told", timeout=10) as answer:
                return dict(json.load(answer))
        except OSError:
            return {}

    def wait(self, brokers: int) -> None:
        """Its flow runs and is connected to the broker, with so many connections."""
        until(
            lambda: self.said("Started flows") and self.said("Connected to broker") >= brokers,
            "Node-RED runs and is connected to the broker",
            60,
        )


def _user_folder(folder: Path, programs: Path, tabs: Sequence[str], user: str | None, password: str | None) -> Path:
    """Made anew, with everything Node-RED reads."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    folder.chmod(0o700)
    (folder / "node_modules").symlink_to(programs / "node_modules")
    for name in OURS:
        shutil.copy(SOURCES / name, folder)
    flow = (SOURCES / "flow.json").read_text()
    (folder / "flow.json").write_text(chosen(flow, [*tabs, "told"]))
    (folder / "flow_cred.json").write_text(credentials(flow, unquote(user or ""), unquote(password or "")))
    return folder


class Flow:
    """A broker and a database of its own for tabs of the flow; `live` measures the one that stores."""

    def __init__(self, system: System, programs: Path, tabs: Sequence[str]) -> None:
        self.system = system
        self.tabs = tabs
        self._programs = programs
        with system.running(), psycopg.connect(system.postgres.url(), autocommit=True) as connection:
            connection.execute((SOURCES / "tables.sql").read_text())

    @contextmanager
    def running(self) -> Iterator[NodeRed]:
        """Servers and Node-RED run."""
        with self.system.running():
            node = NodeRed(self.system, self._programs, self.tabs)
            self.system.roles.append(node)
            node.wait(len(self.tabs))
            yield node

    def live(self, pack: Path, count: int, **options: object) -> Run:
        """Published flat out while it takes it; from the first publication until all is stored, or no more comes.

        Nothing holds Node-RED back: it acknowledges a message as it hands it to the flow, and what is not stored yet is
        in its memory. How much that came to at most is `pending` and `peak_mb`; `lost`, what never was stored.
        """
        with self.running() as node:
            self.warm(node, pack, options)
            seq = next(numbers)
            load = Load(self.system.broker.url(), pack, count=count, first_seq=seq, **options)
            before, spent = node.told(), self._spent(node)
            began = time.monotonic()
            load.go()
            readings = count * int(str(options.get("per_message", 1)))
            ended, pending = self.followed(node, before["stored"] + readings)
            published, used = load.result(), self._spent(node)
            rows = self.system.rows(seq)
            return Run(
                int(published["acknowledged"]),
                rows,
                ended - began,
                {**{name: used[name] - spent[name] for name in used}, "load": published["cpu_s"]},
                publish_s=published["seconds"],
                lost=int(published["readings"]) - rows,
                pending=int(pending),
                peak_mb=usage.memory_mb(node.pid)["peak"],
            )

    def warm(self, node: NodeRed, pack: Path, options: dict[str, object]) -> None:
        """It has its subscription, its connections are open and its code has run."""
        per_message = int(str(options.get("per_message", 1)))
        for _ in range(10):  # its log tells the connection; the subscription comes after
            self._send(pack, 1, options)
            if _stands(lambda: node.told().get("stored", 0) >= per_message, 2.0):
                break
        stored = node.told()["stored"]
        sent = self._send(pack, max(60, WARM_READINGS // per_message), options)
        until(lambda: node.told().get("stored", 0) >= stored + sent, "Node-RED stores", STALL_S)

    def followed(self, node: NodeRed, expected: float) -> tuple[float, float]:
        """(when all was stored, or the last that came; most readings taken and not stored), to a tenth of a second."""
        last, moved, pending = 0.0, time.monotonic(), 0.0
        while True:
            told = node.told()
            now = time.monotonic()
            if told:
                pending = max(pending, told["taken"] - told["stored"])
                if told["stored"] > last:
                    last, moved = told["stored"], now
            if last >= expected or now - moved > STALL_S / 2:
                return moved, pending
            time.sleep(0.1)

    def _send(self, pack: Path, count: int, options: dict[str, object]) -> float:
        load = Load(self.system.broker.url(), pack, count=count, first_seq=next(numbers), **options)
        load.go()
        return load.result()["readings"]

    def _spent(self, node: NodeRed) -> dict[str, float]:
        servers = {"broker": self.system.broker.child, "database": self.system.postgres.child, "node": node.child}
        return {name: usage.cpu_s(child.pid) for name, child in servers.items() if child is not None}


def _stands(holds: Callable[[], bool], within_s: float) -> bool:
    try:
        until(holds, "", within_s)
    except BenchTrouble:
        return False
    return True
