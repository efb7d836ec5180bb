"""The leading control killed with -9 again and again in a stream of fires, another standing by."""

import asyncio
import random
import socket
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from alarms import fire, gateway
from crowd import issuer, registered
from figure import Figure, at_most, percentile
from returning import Returning
from storm import recipients
from system import BenchTrouble, Process, System, until

from api.identity import Role
from devices.model import Device, Kind
from devices.registry import Registry

FIRE_EVERY_S = 0.25
CALM_S = (1.0, 2.0)
"""From when another stands by until the next kill, by chance: it meets the leader at whatever it is doing."""
BACK_S = 5.0
"""In which a killed process is back (DESIGN section 4)."""
PATIENCE_S = 60.0


@dataclass(slots=True)
class Seen:
    """What the screens saw. `fires`: place -> when its fire was published; `shown`: place -> when an order named it;
    `drafted`: order -> how often a screen was told of it as new; `orders`: when each was drafted and first on a screen;
    `incidents`: place -> those that began there.
    """

    fires: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)
    drafted: Counter[str] = field(default_factory=Counter)
    orders: dict[str, tuple[datetime, float]] = field(default_factory=dict)
    incidents: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def hear(self, _screen: Returning, frame: dict[str, Any]) -> None:
        if frame["type"] != "order":
            return
        now, order = time.monotonic(), frame["order"]
        for involved in order["places"]:
            self.shown.setdefault(involved["code"], now)
        if order["state"] == "drafted":
            self.drafted[order["id"]] += 1
        if order["id"] not in self.orders:
            self.orders[order["id"]] = datetime.fromisoformat(order["drafted_at"]), now
            self.incidents[order["place"]["code"]].add(order["incident"])

    def after(self, killed_at: datetime) -> float | None:
        """When the first order that was drafted after that moment was on a screen."""
        return min((at for drafted, at in self.orders.values() if drafted > killed_at), default=None)


class Pair:
    """Two controls: who leads, and who stands by."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.number = 0
        self.leader = system.control()
        self.waiting = self._another()

    def _another(self) -> Process:
        self.number += 1
        log = self.system.folder / f"control-{self.number}.log"
        made = Process(f"control-{self.number}", ["control"], log, self.system.environment())
        self.system.roles.append(made)
        until(lambda: made.says("standing_by"), "another control stands by", PATIENCE_S)
        return made

    def kill(self) -> float:
        """The leader is dead, by SIGKILL; when (monotonic)."""
        dead, self.leader = self.leader, self.waiting
        killed = time.monotonic()
        dead.child.kill()
        dead.child.wait()
        self.system.roles.remove(dead)
        return killed

    def replace(self) -> None:
        """Another stands by again."""
        self.waiting = self._another()

    def ready(self) -> float:
        """When the port first answered that a desk leads (monotonic)."""
        until(self._leads, "another leads", PATIENCE_S, every_s=0.005)
        return time.monotonic()

    def _leads(self) -> bool:
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", self.system.http_port), timeout=PATIENCE_S) as opened,
        ):
            opened.sendall(b"GET /api/ready HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
            return opened.recv(64).startswith(b"HTTP/1.1 200 ")
        return False


def measured(system: System, kills: int, say: Callable[[str], None], seed: int = 1) -> list[Figure]:
    """The figures, on a running system with a worker and no control yet.

    Raises BenchTrouble when a fire was on no screen, an order was drafted or told twice, or a frame number is missing.
    """
    pair = Pair(system)
    return asyncio.run(_measured(system, pair, kills, say, random.Random(seed)))


async def _measured(
    system: System, pair: Pair, kills: int, say: Callable[[str], None], dice: random.Random
) -> list[Figure]:
    registry, seen = await asyncio.to_thread(registered, system), Seen()
    tokens, end = issuer(system), datetime.now(UTC) + timedelta(days=1)
    address = f"ws://127.0.0.1:{system.http_port}/ws"
    screens = []
    for one in recipients(registry):
        noun, _, code = one.partition(":")
        token = tokens.issue(Role(noun), None if noun == "command" else code, end)
        screens.append(Returning(address, one, token, seen.hear))
    tasks = [asyncio.create_task(one.run()) for one in screens]
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(one.connected.wait() for one in screens))
    say(f"{len(screens):,} screens connected")
    stream = asyncio.create_task(_burn(system, _detectors(registry, dice), seen))
    ready: list[float] = []
    ordered: list[float] = []
    try:
        for _ in range(kills):
            await asyncio.sleep(dice.uniform(*CALM_S))
            _require_going(stream)
            killed_at = datetime.now(UTC)
            killed = pair.kill()
            ready.append(await asyncio.to_thread(pair.ready) - killed)
            ordered.append(await _next_order(seen, killed_at) - killed)
            say(f"ready after {ready[-1]:.2f} s, the next order on a screen after {ordered[-1]:.2f} s")
            await asyncio.to_thread(pair.replace)
        await asyncio.sleep(dice.uniform(*CALM_S))
        _require_going(stream)
        stream.cancel()
        await _quiet(seen, screens)
    finally:
        for task in (*tasks, stream):
            task.cancel()
        await asyncio.gather(*tasks, stream, return_exceptions=True)
    wrong = [*_wrong(seen, screens), *await asyncio.to_thread(_unseen, system, seen, screens)]
    if wrong:
        raise BenchTrouble(f"{len(wrong)} things are wrong: {'; '.join(wrong[:12])}")
    verified = (await asyncio.to_thread(system.command, "ledger", "verify")).splitlines()[-1].partition(";")[0]
    return _figures(seen, screens, (ready, ordered), verified)


def _detectors(registry: Registry, dice: random.Random) -> list[Device]:
    """One smoke detector of each place, shuffled."""
    smoke = [one for one in registry.devices.values() if registry.profiles[one.profile].kind is Kind.SMOKE]
    dice.shuffle(smoke)
    return list({one.place: one for one in smoke}.values())


async def _burn(system: System, devices: list[Device], seen: Seen) -> None:
    """A fire at another place every so often."""
    loop, opened = asyncio.get_running_loop(), gateway(system.broker.url(), "failover")
    opened.setblocking(False)  # noqa: FBT003
    began = loop.time()
    try:
        for number, device in enumerate(devices):
            await asyncio.sleep(max(0.0, began + number * FIRE_EVERY_S - loop.time()))
            seen.fires[device.place] = time.monotonic()
            await _published(loop, opened, device)
    finally:
        opened.close()
    raise BenchTrouble(f"{len(devices)} places are too few for so many kills")


async def _published(loop: asyncio.AbstractEventLoop, opened: socket.socket, device: Device) -> None:
    await loop.sock_sendall(opened, fire(device.gateway, device.code))
    if not await loop.sock_recv(opened, 1 << 16):
        raise BenchTrouble("the broker closed the publisher's connection")


def _require_going(stream: "asyncio.Task[None]") -> None:
    if stream.done():
        stream.result()


async def _next_order(seen: Seen, killed_at: datetime) -> float:
    until_at = time.monotonic() + PATIENCE_S
    while (at := seen.after(killed_at)) is None:
        if time.monotonic() > until_at:
            raise BenchTrouble(f"no order within {PATIENCE_S:.0f} s")
        await asyncio.sleep(0.005)
    return at


async def _quiet(seen: Seen, screens: list[Returning]) -> None:
    """Every fire is on a screen and every press is answered, or a minute has passed."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE_S:
        if seen.fires.keys() <= seen.shown.keys() and not any(one.unanswered() for one in screens):
            break
        await asyncio.sleep(0.2)
    await asyncio.sleep(2.0)


