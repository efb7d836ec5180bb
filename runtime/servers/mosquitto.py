"""A private Mosquitto: its files written, started, told of changed access, stopped."""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from devices import broker_access
from runtime.servers import footing, port, process
from runtime.servers.packages import Binaries
from runtime.servers.trouble import ServerTrouble

AUTOSAVE_S = 10
"""How often it saves its sessions and queues: what a `kill -9` can cost. It saves on its only thread: measured on two
busy cores, clients then wait 5 ms with 10,000 messages queued, 66 ms with 100,000, 0.4 s with 500,000 and 1.1 s with a
million. With ingest keeping up next to nothing is queued."""

# Mosquitto's own limits are 20 in flight to a 3.1.1 client, and 1000 queued: what exceeds those is dropped silently
CONFIGURATION = """\
listener {port} {host}
set_tcp_nodelay true
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/access
persistence true
persistence_location {folder}/
persistence_file mosquitto.db
autosave_interval {autosave}
sys_interval 1
persistent_client_expiration 30d
max_inflight_messages 1000
max_queued_messages 1000000
max_queued_bytes 536870912
max_packet_size 16777216
log_dest stdout
log_type error
log_type warning
log_type notice
log_timestamp_format %Y-%m-%dT%H:%M:%S
"""


class Mosquitto:
    """The broker whose files lie in `folder` (which belongs to the server's user), on `port` of `host`."""

    def __init__(self, binaries: Binaries, folder: Path, port: int, log: Path, host: str = "127.0.0.1") -> None:
        self.folder = folder.resolve()
        self.port = port
        self.host = host
        self.child: subprocess.Popen[bytes] | None = None
        self._binaries = binaries
        self._log = log

    def url(self) -> str:
        """What FireGrid's own parts connect to, as the internal user; the password is in it."""
        return f"mqtt://{broker_access.INTERNAL}:{self.internal_password()}@{self.reached_at()}:{self.port}"

    def reached_at(self) -> str:
        """The address on which this machine reaches it."""
        return "127.0.0.1" if self.host in ("0.0.0.0", "::", "localhost") else self.host  # noqa: S104 - compared, not bound

    def internal_password(self) -> str:
        """The internal user's password, made at its first use and kept."""
        file = self.folder / "internal-password"
        if not file.exists():
            new = file.with_suffix(".new")
            new.touch(mode=0o600)
            new.write_text(secrets.token_urlsafe(24))
            new.rename(file)
        return file.read_text().strip()

    def admit(self, hashes: Mapping[str, str], prefix: str) -> None:
        """Only these gateways (code -> hash of the password) and the internal user may come in; live if it runs."""
        internal = broker_access.hash_password(self.internal_password())
        self._write("passwords", broker_access.password_file({**hashes, broker_access.INTERNAL: internal}))
        self._write("access", broker_access.acl_file(prefix))
        self._reload()

    def _write(self, name: str, text: str) -> None:
        new = self.folder / f"{name}.new"
        new.touch(mode=0o600)
        new.write_text(text)
        footing.give(new)
        new.replace(self.folder / name)

    def _reload(self) -> None:
        """Before it catches SIGHUP (shortly after its start) it would die of it."""
        deadline = time.monotonic() + 5.0
        while self.child is not None and self.child.poll() is None and time.monotonic() < deadline:
            if process.catches(self.child.pid, signal.SIGHUP):
                os.kill(self.child.pid, signal.SIGHUP)
                return
            time.sleep(0.01)

    def start(self) -> None:
        """The process runs, as `child`, and may not answer yet. What an earlier run left of it is ended first."""
        self.end_survivor()
        text = CONFIGURATION.format(port=self.port, host=self.host, folder=self.folder, autosave=AUTOSAVE_S)
        self._write("mosquitto.conf", text)
        command: list[str | Path] = [self._binaries.mosquitto, "-c", self.folder / "mosquitto.conf"]
        self.child = process.start(command, self._log, as_server=True, cwd=self.folder)

    def wait(self, patience_s: float = 30.0) -> None:
        """It listens. Raises `ServerTrouble` when it ends or takes longer."""
        deadline = time.monotonic() + patience_s
        while not self.answers():
            if self.child is None or self.child.poll() is not None:
                raise ServerTrouble(f"Mosquitto ended while starting: see {self._log}")
            if time.monotonic() > deadline:
                raise ServerTrouble(f"Mosquitto did not answer within {patience_s:.0f} s: see {self._log}")
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether somebody listens on its port."""
        return port.answers(self.port, self.reached_at())

    def stop(self, patience_s: float = 20.0) -> bool:
        """It has saved its sessions and queues and is gone. False when it had to be killed."""
        if self.child is None:
            return True
        known = process.identity(self.child.pid)
        orderly = known is None or process.end(known, signal.SIGTERM, patience_s)
        self.child.wait()
        self.child = None
        return orderly

    def unsaved_s(self) -> float:
        """Seconds since it last saved: what it acknowledged since and had not handed on is lost when it is killed."""
        try:
            return max(0.0, time.time() - (self.folder / "mosquitto.db").stat().st_mtime)
        except FileNotFoundError:
            return float(AUTOSAVE_S)

    def end_survivor(self) -> bool:
        """No broker of an earlier run works in the folder any more. True when there was one."""
        own = str(self.folder / "mosquitto.conf")
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and own in (command := process.command_line(int(entry.name))):
                known = process.identity(int(entry.name))
                if known is not None and Path(command[0]).name == "mosquitto":
                    process.end(known, signal.SIGTERM, 20.0)
                    return True
        return False
