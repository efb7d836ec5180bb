"""A server's process: started as the server's user, known again by its identity, ended in bounded time."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from runtime.servers import footing

LOG_LIMIT = 20 << 20  # bytes; a longer log is set aside as NAME.1 when its process is started again


@dataclass(frozen=True, slots=True)
class Identity:
    """One process and no other: its number may be used again, but not with its start time (clock ticks since boot)."""

    pid: int
    started: int


def identity(pid: int) -> Identity | None:
    """The living process of this number; None when there is none, or only its zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return (
        None if fields[0] in "ZX" else Identity(pid, int(fields[19]))
    )  # proc_pid_stat(5): state is 3rd, starttime 22nd


def command_line(pid: int) -> list[str]:
    """The process's arguments; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []


def catches(pid: int, sign: signal.Signals) -> bool:
    """Whether the process has a handler for the signal by now."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return False
    caught = next(line for line in lines if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (sign - 1) & 1)


def alive(known: Identity) -> bool:
    """Whether exactly this process still runs."""
    return identity(known.pid) == known


def end(known: Identity, first: signal.Signals = signal.SIGTERM, patience_s: float = 10.0) -> bool:
    """The process is gone: asked by `first`, after `patience_s` killed. False when it had to be killed."""
    for sign, seconds in ((first, patience_s), (signal.SIGKILL, 5.0)):
        if not alive(known):
            return True
        try:
            os.kill(known.pid, sign)
        except ProcessLookupError:
            return True
        if _gone_within(known, seconds):
            return sign == first
    return False


def _gone_within(known: Identity, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while alive(known):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def start(
    command: Sequence[str | Path],
    log: Path,
    environment: Mapping[str, str] | None = None,
    *,
    as_server: bool = False,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Runs in a session of its own (a Ctrl-C in the terminal is not for it), its output appended to `log`.

    `as_server`: root hands it to the server's user.
    """
    user, group = footing.server_user() if as_server and footing.is_root() else (None, None)
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_name(f"{log.name}.1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment) if environment is not None else None,
            cwd=cwd,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=[] if user is not None else None,
        )


def remember(file: Path, known: Mapping[str, Identity]) -> None:
    """`file` names the processes, so that a later run finds what survived this one."""
    new = file.with_suffix(".new")
    new.write_text(json.dumps({name: asdict(one) for name, one in known.items()}))
    new.replace(file)


def survivors(file: Path) -> dict[str, Identity]:
    """Those named in `file` that still run; a missing or broken file names nobody."""
    try:
        named = json.loads(file.read_text())
        known = {name: Identity(int(one["pid"]), int(one["started"])) for name, one in named.items()}
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {name: one for name, one in known.items() if alive(one)}
