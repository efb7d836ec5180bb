"""FireGrid as one sees it from outside: its command line, MQTT, the websocket, HTTP (CONTRACT), and its processes.

Nothing of FireGrid is imported here. Everything waits for a condition, with a deadline far beyond what a slow machine
takes; nothing sleeps and hopes.
"""

import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import paho.mqtt.client as paho
import psycopg
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

FIREGRID = Path(sys.executable).with_name("firegrid")
PREFIX = "fg/v1"
Frame = dict[str, Any]
Value = TypeVar("Value")

_sequence = itertools.count(1)


def seq() -> int:
    """A number no other item of this session has."""
    return next(_sequence)


def until(
    holds: Callable[[], Value], what: str | Callable[[], str], within_s: float = 30, every_s: float = 0.05
) -> Value:
    """What `holds` gives, once that is true; AssertionError with `what` after `within_s` real seconds."""
    deadline = time.monotonic() + within_s
    while not (found := holds()):
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what() if callable(what) else what}"
        time.sleep(every_s)
    return found


def free_port() -> int:
    """A port nobody listens on, below those the kernel gives to outgoing connections, so that none takes it soon."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port


class Screen:
    """A bare websocket client that keeps every frame; it says `received` for each unless `silent`."""

    def __init__(self, url: str, token: str, *, silent: bool = False, **hello: object) -> None:
        self._stack = ExitStack()
        self._socket = self._stack.enter_context(connect(url, max_size=None, open_timeout=20))
        self._silent = silent
        self._news = threading.Condition()
        self.frames: list[Frame] = []
        self.times: list[float] = []
        """When each of `frames` arrived, real monotonic seconds."""
        self.closed: tuple[int, str] | None = None
        self.say(type="hello", token=token, **hello)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.welcome = self.hear("welcome")

    def _read(self) -> None:
        try:
            for text in self._socket:
                frame = json.loads(text)
                with self._news:
                    self.times.append(time.monotonic())
                    self.frames.append(frame)
                    self._news.notify_all()
                if not self._silent and frame["type"] in ("order", "incident"):
                    self.say(type="received", seq=frame["seq"])
        except ConnectionClosed:
            pass
        finally:
            with self._news:
                self.closed = (self._socket.close_code or 1006, self._socket.close_reason or "")
                self._news.notify_all()

    def say(self, **frame: object) -> None:
        """One frame is sent."""
        with suppress(ConnectionClosed):
            self._socket.send(json.dumps(frame))

    def say_raw(self, data: str | bytes) -> None:
        """These bytes are sent as they are."""
        self._socket.send(data)

    def hear(self, kind: str, wanted: Callable[[Frame], object] = lambda _: True, within_s: float = 30) -> Frame:
        """The first frame of the kind (heard before, or still to come) for which `wanted` is true."""
        deadline = time.monotonic() + within_s
        with self._news:
            looked = 0
            while True:
                for frame in self.frames[looked:]:
                    if frame["type"] == kind and wanted(frame):
                        return frame
                looked = len(self.frames)
                left = deadline - time.monotonic()
                heard = [one for one in self.frames if one["type"] != "beat"][-8:]
                assert left > 0, f"no such {kind} within {within_s:.0f} s; last heard: {heard}"
                assert self.closed is None, f"closed {self.closed} while waiting for {kind}; last heard: {heard}"
                self._news.wait(left)

    def order(self, wanted: Callable[[Frame], object], within_s: float = 30) -> Frame:
        """The first ORDER received as a frame for which `wanted` is true."""
        found: Frame = self.hear("order", lambda frame: wanted(frame["order"]), within_s)["order"]
        return found

    def orders(self) -> list[Frame]:
        """The `order` frames so far."""
        return [frame for frame in self.frames if frame["type"] == "order"]

    def press(self, order: str, action: str, ref: str | None = None, **more: object) -> Frame:
        """The result of a person's press."""
        name = ref or uuid.uuid4().hex
        before = sum(1 for one in self.frames if one["type"] == "result" and one["ref"] == name)
        self.say(type="act", ref=name, order=order, action=action, **more)
        heard: list[Frame] = []

        def answered(frame: Frame) -> bool:
            if frame["ref"] == name and frame not in heard:
                heard.append(frame)
            return sum(1 for one in self.frames if one["type"] == "result" and one["ref"] == name) > before

        self.hear("result", answered)
        return [one for one in self.frames if one["type"] == "result" and one["ref"] == name][-1]

    def ends(self, within_s: float = 30) -> tuple[int, str]:
        """The close code and reason with which the server ends this."""
        until(lambda: self.closed, "the socket is closed", within_s)
        assert self.closed is not None
        return self.closed

    def seqs(self) -> list[int]:
        """The numbers of the order and incident frames, as they came."""
        return [frame["seq"] for frame in self.frames if frame["type"] in ("order", "incident")]

    @property
    def last_seq(self) -> int:
        """The last number this screen has."""
        return max([self.welcome["seq"] if not self.welcome["resumed"] else 0, *self.seqs()])

    def close(self) -> None:
        """The screen is gone."""
        self._stack.close()
        self._reader.join(20)


