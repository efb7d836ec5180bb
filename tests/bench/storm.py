"""A thousand fires at a thousand places within a second, twenty thousand fault signals among them."""

import asyncio
import json
import random
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import usage
from alarms import gateway
from crowd import Crowd, Screen, registered
from figure import Figure, at_least, at_most, percentile
from system import PREFIX, BenchTrouble, System

from devices.model import Device, DutyKind, Kind
from devices.registry import Registry
from simulators.load import packets

SOCKETS = 4
SECONDS = 1.0
"""Within which all is published."""
WITHIN_S = 5.0
"""In which each order is to be on its screen (DESIGN section 4)."""
PATIENCE_S = 300.0
QUIET_S = 3.0
COMMAND_SCREENS = 2


@dataclass(slots=True)
class Storm:
    """What is published: fires by place and faults, in the order of `events`."""

    fires: list[Device]
    faults: list[Device]
    events: list[tuple[Device, str]]


@dataclass(slots=True)
class Seen:
    """What the screens saw. `sent`: place -> when its fire was published; `orders`: order -> seconds after that.

    `tiers`: order -> the policy's tier that wanted it, or what its recipient is to do.
    """

    sent: dict[str, float] = field(default_factory=dict)
    orders: dict[str, float] = field(default_factory=dict)
    drafted: dict[str, tuple[str, str]] = field(default_factory=dict)
    tiers: dict[str, str] = field(default_factory=dict)
    command: list[tuple[float, str, str]] = field(default_factory=list)

    def first(self) -> dict[str, list[float]]:
        """Tier -> seconds of the orders that were drafted when their incident was opened; others come when due."""
        opened: dict[str, str] = {}
        for incident, at in self.drafted.values():
            opened[incident] = min(at, opened.get(incident, at))
        found: dict[str, list[float]] = {}
        for id, wait in self.orders.items():
            if self.drafted[id][1] == opened[self.drafted[id][0]]:
                found.setdefault(self.tiers[id], []).append(wait)
        return found

    async def quiet(self) -> None:
        """For some seconds no order has come that was not heard of before."""
        before = -1
        while len(self.orders) > before:
            before = len(self.orders)
            await asyncio.sleep(QUIET_S)

    def hear(self, screen: Screen, frame: dict[str, Any], at: float) -> None:
        match frame["type"]:
            case "order":
                order = frame["order"]
                if order["id"] not in self.orders:
                    self.orders[order["id"]] = at - self.sent[order["place"]["code"]]
                    self.drafted[order["id"]] = order["incident"], order["drafted_at"]
                    self.tiers[order["id"]] = order.get("tier") or order["kind"]
            case "incident":
                self.command.append((at, frame["incident"]["id"], screen.recipient))
            case _:
                pass


def draw(registry: Registry, fires: int, faults: int, seed: int) -> Storm:
    """Detectors to burn, each at a place of its own, and others to fail, shuffled."""
    dice = random.Random(seed)
    smoke = [one for one in registry.devices.values() if registry.profiles[one.profile].kind is Kind.SMOKE]
    dice.shuffle(smoke)
    burning = list({one.place: one for one in smoke}.values())[:fires]
    if len(burning) < fires:
        raise BenchTrouble(f"{fires} fires need as many places with a detector; there are {len(burning)}")
    taken = {one.code for one in burning}
    failing = [one for one in registry.devices.values() if one.code not in taken]
    dice.shuffle(failing)
    failing = failing[:faults]
    if len(failing) < faults:
        raise BenchTrouble(f"{faults} faults need as many devices; there are {len(failing)}")
    events = [(one, "fire") for one in burning] + [(one, "fault") for one in failing]
    dice.shuffle(events)
    return Storm(burning, failing, events)


def publish(sockets: Sequence[socket.socket], storm: Storm, sent: dict[str, float]) -> tuple[float, float]:
    """All events have been published and acknowledged by the broker; seconds until each of both.

    An event's socket is its gateway's: what one gateway says stays in order.
    """
    made = [_packet(device, event, number) for number, (device, event) in enumerate(storm.events)]
    began, most = time.perf_counter(), 1000
    flying = dict.fromkeys(sockets, 0)
    unread = dict.fromkeys(sockets, b"")
    with selectors.DefaultSelector() as selector:
        for one in sockets:
            one.settimeout(0)
            selector.register(one, selectors.EVENT_READ)

        def hear(within_s: float) -> None:
            for key, _ in selector.select(within_s):
                opened = key.fileobj
                assert isinstance(opened, socket.socket)
                data = unread[opened] + opened.recv(1 << 16)
                taken, refused, used = packets.acknowledged(data)
                if len(refused):
                    raise BenchTrouble("the broker refused an event")
                unread[opened] = data[used:]
                flying[opened] -= len(taken)

        for number, (device, event) in enumerate(storm.events):
            due = began + SECONDS * number / len(storm.events)
            opened = sockets[hash(device.gateway) % len(sockets)]
            hear(max(0.0, due - time.perf_counter()))
            while flying[opened] >= most:
                hear(1.0)
            if event == "fire":
                sent[device.place] = time.perf_counter()
            flying[opened] += 1
            _whole(opened, made[number])
        published = time.perf_counter() - began
        while any(flying.values()):
            hear(1.0)
            if time.perf_counter() - began > PATIENCE_S:
                raise BenchTrouble("the broker does not acknowledge the events")
    return published, time.perf_counter() - began


