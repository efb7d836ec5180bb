"""DATA/running.json: what a running `up` tells the other commands, readable by its user alone."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from runtime.servers import process


@dataclass(frozen=True, slots=True)
class Running:
    """Where a running `up` serves. `started` is the process's start in clock ticks since boot."""

    pid: int
    started: int
    host: str
    http_port: int
    mqtt_port: int
    http_url: str
    database_url: str
    mqtt_url: str
    mqtt_prefix: str
    clock_offset_s: float = 0.0
    clock_rate: float = 1.0
    clock_anchor: float | None = None
    timezone: str = "Asia/Shanghai"


def read(data: Path) -> Running | None:
    """What runs on this data folder; None when nothing does, or what did has died."""
    try:
        running = Running(**json.loads(_file(data).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return running if process.alive(process.Identity(running.pid, running.started)) else None


def write(data: Path, running: Running) -> None:
    """`read` finds it from now on; there is no moment with half a file."""
    new = _file(data).with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(json.dumps(asdict(running), indent=1) + "\n")
    new.replace(_file(data))


def remove(data: Path) -> None:
    """Nothing is said to run any more."""
    _file(data).unlink(missing_ok=True)


def _file(data: Path) -> Path:
    return data / "running.json"
