"""Ordinary life: every registered device measures and its gateway publishes, until told to stop."""

import asyncio
import ssl
import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from devices import instant
from devices.model import Device
from devices.registry import Registry
from simulators import dialect
from simulators.dice import Dice
from simulators.gateway import Gateway
from simulators.population import Indexes, Population

TICK_S: Final = 0.25
PER_MESSAGE: Final = 50
"""Readings in one message at most: about 15 KB, far below the contract's 256 KiB."""
PROGRESS_S: Final = 5.0
GOODBYE_S: Final = 4.0
SHORTEST_INTERVAL_S: Final = 1.0
COMMANDS: Final = frozenset({"silence", "self_test", "interval"})


@dataclass(frozen=True, slots=True)
class Tally:
    """What was done: readings measured, messages the broker took, readings not measured because an outbox was full."""

    readings: int
    messages: int
    held_back: int
    connected: int
    gateways: int


class Life:
    """The devices of `registry` whose gateways have a password, each with its next turn.

    `rate`: readings a second in total; None: each device once in its profile's interval. `devices`: how many at most.
    """

    def __init__(
        self,
        registry: Registry,
        passwords: Mapping[str, str],
        seed: int,
        zone: ZoneInfo,
        rate: float | None = None,
        devices: int | None = None,
    ) -> None:
        mine = [device for device in registry.devices.values() if device.gateway in passwords]
        self.devices = _spread(mine, devices)
        self._population = Population(self.devices, registry.places, registry.profiles, seed, zone)
        self._dialects = [
            dialect.of(registry.profiles[device.profile], three_phase=number % 2 == 0)
            for number, device in enumerate(self.devices)
        ]
        self._numbers = {device.code: number for number, device in enumerate(self.devices)}
        intervals = np.array([registry.profiles[device.profile].interval_s for device in self.devices], np.float64)
        if rate is not None and len(intervals):
            intervals *= float(np.sum(1.0 / intervals)) / rate
        self._interval_s = intervals
        self._phase = np.random.default_rng([seed, 7]).random(len(intervals))
        self._due_s: np.ndarray[tuple[int], np.dtype[np.float64]] | None = None
        self._seq = np.zeros(len(intervals), np.int64)

    def due(self, now: datetime) -> Indexes:
        """Whose turn it is at `now`; they are next due an interval later."""
        at = now.timestamp()
        if self._due_s is None:
            self._due_s = at + self._phase * self._interval_s
        who: Indexes = np.nonzero(self._due_s <= at)[0]
        late = self._due_s[who] + self._interval_s[who]
        self._due_s[who] = np.where(late <= at, at + self._interval_s[who], late)
        return who

    def readings(self, who: Indexes, now: datetime) -> dict[str, list[dict[str, object]]]:
        """The readings of the devices `who` at `now`, by gateway."""
        values = self._population.at(who, now)
        ts = round(now.timestamp() * 1000)
        found: dict[str, list[dict[str, object]]] = {}
        for row, number in enumerate(who.tolist()):
            device = self.devices[number]
            said = self._dialects[number].speak({column: float(array[row]) for column, array in values.items()})
            self._seq[number] += 1
            reading = {"device": device.code, "ts": ts, "seq": int(self._seq[number]), **said}
            found.setdefault(device.gateway, []).append(reading)
        return found

    def obey(self, command: Mapping[str, Any]) -> bool:
        """True when the command is one that a device knows and names one of these devices; then it is carried out."""
        number = self._numbers.get(str(command.get("device")))
        if number is None or command.get("command") not in COMMANDS:
            return False
        if command["command"] == "interval":
            value = command.get("value")
            if isinstance(value, bool) or not isinstance(value, int | float) or value < SHORTEST_INTERVAL_S:
                return False
            self._interval_s[number] = float(value)
        return True


def _spread(devices: list[Device], most: int | None) -> tuple[Device, ...]:
    """At most `most` of the devices, evenly from all of them."""
    if most is None or most >= len(devices):
        return tuple(devices)
    picks = np.linspace(0, len(devices) - 1, max(most, 0)).round().astype(int)
    return tuple(devices[pick] for pick in picks)