class Refused(Exception):  # noqa: N818 (it says what is the case)
    """The server closed a socket instead of welcoming it: code and the `error` it told."""

    def __init__(self, code: int, error: str) -> None:
        super().__init__(f"{code} {error}")
        self.code, self.error = code, error


def greet(url: str, first: object | bytes | None, within_s: float = 30) -> Frame:
    """The server's answer to a socket whose first frame is `first` (None: says nothing at all).

    Raises Refused with the close code and the error frame before it.
    """
    with connect(url, max_size=None, open_timeout=20) as one:
        if first is not None:
            one.send(first if isinstance(first, str | bytes) else json.dumps(first))
        answer = _answer(one, within_s)
        if answer is not None and answer["type"] != "error":
            return answer
        with suppress(ConnectionClosed):
            while True:
                one.recv(timeout=within_s)
        raise Refused(one.close_code or 1006, answer["error"] if answer is not None else "")


def _answer(one: ClientConnection, within_s: float) -> Frame | None:
    try:
        found: Frame = json.loads(one.recv(timeout=within_s))
    except ConnectionClosed:
        return None
    return found


class Gateway:
    """An MQTT client logged in as a gateway. `version`: 4 is MQTT 3.1.1, 5 is MQTT 5. Reconnects by itself."""

    def __init__(
        self, port: int, code: str, password: str, version: int = 5, will: Mapping[str, object] | None = None
    ) -> None:
        self.code = code
        self.accepted: set[int] = set()
        self.heard: list[tuple[str, Any]] = []
        self._port = port
        self._granted: dict[int, list[ReasonCode]] = {}
        self.refusals: list[ReasonCode] = []
        self._connected = threading.Event()
        five = version == 5
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"{code}-{uuid.uuid4().hex[:8]}",
            protocol=paho.MQTTv5 if five else paho.MQTTv311,
            clean_session=None if five else False,
        )
        self.client.username_pw_set(code, password)
        self.client.reconnect_delay_set(1, 1)
        self.client.max_inflight_messages_set(100)
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = lambda *_: self._connected.clear()
        self.client.on_publish = self._on_publish
        self.client.on_subscribe = lambda _c, _u, mid, codes, _p: self._granted.update({mid: codes})
        self.on_heard: Callable[[str, Any], object] = lambda topic, payload: self.heard.append((topic, payload))
        self.client.on_message = lambda _c, _u, message: self.on_heard(message.topic, _decoded(message.payload))
        if will is not None:
            self.client.will_set(self.topic("status"), json.dumps(will), qos=1, retain=True)

    def __enter__(self) -> Self:
        """Connected."""
        self.client.connect_async("127.0.0.1", self._port, keepalive=20)
        self.client.loop_start()
        try:
            until(lambda: self._connected.is_set() or self.refusals, f"{self.code} is answered by the broker")
            assert not self.refusals, f"{self.code} is refused: {self.refusals[0]}"
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnected in order."""
        self.client.disconnect()
        self.client.loop_stop()

    def cut(self) -> None:
        """The connection is gone without a word, as when the power fails; it does not come back."""
        self.client.reconnect_delay_set(3600, 3600)
        found = self.client.socket()
        assert found is not None
        self.client.loop_stop()
        found.close()

    def topic(self, channel: str) -> str:
        """This gateway's topic."""
        return f"{PREFIX}/{self.code}/{channel}"

    def send(self, channel: str, payload: object, *, qos: int = 1, retain: bool = False) -> int:
        """Published; the message's number among `accepted` once the broker has acknowledged it. Never waits."""
        data = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
        return self.client.publish(self.topic(channel), data, qos=qos, retain=retain).mid

    def publish(self, channel: str, payload: object, **options: Any) -> None:
        """Published and acknowledged by the broker."""
        mid = self.send(channel, payload, **options)
        until(lambda: mid in self.accepted, f"the broker takes a message of {self.code}", every_s=0.002)

    def event(self, device: str, event: str, **more: object) -> dict[str, object]:
        """An event of now is published; what was sent."""
        item: dict[str, object] = {"device": device, "event": event, "ts": now_ms(), "seq": seq(), **more}
        self.publish("event", {name: value for name, value in item.items() if value is not None})
        return item

    def reading(self, device: str, **values: object) -> dict[str, object]:
        """A reading of now is published; what was sent."""
        item: dict[str, object] = {"device": device, "ts": now_ms(), "seq": seq(), **values}
        self.publish("telemetry", item)
        return item

    def subscribe(self, topic: str, qos: int = 1) -> ReasonCode:
        """What the broker grants."""
        _, mid = self.client.subscribe(topic, qos)
        assert mid is not None
        return until(lambda: self._granted.get(mid), f"an answer to subscribe {topic}")[0]

    def _on_connect(self, _client: object, _data: object, _flags: object, reason: ReasonCode, _more: object) -> None:
        if reason.is_failure:
            self.refusals.append(reason)
        else:
            self._connected.set()

    def _on_publish(self, _client: object, _data: object, mid: int, reason: ReasonCode, _more: object) -> None:
        if reason is not None and reason.is_failure:
            self.refusals.append(reason)
        else:
            self.accepted.add(mid)


