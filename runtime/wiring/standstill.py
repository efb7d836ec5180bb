"""Parts of the running system made to stand still (SIGSTOP) and to go on: faults that a drill plays."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from runtime import running
from runtime.servers import process
from simulators.drill.story import Missing

PROGRAMS = {"database": "postgres", "broker": "mosquitto"}
"""Parts that are servers, and the program that each is; all others are roles of FireGrid's own."""

GRACE_S = 5.0


class Standstill:
    """Of the system that runs on the data folder. Whatever was stopped goes on when `resume` is called for it."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._held: dict[str, list[process.Identity]] = {}

    def stop(self, part: str, lasts_s: float) -> None:
        """Every process of `part` stands still: connections stay, nothing answers. It goes on `GRACE_S` after `lasts_s`
        even where this process is killed meanwhile.

        Raises Missing when none of it runs here.
        """
        found = [known for pid in self._pids(part) if (known := process.identity(pid)) is not None]
        if not found:
            raise Missing(f"no {part} of this system runs here, so it cannot be stopped: play another scenario")
        self._held.setdefault(part, []).extend(found)
        numbers = " ".join(str(known.pid) for known in found)
        later = f"sleep {lasts_s + GRACE_S:g}; kill -CONT {numbers}"
        subprocess.Popen(["/bin/sh", "-c", later], stderr=subprocess.DEVNULL, start_new_session=True)
        for known in found:
            _send(known, signal.SIGSTOP)

    def stands(self, part: str) -> bool:
        """Whether every process of `part` that was stopped and lives stands still, as the kernel tells."""
        held = [known for known in self._held.get(part, []) if process.alive(known)]
        return bool(held) and all(_state(known.pid) == "T" for known in held)

    def resume(self, part: str) -> None:
        """It goes on."""
        for known in self._held.pop(part, []):
            _send(known, signal.SIGCONT)

    def _pids(self, part: str) -> Iterator[int]:
        """The server and then its children; or the role's workers."""
        if part not in PROGRAMS:
            roles = process.survivors(self._data / "processes.json")
            yield from (known.pid for name, known in roles.items() if name.split("-")[0] == part)
            return
        found = running.read(self._data)
        parents = {int(entry.name): _parent(int(entry.name)) for entry in Path("/proc").glob("[0-9]*")}
        for pid, parent in parents.items():
            if found is not None and parent == found.pid and _program(pid) == PROGRAMS[part]:
                yield pid
                yield from (child for child, of in parents.items() if of == pid)


def _send(known: process.Identity, sign: signal.Signals) -> None:
    if process.alive(known):
        os.kill(known.pid, sign)


def _state(pid: int) -> str:
    return _stat(pid)[0]


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _stat(pid: int) -> list[str]:
    """What follows the name in /proc/PID/stat; of none where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["X", "0"]


def _program(pid: int) -> str:
    arguments = process.command_line(pid)
    return Path(arguments[0]).name if arguments else ""