async def run(
    *,
    host: str,
    port: int,
    prefix: str,
    registry: Registry,
    passwords: Mapping[str, str],
    rate: float | None,
    seed: int,
    clock: Callable[[], datetime],
    stop: asyncio.Event,
    devices: int | None = None,
    tls: ssl.SSLContext | None = None,
    zone: str = "Asia/Shanghai",
    say: Callable[[str], None] | None = None,
) -> Tally:
    """Ordinary life was played until `stop` was set: every device published, every gateway said it is online and at the
    end offline. `say` is given a line of progress every few seconds (default: the terminal, when there is one).

    A gateway whose password no longer holds is logged once and tried again seldom; the others go on. `passwords` is
    looked up at each connection, so a new password is used when it is put there.
    """
    life = Life(registry, passwords, seed, ZoneInfo(zone), rate, devices)
    dice = Dice(seed, "connect")
    gateways = {
        code: Gateway(code, host, port, prefix, _lookup(passwords, code), clock, life.obey, tls=tls)
        for code in sorted({device.gateway for device in life.devices})
    }
    show = say or _terminal()
    sessions = [asyncio.create_task(_session(gateway, dice.between(0.0, 1.5))) for gateway in gateways.values()]
    try:
        return await _measure(life, gateways, clock, stop, show)
    finally:
        await _end(sessions)
        if show is not None:
            show("")


def _lookup(passwords: Mapping[str, str], code: str) -> Callable[[], str | None]:
    return lambda: passwords.get(code)


async def _end(sessions: Collection[asyncio.Task[None]]) -> None:
    """All of `sessions` have ended. Cancelled again where it got lost (see `gateway`)."""
    waiting = set(sessions)
    while waiting:
        for session in waiting:
            session.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=GOODBYE_S)


async def _session(gateway: Gateway, delay_s: float) -> None:
    await asyncio.sleep(delay_s)
    await gateway.run()


async def _measure(
    life: Life,
    gateways: Mapping[str, Gateway],
    clock: Callable[[], datetime],
    stop: asyncio.Event,
    show: Callable[[str], None] | None,
) -> Tally:
    """Turns are given out until `stop`; the tally of it all."""
    encode = msgspec.json.Encoder().encode
    readings = held_back = 0
    shown = time.monotonic()
    began = shown
    while not stop.is_set():
        now = clock()
        for code, items in life.readings(life.due(now), now).items():
            for start in range(0, len(items), PER_MESSAGE):
                part = items[start : start + PER_MESSAGE]
                if gateways[code].outbox.full():
                    held_back += len(part)
                    continue
                gateways[code].outbox.put_nowait(encode(part[0] if len(part) == 1 else {"readings": part}))
                readings += len(part)
        if show is not None and time.monotonic() - shown >= PROGRESS_S:
            shown = time.monotonic()
            show(_line(_tally(gateways, readings, held_back), readings / (shown - began), now))
        await _pause(stop)
    return _tally(gateways, readings, held_back)


async def _pause(stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(TICK_S):
            await stop.wait()
    except TimeoutError:
        return


def _tally(gateways: Mapping[str, Gateway], readings: int, held_back: int) -> Tally:
    messages = sum(gateway.acknowledged for gateway in gateways.values())
    connected = sum(gateway.connected for gateway in gateways.values())
    return Tally(readings, messages, held_back, connected, len(gateways))


def _line(tally: Tally, per_second: float, now: datetime) -> str:
    held = f", {tally.held_back} held back" if tally.held_back else ""
    return (
        f"{instant.text(now)[11:19]}Z  ordinary life: {tally.connected}/{tally.gateways} gateways online, "
        f"{tally.readings} readings ({per_second:.0f}/s), {tally.messages} messages taken{held}"
    )


def _terminal() -> Callable[[str], None] | None:
    """Writes one line over and over, or None where nobody watches."""
    if not sys.stderr.isatty():
        return None

    def write(line: str) -> None:
        sys.stderr.write(f"\r\x1b[2K{line}" if line else "\n")
        sys.stderr.flush()

    return write
