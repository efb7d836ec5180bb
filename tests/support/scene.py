"""The estate, running, with its screens: where trials take place, how long they are, and what each comes to."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import estate
from outside import Http, System
from watcher import Watcher

SPAN = 100_000_000
"""Sequence numbers of one trial; a gateway has a tenth."""


@dataclass(frozen=True, slots=True)
class Length:
    """How hard each fault is. Rates are of messages a second in all, durations real seconds."""

    name: str
    rate: float
    calm_s: float
    fire_s: float
    outage_s: float
    kills: int
    between_kills_s: float
    flood_s: float
    hour_s: int


SHORT = Length("short", 600, 1, 0.5, 4, 2, 2, 2, 120)
FULL = Length("full", 6000, 5, 1, 60, 10, 12, 10, 3600)


@dataclass
class Account:
    """What became of everything in one trial. Counts are of messages; each carries one reading."""

    fault: str
    length: str
    sent: int = 0
    acknowledged: int = 0
    again: int = 0
    stored: int = 0
    missing: int = 0
    twice: int = 0
    repeated: int | None = None
    quarantined: int = 0
    fires: int = 0
    shown: int = 0
    slowest_s: float = 0.0
    p99_s: float = 0.0
    back_s: list[float] = field(default_factory=list)
    caught_up_s: float | None = None
    notes: list[str] = field(default_factory=list)
    passed: bool = False


class Scene:
    """A running system on the estate, its gateways' passwords, and the screens of its stations and of command."""

    def __init__(self, system: System, mqtt_port: int | None = None) -> None:
        self.system = system
        self.port = mqtt_port or system.mqtt_port
        self.passwords: dict[str, str] = {}
        self.watchers: list[Watcher] = []
        self.http: Http = system.http("command")
        self._trials = 0
        self._burnt: Counter[str] = Counter()

    def watch(self) -> None:
        """Every station's screen, with somebody behind it, and command's are on."""
        self.watchers = [Watcher(self.system, "station", code, answering=True) for code in estate.STATIONS]
        self.watchers.append(Watcher(self.system, "command", None))

    def close(self) -> None:
        """The screens are off."""
        for one in self.watchers:
            one.close()

    @property
    def stations(self) -> list[Watcher]:
        """The screens of stations."""
        return self.watchers[:-1]

    def next_base(self) -> int:
        """The first sequence number of a new trial."""
        self._trials += 1
        return self._trials * SPAN

    def detectors(self, gateway: str) -> Iterator[str]:
        """Detectors that have not burnt yet, each once."""
        for device in estate.fires(gateway)[self._burnt[gateway] :]:
            self._burnt[gateway] += 1
            yield device

    def peace(self, wanted: int) -> None:
        """At least `wanted` detectors may still burn; if fewer are left, incidents are closed and alarms reset."""
        if min(estate.FIRES_EACH - self._burnt[code] for code in estate.GATEWAYS) * len(estate.GATEWAYS) < wanted:
            self.system.settle()
            self._burnt.clear()


def said(system: System, words: str) -> list[str]:
    """Lines of `up`'s terminal that hold these words."""
    return [line.strip() for line in system.said().splitlines() if words in line]


def logged(system: System, role: str, event: str) -> list[dict[str, Any]]:
    """What the role's log says of this event."""
    found = []
    for line in (system.data / "logs" / f"{role}.log").read_text(errors="replace").splitlines():
        with suppress(ValueError):
            entry = json.loads(line)
            if isinstance(entry, dict) and entry.get("event") == event:
                found.append(entry)
    return found
