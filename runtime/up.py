"""`firegrid up`: everything at once, private servers included; what dies is started again, Ctrl-C stops it all."""

import contextlib
import fcntl
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from devices import broker_address
from runtime import migrate, running
from runtime.admission import Admission
from runtime.clock import Clock
from runtime.holdings import Holdings
from runtime.interrupt import Interrupt, Stopped
from runtime.parts import Part, Role, Server
from runtime.progress import Progress
from runtime.servers import footing, packages, port, process
from runtime.servers.mosquitto import Mosquitto
from runtime.servers.packages import Binaries
from runtime.servers.postgres import Postgres
from runtime.servers.trouble import ServerTrouble
from runtime.settings import Settings

LOOK_S = 0.2
READY_S = 60.0
ROLE_PATIENCE_S = 10.0
HASTY_DEATHS = 3  # a role that dies so often before all is ready has a reason that a restart does not mend


@dataclass(frozen=True, slots=True)
class Context:
    """What `prepare` and `announce` may use. `now` is the system's clock, `progress` the terminal."""

    settings: Settings
    data: Path
    database_url: str
    mqtt_url: str
    http_url: str
    now: Callable[[], datetime]
    progress: Progress


Hook = Callable[[Context], None]


def run(settings: Settings, *, demo: bool, prepare: Hook | None = None, announce: Hook | None = None) -> int:
    """Serves until SIGINT, SIGTERM or SIGHUP; then everything it started has ended. Exit status.

    `prepare` runs, for a demo, once the database has its schema and before any role starts; `announce` once all is
    ready.
    Raises `ServerTrouble`, `MigrationTrouble`, and what the two callables raise, with all it started stopped.
    """
    progress = Progress()
    interrupt = Interrupt()
    mask = os.umask(0o077)  # names, telephone numbers and secrets lie in the data folder
    with interrupt.listening():
        up = _Up(progress, interrupt)
        try:
            up.serve(settings, demo=demo, prepare=prepare, announce=announce)
        except Stopped:
            progress.say("\nStopping")
        finally:
            interrupt.close()
            up.stack.close()
            os.umask(mask)
    progress.say("Stopped; the data stay for next time")
    return 0


