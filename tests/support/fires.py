"""Fires published one after another at a steady pace, each of a detector of its own, and when a screen showed each."""

import itertools
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from outside import Gateway, now_ms, seq, until
from watcher import Watcher


@dataclass(frozen=True, slots=True)
class Fire:
    """An event that was handed to the gateway's client at `at` (real monotonic seconds), as message `mid`."""

    device: str
    gateway: Gateway
    mid: int
    at: float
    item: dict[str, object]


class Fires:
    """Every `every_s` real seconds the next of `detectors` (gateway, device) says fire. Use it in `with`."""

    def __init__(self, detectors: Iterable[tuple[Gateway, str]], every_s: float) -> None:
        self.published: list[Fire] = []
        self.failure: BaseException | None = None
        self._detectors = iter(detectors)
        self._every_s = every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(30)

    def _run(self) -> None:
        began = time.monotonic()
        try:
            for number, (gateway, device) in enumerate(self._detectors, 1):
                self.one(gateway, device)
                if self._over.wait(max(0.0, began + number * self._every_s - time.monotonic())):
                    return
        except BaseException as error:  # noqa: BLE001 - the thread's end; `finish` raises it
            self.failure = error

    def one(self, gateway: Gateway, device: str, **more: object) -> None:
        """This detector says fire now."""
        item: dict[str, object] = {"device": device, "event": "fire", "ts": now_ms(), "seq": seq(), **more}
        at = time.monotonic()
        self.published.append(Fire(device, gateway, gateway.send("event", item), at, item))

    def finish(self, within_s: float = 60) -> None:
        """No more fires; the broker has acknowledged each."""
        self._over.set()
        self._thread.join(30)
        assert self.failure is None, f"the fires failed: {self.failure!r}"
        until(lambda: not self.unacknowledged(), lambda: f"the broker took {self.unacknowledged()}", within_s)

    def unacknowledged(self) -> list[str]:
        """Devices whose event the broker has not acknowledged."""
        return [one.device for one in self.published if one.mid not in one.gateway.accepted]

    def acknowledged(self) -> int:
        """How many the broker has acknowledged."""
        return len(self.published) - len(self.unacknowledged())

    def latencies_s(self, watchers: Sequence[Watcher]) -> dict[str, float]:
        """Device -> seconds until the first of the screens showed it; those not shown are absent."""
        found = {}
        for one in self.published:
            shown = [at for watcher in watchers for at in watcher.alarmed.get(one.device, []) if at >= one.at]
            if shown:
                found[one.device] = min(shown) - one.at
        return found


def in_turn(gateways: dict[str, Gateway], devices: dict[str, Sequence[str]]) -> Iterable[tuple[Gateway, str]]:
    """The first device of each gateway, then the second of each, and so on."""
    for row in itertools.zip_longest(*devices.values()):
        for code, device in zip(devices, row, strict=True):
            if device is not None:
                yield gateways[code], device
