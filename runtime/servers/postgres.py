"""A private PostgreSQL cluster with TimescaleDB: made, started, known again, stopped."""

import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from runtime.servers import footing, process
from runtime.servers.packages import Binaries
from runtime.servers.trouble import ServerTrouble

USER = "firegrid"
SOCKET_PATH_LIMIT = 107  # bytes of sun_path, unix(7)

# GMT, which is UTC, is the one zone that needs no zone files on the machine
UTC = "UTC" if Path("/usr/share/zoneinfo/UTC").exists() else "GMT"

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "'127.0.0.1'",
    "shared_preload_libraries": "'timescaledb'",
    "timescaledb.telemetry_level": "off",
    "jit": "off",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "1GB",
    "max_connections": "60",
    "max_worker_processes": "12",
    "max_parallel_workers": "2",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "5min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "timezone": f"'{UTC}'",
    "log_timezone": f"'{UTC}'",
    "log_line_prefix": "'%m [%p] '",
    "log_checkpoints": "off",
}


class Postgres:
    """The cluster in `folder` (which belongs to the server's user), on `port` of the loopback."""

    def __init__(
        self, binaries: Binaries, folder: Path, port: int, log: Path, settings: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder.resolve()
        self.port = port
        self.child: subprocess.Popen[bytes] | None = None
        self.cluster = self.folder / "cluster"
        self._binaries = binaries
        self._log = log
        self._settings = {**SETTINGS, **(settings or {})}

    def url(self, database: str = "firegrid") -> str:
        """What a role connects to; the password is in it."""
        return f"postgresql://{USER}:{self._password()}@127.0.0.1:{self.port}/{database}"

    def create(self) -> bool:
        """The cluster's files are there. True when they were made now. Raises `ServerTrouble`."""
        if (self.cluster / "PG_VERSION").exists():
            return False
        self._password_file().write_text(secrets.token_urlsafe(24))
        self._password_file().chmod(0o600)
        footing.give(self._password_file())
        shutil.rmtree(self.folder / "making", ignore_errors=True)
        command: list[str | Path] = [
            self._binaries.postgres / "initdb",
            "--pgdata",
            self.folder / "making",
            "--username",
            USER,
        ]
        command += ["--pwfile", self._password_file(), "--auth-local=trust", "--auth-host=scram-sha-256"]
        # the built-in provider needs no locale on the machine
        command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        maker = process.start(command, self._log, as_server=True, cwd=self.folder)
        if maker.wait() != 0:
            raise ServerTrouble(f"PostgreSQL's initdb failed: see {self._log}")
        (self.folder / "making").rename(self.cluster)
        return True

    def start(self) -> None:
        """The process runs, as `child`, and may not answer yet. What an earlier run left of it is ended first."""
        self.end_survivor()
        sockets = str(self.cluster)
        if len(f"{sockets}/.s.PGSQL.{self.port}".encode()) > SOCKET_PATH_LIMIT:
            sockets = ""
        settings = {**self._settings, "port": str(self.port), "unix_socket_directories": f"'{sockets}'"}
        settings["unix_socket_permissions"] = "0700"
        lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
        configuration = self.cluster / "postgresql.auto.conf"  # read last, so that these win
        configuration.write_text("# written at each start\n" + lines)
        footing.give(configuration)
        self.child = process.start(
            [self._binaries.postgres / "postgres", "-D", self.cluster], self._log, as_server=True, cwd=self.cluster
        )

    def wait(self, patience_s: float = 60.0) -> None:
        """It answers. Raises `ServerTrouble` when it ends or takes longer."""
        deadline = time.monotonic() + patience_s
        while not self.answers():
            if self.child is None or self.child.poll() is not None:
                raise ServerTrouble(f"PostgreSQL ended while starting: see {self._log}")
            if time.monotonic() > deadline:
                raise ServerTrouble(f"PostgreSQL did not answer within {patience_s:.0f} s: see {self._log}")
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether it takes connections with this cluster's password."""
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def make_database(self, name: str = "firegrid") -> None:
        """The database is there."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def stop(self, patience_s: float = 20.0) -> bool:
        """It has stopped in order, transactions rolled back (a fast shutdown). False when it had to be killed."""
        if self.child is None:
            return True
        known = process.identity(self.child.pid)
        orderly = known is None or process.end(known, signal.SIGINT, patience_s)
        self.child.wait()
        self.child = None
        return orderly

    def end_survivor(self) -> bool:
        """No process of an earlier run works on the cluster any more. True when there was one.

        Backends outlive a killed postmaster until their statement ends, and a new one does not start beside them.
        """
        left = self._left_over()
        for known, command in left:
            process.end(known, signal.SIGINT if str(self.cluster) in command else signal.SIGQUIT, 20.0)
        self._forget_stranger()
        return bool(left)

    def _left_over(self) -> list[tuple[process.Identity, list[str]]]:
        """Processes of PostgreSQL that work in the cluster's folder or are making it, the postmaster first."""
        folders = (self.cluster, self.folder, self.folder / "making")
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or _link(entry / "cwd") not in folders:
                continue
            known = process.identity(int(entry.name))
            if known is not None and Path(_link(entry / "exe") or "").name.startswith(("postgres", "initdb")):
                found.append((known, process.command_line(known.pid)))
        return sorted(found, key=lambda one: str(self.cluster) not in one[1])

    def _forget_stranger(self) -> None:
        """A postmaster.pid whose number now is another program's is gone; it would keep PostgreSQL from starting."""
        file = self.cluster / "postmaster.pid"
        try:
            pid = int(file.read_text().splitlines()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return
        if process.identity(pid) is not None:
            file.unlink()

    def _password_file(self) -> Path:
        return self.folder / "password"

    def _password(self) -> str:
        return self._password_file().read_text().strip()


def _link(path: Path) -> Path | None:
    """Where a link of /proc points; None when it is gone or not ours to see."""
    try:
        return path.readlink()
    except OSError:
        return None