class _Up:
    """One run. `stack` holds what must be undone, in reverse order."""

    def __init__(self, progress: Progress, interrupt: Interrupt) -> None:
        self.stack = contextlib.ExitStack()
        self._progress = progress
        self._interrupt = interrupt
        self._parts: list[Part] = []
        self._roles: list[Role] = []
        self._holdings: Holdings | None = None

    def serve(self, settings: Settings, *, demo: bool, prepare: Hook | None, announce: Hook | None) -> None:
        """The steps in their order; ends only by an exception."""
        self._progress.say("FireGrid")
        data = _data_folder(settings)
        self.stack.enter_context(_alone(data))
        self._end_survivors(data)
        settings = _settled(settings, data)
        binaries = self._binaries(settings)
        postgres = None if settings.database_url or not binaries else self._postgres(data, binaries)
        broker = None if settings.mqtt_url or not binaries else self._broker(settings, data, binaries)
        if postgres is not None:
            self._start_postgres(postgres)
        settings = _with_urls(settings, postgres, broker)
        context = _context(settings, self._progress)
        with self._progress.step("schema of the database"):
            _migrate(context)
        if broker is None:
            _require_broker(context.mqtt_url)
        if demo and prepare is not None:
            prepare(context)
        if broker is not None:
            self._start_broker(broker, context)
        self._tell_others(context)
        self._start_roles(context, demo=demo)
        self._wait_until_ready(context)
        self._stand_by(context)
        self._announce(context, announce)
        self._watch(data)

    # -- before anything starts

    def _end_survivors(self, data: Path) -> None:
        """Roles that a killed `up` left running have ended; its servers end when they are started again."""
        left = {
            name: known
            for name, known in process.survivors(data / "processes.json").items()
            if "runtime.cli" in process.command_line(known.pid)
        }
        if not left:
            return
        with self._progress.step(f"ending what an earlier run left: {', '.join(left)}"):
            for known in left.values():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(known.pid, signal.SIGTERM)
            for known in left.values():
                process.end(known, patience_s=ROLE_PATIENCE_S)

    def _binaries(self, settings: Settings) -> Binaries | None:
        if settings.database_url and settings.mqtt_url:
            return None
        with self._progress.step("programs of PostgreSQL and Mosquitto") as tell:
            return packages.ensure(tell)

    def _postgres(self, data: Path, binaries: Binaries) -> Postgres:
        server = Postgres(binaries, footing.server_folder(data, "pg"), port.free(), data / "logs" / "postgres.log")
        if server.end_survivor():
            self._progress.say("    an earlier run's PostgreSQL was ended")
        return server

    def _broker(self, settings: Settings, data: Path, binaries: Binaries) -> Mosquitto:
        folder = footing.server_folder(data, "mosquitto")
        broker = Mosquitto(binaries, folder, settings.mqtt_port, data / "logs" / "mosquitto.log", settings.host)
        if broker.end_survivor():
            self._progress.say("    an earlier run's Mosquitto was ended")
        port.require_free(settings.mqtt_port, settings.host, "choose another with --mqtt-port (make demo MQTT_PORT=…)")
        return broker

    # -- the private servers

    def _start_postgres(self, server: Postgres) -> None:
        with self._progress.step(f"PostgreSQL with TimescaleDB on 127.0.0.1:{server.port}"):
            with self._interrupt.guard():
                server.create()
            self.stack.callback(self._stop_server, "PostgreSQL", server)
            with self._interrupt.guard():
                server.start()
            server.wait(300.0)  # after a crash under load it first replays its log
            server.make_database()
        self._parts.append(Part("PostgreSQL", server))

    def _start_broker(self, broker: Mosquitto, context: Context) -> None:
        admission = Admission(context.database_url, broker, context.settings.mqtt_prefix, self._progress.event)
        with self._progress.step(f"MQTT broker on {broker.host}:{broker.port}"):
            admission.admit_now()
            self.stack.callback(self._stop_server, "MQTT broker", broker)
            with self._interrupt.guard():
                broker.start()
            broker.wait()
        admission.start()
        self.stack.callback(admission.stop)
        self._holdings = Holdings(broker.url())
        self.stack.callback(self._holdings.stop)
        self._parts.append(Part("MQTT broker", broker, after_death=lambda status: self._cost(broker, status)))

    def _cost(self, broker: Mosquitto, status: int) -> str:
        """What a death of the broker may have cost, in words."""
        if status == 0:
            return "it had saved its messages"
        if self._holdings is None or (held := self._holdings.held()) is None:
            count = "an unknown number of messages"
        else:
            count = f"{held} messages {self._holdings.age_s():.1f} s ago"
        return (
            f"it last saved {broker.unsaved_s():.0f} s ago and held {count}: of these and of those "
            "that came since, what it acknowledged since that save and had not handed on is lost"
        )

    def _stop_server(self, name: str, server: Server) -> None:
        with self._progress.step(name):
            if not server.stop():
                self._progress.say(f"    {name} did not stop in time and was killed")

    # -- the roles

    def _tell_others(self, context: Context) -> None:
        """Other commands find the servers through DATA/running.json."""
        own = process.identity(os.getpid())
        settings = context.settings
        running.write(
            context.data,
            running.Running(
                pid=os.getpid(),
                started=own.started if own else 0,
                host=settings.host,
                http_port=settings.http_port,
                mqtt_port=settings.mqtt_port,
                http_url=context.http_url,
                database_url=context.database_url,
                mqtt_url=context.mqtt_url,
                mqtt_prefix=settings.mqtt_prefix,
                clock_offset_s=settings.clock_offset_s,
                clock_rate=settings.clock_rate,
                clock_anchor=settings.clock_anchor,
                timezone=settings.timezone,
            ),
        )
        self.stack.callback(running.remove, context.data)

    def _start_roles(self, context: Context, *, demo: bool) -> None:
        more = [f"ingest-{number}" for number in range(2, context.settings.ingest_workers + 1)]
        names = ("ingest", *more, "control", *(("simulate",) if demo else ()))
        self.stack.callback(self._stop_roles)
        for name in names:
            self._start_role(context, name)
        self._remember(context.data)

    def _start_role(self, context: Context, name: str) -> None:
        environment = {**os.environ, **settings_environment(context.settings), "PYTHONUNBUFFERED": "1"}
        # -P: a folder called `runtime` where the user happens to be is not ours
        command = [sys.executable, "-P", "-m", "runtime.cli", name.partition("-")[0]]
        lives = (lambda: _answers(f"{context.http_url}/api/live")) if name == "control" else None
        role = Role(name, command, context.data / "logs" / f"{name}.log", environment, lives)
        with self._interrupt.guard():
            role.start()
            self._roles.append(role)
        self._parts.append(Part(name, role))

    def _stand_by(self, context: Context) -> None:
        """A second control is loaded and waits, so that whichever leads may die (its start would take seconds)."""
        if context.settings.standby:
            self._start_role(context, "control-2")
            self._remember(context.data)

    def _remember(self, data: Path) -> None:
        """DATA/processes.json names the roles that run now, for the case that this process is killed."""
        children = {role.name: role.child for role in self._roles}
        found = {name: process.identity(child.pid) for name, child in children.items() if child is not None}
        process.remember(data / "processes.json", {name: known for name, known in found.items() if known is not None})

    def _wait_until_ready(self, context: Context) -> None:
        with self._progress.step(", ".join(role.name for role in self._roles)) as tell:
            deadline = time.monotonic() + READY_S
            while not _answers(f"{context.http_url}/api/ready"):
                self._look(context.data)
                self._interrupt.check()
                self._require_living()
                if time.monotonic() > deadline:
                    raise ServerTrouble(
                        f"not ready after {READY_S:.0f} s: see {context.data / 'logs'}, or firegrid doctor"
                    )
                tell("waiting until all is ready")
                time.sleep(LOOK_S)

    def _announce(self, context: Context, announce: Hook | None) -> None:
        """It is said where to look; should the database die at this very moment, once it is back."""
        for attempt in range(60):
            try:
                return announce(context) if announce else self._progress.say(f"\n  {context.http_url}\n")
            except psycopg.OperationalError:
                if attempt == 59:
                    raise
                self._look(context.data)
                time.sleep(0.5)
        return None

    def _require_living(self) -> None:
        for part in self._parts:
            if isinstance(part.server, Role) and len(part.deaths) >= HASTY_DEATHS:
                raise ServerTrouble(f"{part.name} keeps ending: {part.server.last_words()} (see {part.server.log})")

    def _stop_roles(self) -> None:
        with self._progress.step(", ".join(role.name for role in self._roles) or "roles"):
            for role in self._roles:
                role.ask_to_stop()
            deadline = time.monotonic() + ROLE_PATIENCE_S
            for role in self._roles:
                if not role.stop(max(0.1, deadline - time.monotonic())):
                    self._progress.say(f"    {role.name} did not stop in time and was killed")

    # -- while it runs

    def _watch(self, data: Path) -> None:
        """Until somebody asks to stop."""
        with self._interrupt.guard():
            while not self._interrupt.asked:
                self._look(data)
                time.sleep(LOOK_S)

    def _look(self, data: Path) -> None:
        with self._interrupt.guard():
            started = [part.look(self._progress.event) for part in self._parts]
            if any(started):
                self._remember(data)


