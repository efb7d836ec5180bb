"""From an event on the publisher's socket to the frame that Node-RED's flow makes of it; nothing is stored before."""

import asyncio
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from alarms import PATIENCE_S, PAUSE_S, fire, gateway
from nodered import Flow, NodeRed
from system import BenchTrouble, Load
from throughput import numbers
from websockets.asyncio.client import connect

LIMIT_S = 60.0
"""No more is asked after so long: beside more readings than it keeps up with, each event may wait for seconds."""

GATEWAY = "GW-01"


@dataclass(frozen=True, slots=True)
class Beside:
    """Milliseconds from event to frame; messages a second published meanwhile, and how many were never stored."""

    found: list[float]
    held: float = 0.0
    lost: int = 0


class Screen:
    """One screen and a publisher of events; use it in `async with`."""

    def __init__(self, flow: Flow, node: NodeRed) -> None:
        self._flow = flow
        self._port = node.port

    async def __aenter__(self) -> Self:
        self._screen = await connect(f"ws://127.0.0.1:{self._port}/screens", max_size=None, proxy=None)
        self._publisher = gateway(self._flow.system.broker.url())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._publisher.close()
        await self._screen.close()

    async def sample(self, count: int) -> list[float]:
        """Milliseconds from event to frame, for `count` fires, or fewer when they take too long."""
        found: list[float] = []
        ending = time.monotonic() + LIMIT_S
        while len(found) < count and time.monotonic() < ending:
            device = f"FIRE-{random.getrandbits(40):010x}"
            packet = fire(GATEWAY, device)
            began = time.perf_counter()
            self._publisher.send(packet)
            found.append((await self._heard(device) - began) * 1000)
            self._publisher.recv(1 << 16)  # the PUBACK
            await asyncio.sleep(random.uniform(*PAUSE_S))
        return found

    async def _heard(self, device: str) -> float:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    text = await self._screen.recv()
                    heard = time.perf_counter()
                    if json.loads(text)["device"] == device:
                        return heard
        except TimeoutError:
            raise BenchTrouble(f"no frame from Node-RED within {PATIENCE_S:.0f} s") from None


async def idle(flow: Flow, count: int) -> Beside:
    """Nothing else happens."""
    with flow.running() as node:
        async with Screen(flow, node) as screen:
            await screen.sample(10)
            return Beside(await screen.sample(count))


async def beside(flow: Flow, pack: Path, rate: float, count: int) -> Beside:
    """The same Node-RED stores so many messages a second meanwhile, if it can."""
    with flow.running() as node:
        flow.warm(node, pack, {})
        seq = next(numbers)
        load = await asyncio.to_thread(Load, flow.system.broker.url(), pack, rate=rate, first_seq=seq)
        before = node.told()["stored"]
        async with Screen(flow, node) as screen:
            load.go()
            await screen.sample(10)
            found = await screen.sample(count)
        told = await asyncio.to_thread(load.stop)
        await asyncio.to_thread(flow.followed, node, before + told["readings"])
        lost = int(told["readings"]) - flow.system.rows(seq)
        return Beside(found, told["acknowledged"] / told["seconds"], lost)