def _whole(opened: socket.socket, packet: bytes) -> None:
    opened.settimeout(10)
    opened.sendall(packet)
    opened.settimeout(0)


def _packet(device: Device, event: str, number: int) -> bytes:
    payload = json.dumps({"device": device.code, "event": event, "ts": time.time_ns() // 1_000_000, "seq": number})
    made = packets.publish(f"{PREFIX}/{device.gateway}/event", payload.encode(), 5)
    packet = bytearray(made.packet)
    packet[made.id_at : made.id_at + 2] = (number % 65_000 + 1).to_bytes(2, "big")
    return bytes(packet)


def recipients(registry: Registry) -> list[str]:
    """Everybody a fire's orders go to, and command."""
    duties = {DutyKind.LEADER, DutyKind.DEPUTY}
    people = {one.person for one in registry.duties if one.duty in duties}
    return [
        *(f"station:{code}" for code in registry.stations),
        *(f"person:{code}" for code in sorted(people)),
        *["command:main"] * COMMAND_SCREENS,
    ]


async def measured(
    system: System, fires: int, faults: int, step: Callable[[str], AbstractContextManager[None]], seed: int = 1
) -> list[Figure]:
    """The figures of one storm on a running system."""
    registry = await asyncio.to_thread(registered, system)
    storm, seen = draw(registry, fires, faults, seed), Seen()
    [control] = [role for role in system.roles if role.name == "control"]
    before, spent = usage.memory_mb(control.pid), usage.cpu_s(control.pid)
    async with Crowd(system, recipients(registry), seen.hear) as crowd:
        sockets = [gateway(system.broker.url(), f"storm-{number}") for number in range(SOCKETS)]
        with step(f"{fires:,} fires and {faults:,} faults published"):
            published, acknowledged = await asyncio.to_thread(publish, sockets, storm, seen.sent)
        began = min(seen.sent.values())
        with step("all decided"):
            wanted = fires + faults
            while (decided := await asyncio.to_thread(_alarms, system)) < wanted:
                await asyncio.sleep(0.25)
                if time.perf_counter() - began > PATIENCE_S:
                    raise BenchTrouble(f"{decided:,} of {wanted:,} alarms after {PATIENCE_S:.0f} s")
        settled = time.perf_counter() - began
        spent = usage.cpu_s(control.pid) - spent
        await seen.quiet()
        for one in sockets:
            one.close()
        crowd.require_whole()
        await asyncio.to_thread(_require_orders, system, seen, crowd.recipients)
        after = usage.memory_mb(control.pid)
        return _figures(seen, crowd, began, settled, (published, acknowledged), spent, (before, after))


def _alarms(system: System) -> int:
    return int(system.query("SELECT count(*) FROM alarms"))


def _require_orders(system: System, seen: Seen, connected: list[str]) -> None:
    """Raises BenchTrouble when an order of the database, to somebody connected, was on no screen."""
    known = system.query("SELECT array_agg(id) FROM orders WHERE recipient = ANY(%s)", connected) or []
    if missing := set(known) - set(seen.orders):
        raise BenchTrouble(f"{len(missing)} of {len(known)} orders were on no screen, such as {min(missing)}")


def _figures(
    seen: Seen,
    crowd: Crowd,
    began: float,
    settled: float,
    published: tuple[float, float],
    spent: float,
    memory: tuple[dict[str, float], dict[str, float]],
) -> list[Figure]:
    before, after = memory
    tiers = seen.first()
    waits = [one for some in tiers.values() for one in some]
    fires = len(seen.sent)
    command = next(one for one in crowd.screens if one.recipient == "command:main")
    timely = 100 * sum(one <= WITHIN_S for one in waits) / len(waits)
    told = [at for at, _, _ in seen.command]
    spread = f"{len(waits):,} orders, published within {published[0]:.1f} s, acknowledged within {published[1]:.1f} s"
    return [
        Figure(f"{fires:,} fires: orders within {WITHIN_S:.0f} s of their fire",
               [timely], "%", 1, at_least(100, "100 %"), remark=spread),
        *(Figure(f"fire to its order on its screen, {name}", [percentile(waits, share)], "s", 2,
                 at_most(WITHIN_S, f"≤ {WITHIN_S:.0f} s"))
          for name, share in (("p50", 0.5), ("p99", 0.99), ("at most", 1.0))),
        *(Figure(f"{len(some):,} orders of tier {name}, p99", [percentile(some, 0.99)], "s", 2,
                 at_most(WITHIN_S, f"≤ {WITHIN_S:.0f} s"), remark=f"p50 {percentile(some, 0.5):.2f} s")
          for name, some in sorted(tiers.items())),
        Figure("first fire to the last alarm in the database", [settled], "s", 1,
               remark=f"{spent:.1f} s of processor of control"),
        Figure("incident frames to a command screen", [command.counts["incident"]],
               remark=f"{command.octets / 1e6:.1f} MB, until {max(told, default=began) - began:.0f} s; "
               f"{command.counts['flood']} flood frames"),
        Figure("memory of control after it", [after["rss"]], "MB", remark=f"before {before['rss']:.0f} MB, "
               f"at most {after['peak']:.0f} MB"),
    ]  # fmt: skip