def _wrong(seen: Seen, screens: list[Returning]) -> list[str]:
    wrong = [f"the fire at {place} is on no screen" for place in sorted(seen.fires.keys() - seen.shown.keys())]
    wrong += [f"{place} burns in {sorted(found)}" for place, found in seen.incidents.items() if len(found) > 1]
    wrong += [f"{id} was told {count} times as new" for id, count in seen.drafted.items() if count > 1]
    for one in screens:
        if one.gaps or one.repeats or one.anew or one.unanswered() or one.refused:
            wrong.append(
                f"{one.recipient}: {one.gaps} gaps, {one.repeats} repeats, {one.anew} times not resumed, "
                f"{one.unanswered()} presses unanswered, refused: {one.refused[:2]}"
            )
    return wrong


def _unseen(system: System, seen: Seen, screens: list[Returning]) -> list[str]:
    """What the database says otherwise than the screens."""
    connected = [one.recipient for one in screens]
    known = "SELECT count(*) FROM orders WHERE recipient = ANY(%s)"
    with suppress(BenchTrouble):
        until(lambda: system.query(known, connected) >= len(seen.orders), "the database has all orders", PATIENCE_S)
    there = set(system.query("SELECT array_agg(id) FROM orders WHERE recipient = ANY(%s)", connected) or [])
    wrong = [f"{id} was on no screen" for id in sorted(there - seen.orders.keys())]
    wrong += [f"{id} was on a screen and is not in the database" for id in sorted(seen.orders.keys() - there)]
    twice = system.query(
        "SELECT array_agg(incident || ' ' || recipient) FROM (SELECT incident, recipient FROM orders"
        " GROUP BY incident, recipient, kind HAVING count(*) > 1) AS twice"
    )
    return wrong + [f"ordered twice: {one}" for one in twice or []]


def _figures(
    seen: Seen, screens: list[Returning], found: tuple[list[float], list[float]], verified: str
) -> list[Figure]:
    waits = [seen.shown[place] - at for place, at in seen.fires.items()]
    ready, ordered = found
    limit = at_most(BACK_S, f"≤ {BACK_S:.0f} s")
    returns = sum(one.returns for one in screens)
    return [
        *(Figure(f"leader killed, {what}, {name}", [percentile(values, share)], "s", 2, limit,
                 remark=f"n = {len(values)}")
          for what, values in (("another leads", ready), ("the next fire's order on a screen", ordered))
          for name, share in (("p50", 0.5), ("at most", 1.0))),
        Figure("fires meanwhile, all on a screen", [len(seen.fires)],
               remark=f"{len(seen.orders):,} orders, none twice; {verified}"),
        Figure("fire to its first order on a screen, p99", [percentile(waits, 0.99)], "s", 2,
               remark=f"p50 {percentile(waits, 0.5):.2f} s, at most {max(waits):.2f} s"),
        Figure("frames missing or twice", [0], target=at_most(0, "0"),
               remark=f"{len(screens)} screens, which came back {returns:,} times"),
    ]  # fmt: skip