def settings_environment(settings: Settings) -> dict[str, str]:
    """The environment in which another process reads these very settings."""
    values = settings.model_dump(mode="json", exclude_none=True)
    return {f"FIREGRID_{name.upper()}": str(value) for name, value in values.items()}


def _data_folder(settings: Settings) -> Path:
    data = settings.data.absolute()
    try:
        if not data.exists():
            footing.make_open(data)
            data.chmod(0o711 if footing.is_root() else 0o700)
        (data / "logs").mkdir(exist_ok=True)
    except OSError as trouble:
        reason = trouble.strerror or str(trouble)
        raise ServerTrouble(f"data folder {data}: {reason}; choose another with --data") from None
    return data


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """No other `up` works on this data folder."""
    with (data / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServerTrouble(
                f"another `firegrid up` runs on {data}: stop it, or choose another with --data"
            ) from None
        yield


def _settled(settings: Settings, data: Path) -> Settings:
    """The same settings with what every role must agree on made definite: folder, ports, start of a clock's rate."""
    changes: dict[str, object] = {"data": data}
    if settings.http_port == 0:
        changes["http_port"] = port.free()
    else:
        port.require_free(settings.http_port, settings.host, "choose another with --http-port (make demo HTTP_PORT=…)")
    if settings.mqtt_port == 0:
        changes["mqtt_port"] = port.free()
    if settings.clock_anchor is None and settings.clock_rate != 1:
        changes["clock_anchor"] = _anchor(settings, data)
    return settings.model_copy(update=changes)


def _anchor(settings: Settings, data: Path) -> float:
    """Where this clock started: kept, so that a later run with the same rate and offset goes on and not back."""
    file = data / "clock"
    asked = f"{settings.clock_rate} {settings.clock_offset_s}"
    if file.exists():
        kept, _, anchor = file.read_text().rpartition(" ")
        if kept == asked:
            return float(anchor)
    new = time.time()
    file.write_text(f"{asked} {new}")
    return new


def _with_urls(settings: Settings, postgres: Postgres | None, broker: Mosquitto | None) -> Settings:
    changes: dict[str, object] = {}
    if postgres is not None:
        changes["database_url"] = postgres.url()
    if broker is not None:
        changes["mqtt_url"] = broker.url()
    return settings.model_copy(update=changes)


def _context(settings: Settings, progress: Progress) -> Context:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    host = f"[{host}]" if ":" in host else host
    return Context(
        settings=settings,
        data=settings.data,
        database_url=settings.database_url or "",
        mqtt_url=settings.mqtt_url or "",
        http_url=f"http://{host}:{settings.http_port}",
        now=Clock(settings.clock_offset_s, settings.clock_rate, settings.clock_anchor or 0.0),
        progress=progress,
    )


def _migrate(context: Context) -> None:
    try:
        migrate.migrate(context.database_url, context.now())
    except psycopg.OperationalError as error:
        words = str(error).strip().splitlines()[0]
        raise ServerTrouble(f"the database does not answer ({words}): check FIREGRID_DATABASE_URL") from error


def _require_broker(mqtt_url: str) -> None:
    """Somebody listens where a broker of the user's own should be."""
    address = broker_address.parse(mqtt_url)
    host, number = address.host, address.port
    try:
        socket.create_connection((host, number), timeout=5).close()
    except OSError as error:
        words = error.strerror or str(error)
        raise ServerTrouble(f"no MQTT broker at {host}:{number} ({words}): check FIREGRID_MQTT_URL") from error


def _answers(url: str) -> bool:
    """Whether it answers 200; asked without any proxy of the environment."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