def _decoded(payload: bytes) -> object:
    try:
        return json.loads(payload)
    except ValueError:
        return payload


def now_ms() -> int:
    """The real time, as gateways write it."""
    return time.time_ns() // 1_000_000


class Http:
    """HTTP with one token."""

    def __init__(self, url: str, token: str | None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        # without `verify` each client would first read all the certificates of the world
        self._client = httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False, verify=False)

    def ask(self, method: str, path: str, body: object = None, **query: Any) -> httpx.Response:
        """The answer, whatever its status."""
        return self._client.request(method, path, json=body, params=query)

    def get(self, path: str, **query: Any) -> Any:
        """The body of a good answer."""
        answer = self.ask("GET", path, **query)
        assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def all(self, path: str, **query: Any) -> list[Frame]:
        """The items of a list, all its pages."""
        items: list[Frame] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, limit=500, **query, **cursor)
            items += page["items"]
            if page["next"] is None:
                return items
            cursor = {"cursor": page["next"]}

    def post(self, path: str, body: object = None) -> Any:
        """The body of a good answer."""
        answer = self.ask("POST", path, body)
        assert answer.status_code in (200, 201), f"POST {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def close(self) -> None:
        """Its connections are gone."""
        self._client.close()


class System:
    """One `firegrid up` on a data folder of its own, and the means to meet it from outside."""

    def __init__(
        self,
        data: Path,
        *,
        rate: float = 1.0,
        environment: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
        standby: bool = False,
    ) -> None:
        self.data = data
        self.rate = rate
        self._options = options
        self.http_port, self.mqtt_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.http_port}"
        self.output = data.with_name(f"{data.name}.out")
        self._mark = f"FIREGRID_JOURNEY={uuid.uuid4().hex}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FIREGRID_")}
        clock = {"FIREGRID_CLOCK_RATE": str(rate)} if rate != 1 else {}
        waiting = {"FIREGRID_STANDBY": str(standby).lower()}  # a second control costs every test seconds of a core
        self.environment = {**clean, **waiting, **clock, **(environment or {})}
        self._tokens: dict[tuple[str, str | None], str] = {}
        self._passwords: dict[str, str] = {}
        self.opened: list[Screen | Http] = []
        self.child: subprocess.Popen[bytes] | None = None
        self.say: Callable[..., str] = lambda *words: self.command(*words).stdout
        """What a command prints that a test needs and is not about."""

    # ---- its life

    def start(self) -> None:
        """`firegrid up` serves."""
        name, _, value = self._mark.partition("=")
        ports = ["--http-port", str(self.http_port), "--mqtt-port", str(self.mqtt_port)]
        with self.output.open("ab") as output:
            self.child = subprocess.Popen(
                [FIREGRID, "up", "--data", self.data, *ports, *self._options],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**self.environment, name: value, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        self.until(self.ready, "everything is ready", 120)

    def another(self, *words: str) -> subprocess.Popen[bytes]:
        """`firegrid …` on this data folder beside `up`, which neither starts it again nor ends it."""
        name, _, value = self._mark.partition("=")
        with self.output.open("ab") as output:
            return subprocess.Popen(
                [FIREGRID, *words, "--data", self.data],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**self.environment, name: value, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )

    def stop(self) -> int:
        """Ctrl-C; the exit status."""
        assert self.child is not None
        self.child.send_signal(signal.SIGINT)
        return self.child.wait(60)

    def end(self) -> None:
        """Whatever happened, nothing of it is left."""
        for one in self.opened:
            with suppress(Exception):
                one.close()
        if self.child is not None and self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def said(self) -> str:
        """What its terminal showed."""
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def until(self, holds: Callable[[], Value], what: str, within_s: float = 30, every_s: float = 0.05) -> Value:
        """As `until`, while `up` lives."""

        def look() -> Value:
            assert self.child is not None
            assert self.child.poll() is None, f"up ended ({self.child.returncode}) while waiting: {what}\n{self.said()}"
            return holds()

        return until(look, lambda: f"{what}\n{self.said()[-3000:]}", within_s, every_s)

    def ready(self) -> bool:
        """Whether it says so."""
        try:
            return httpx.get(f"{self.url}/api/ready", timeout=5, trust_env=False, verify=False).status_code == 200
        except httpx.TransportError:
            return False

    def processes(self) -> list[int]:
        """Everything it started that lives: by the mark in the environment, or by the data folder it works in."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            with suppress(OSError):
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                if state in "ZX":
                    continue
                marked = self._mark.encode() in (entry / "environ").read_bytes()
                cwd = (entry / "cwd").readlink()
                if marked or self.data in (cwd, *cwd.parents):
                    found.append(int(entry.name))
        return found

    def process(self, part: str) -> int:
        """The pid of `ingest`, `control`, `postgres`, `mosquitto` or `up`."""
        for pid in self.processes():
            with suppress(OSError):
                command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
                parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
                program = Path(command[0]).name
                if (
                    (part in ("ingest", "control", "up") and part in command[1:6] and "python" in program)
                    or (part == "mosquitto" and program == "mosquitto")
                    or (part == "postgres" and program == "postgres" and "-D" in command and parent > 0)
                ):
                    return pid
        raise AssertionError(f"no {part} runs; {self.said()[-2000:]}")

    def controls(self) -> tuple[int | None, list[int]]:
        """The pid of the control that leads, if one does, and those of all others."""
        leader, waiting = None, []
        for pid in self.processes():
            with suppress(OSError):
                command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
                if "control" not in command[1:6]:
                    continue
                open_files = [one.readlink().name for one in Path(f"/proc/{pid}/fd").iterdir()]
                if "journal.sqlite" in open_files:
                    leader = pid
                else:
                    waiting.append(pid)
        return leader, waiting

    def others(self, part: str, old: int) -> bool:
        """Whether the part runs, as another process than this."""
        with suppress(AssertionError):
            return self.process(part) != old
        return False

    # ---- its interfaces

    def command(self, *words: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`firegrid …` on this system's data folder, ended."""
        done = subprocess.run(
            [FIREGRID, *words, "--data", self.data],
            capture_output=True,
            text=True,
            timeout=120,
            env=self.environment,
            check=False,
        )
        assert not check or done.returncode == 0, f"firegrid {words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def token(self, role: str, code: str | None = None) -> str:
        """A token by the command line; asked for once."""
        key = (role, code)
        if key not in self._tokens:
            scope = ("--for", code) if code is not None else ()
            self._tokens[key] = self.say("token", "--role", role, *scope).strip()
        return self._tokens[key]

    def keep_token(self, role: str, code: str | None, token: str) -> None:
        """From now on this one is used."""
        self._tokens[role, code] = token

    def http(self, role: str | None, code: str | None = None) -> Http:
        """HTTP as this role (None: nobody)."""
        made = Http(self.url, self.token(role, code) if role is not None else None)
        self.opened.append(made)
        return made

    @property
    def websocket(self) -> str:
        """Where screens connect."""
        return f"ws://127.0.0.1:{self.http_port}/ws"

    def screen(self, role: str, code: str | None = None, **hello: Any) -> Screen:
        """A screen that has been welcomed."""
        made = Screen(self.websocket, self.token(role, code), **hello)
        self.opened.append(made)
        return made

    def password(self, gateway: str, *, new: bool = False) -> str:
        """The gateway's MQTT password, in force."""
        if new or gateway not in self._passwords:
            word = self.say("gateway-password", gateway).strip()
            until(lambda: self.lets_in(gateway, word), f"{gateway}'s password is in force", 20)
            self._passwords[gateway] = word
        return self._passwords[gateway]

    def learn(self, gateway: str, word: str) -> None:
        """The gateway's password has been changed to this."""
        self._passwords[gateway] = word

    def lets_in(self, gateway: str, password: str) -> bool:
        """Whether the broker takes this password."""
        try:
            with Gateway(self.mqtt_port, gateway, password):
                return True
        except AssertionError:
            return False

    def gateway(self, code: str, version: int = 5, **more: Any) -> Gateway:
        """A client of the broker, logged in as the gateway; use it in `with`."""
        return Gateway(self.mqtt_port, code, self.password(code), version, **more)

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        """The database itself, as an operator with psql looks into it."""
        url = json.loads((self.data / "running.json").read_text())["database_url"]
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection

    # ---- what stories need

    def now_ms(self) -> int:
        """The system's time, which goes `rate` times as fast as ours."""
        answer = httpx.get(f"{self.url}/api/ready", timeout=10, trust_env=False, verify=False).json()
        return round(clock(answer["time"]).timestamp() * 1000)

    def settle(self) -> None:
        """Every incident is closed and every alarm reset, so that each story begins in peace."""
        command = self.http("command")
        for one in command.all("/api/incidents", state="open"):
            command.post(f"/api/incidents/{one['id']}/stand-down")
            answer = command.ask("POST", f"/api/incidents/{one['id']}/verdict", {"verdict": "test"})
            assert answer.status_code in (200, 409), answer.text
        for one in command.all("/api/alarms", state="open"):
            command.post(f"/api/alarms/{one['id']}/actions", {"action": "reset"})
        assert command.all("/api/incidents", state="open") == []
        command.close()


def clock(text: str) -> datetime:
    """A time as FireGrid writes it: RFC 3339 with `Z` and milliseconds."""
    assert len(text) == 24, text
    assert text.endswith("Z"), text
    return datetime.fromisoformat(text).astimezone(UTC)
