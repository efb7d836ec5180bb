"""A year of fire calls at speed: called by phone, worked off by crews who press in the system's time, counted twice."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import usage
from alarms import fire, gateway
from answers import Answers
from crews import SystemTime
from crowd import Crowd, Screen, issuer, registered
from figure import Figure, at_most, percentile
from judging import Judge
from script import Script
from system import System

from api.identity import Role
from devices.model import Device


class Year(Script):
    """So many days on a running system whose clock is `clock`."""

    def __init__(self, system: System, clock: SystemTime, days: float, say: Callable[[str], None], seed: int) -> None:
        self.system, self.answers = system, Answers()
        super().__init__(registered(system), clock, days, say, seed, self.answers.said)

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[Crowd]:
        end = self.clock.now() + timedelta(days=self.days + 30)
        token = issuer(self.system).issue(Role.COMMAND, None, end)
        base, said = f"http://127.0.0.1:{self.system.http_port}", {"Authorization": f"Bearer {token}"}
        async with (
            httpx.AsyncClient(base_url=base, headers=said, trust_env=False, timeout=60) as self.http,
            Crowd(self.system, self.recipients(), self._hear, end, self.answers.back) as crowd,
            _publisher(self.system) as self._gateway,
        ):
            self.say(f"{len(crowd.screens):,} screens connected")
            yield crowd

    def _hear(self, screen: Screen, frame: dict[str, Any], _at: float) -> None:
        if frame["type"] == "result":
            self.answers.hear(frame)
        else:
            self.crews.hear(screen, frame)

    async def signalled(self, device: Device, event: str) -> None:
        """The device's gateway has published it."""
        loop = asyncio.get_running_loop()
        packet = fire(device.gateway, device.code, event, int(self.clock.now().timestamp() * 1000))
        await loop.sock_sendall(self._gateway, packet)

    async def played(self) -> list[Figure]:
        """The figures, once all is over and counted.

        Raises BenchTrouble for whatever is not as it must be.
        """
        async with self._connected() as crowd:
            real = time.monotonic()
            await self.play()
            took = time.monotonic() - real
            crowd.require_whole()
            await self.read_verdicts()
            judge = Judge(self.system, self.registry, self.book, self.http, self.began, self.clock.now, self.say)
            return self._figures(crowd, took, judge, judge.figures(await judge.found()))

    def _figures(self, crowd: Crowd, took: float, judge: Judge, right: list[Figure]) -> list[Figure]:
        [control] = [role for role in self.system.roles if role.name == "control"]
        memory = usage.memory_mb(control.pid)
        late = [(one.at - one.asked_at).total_seconds() for one in self.book.presses]
        return [
            Figure(f"fire calls of {self.days:g} days at {self.clock.rate:g} times speed", [len(self.calls)],
                   remark=f"within {took:.0f} s, {len(crowd.screens):,} screens; 1-3-5: {judge.milestones()}"),
            *right,
            Figure("a press is decided after it was said, p99", [percentile(late, 0.99)], "s of the system's", 1,
                   remark=f"p50 {percentile(late, 0.5):.1f}, at most {max(late):.1f}"),
            Figure("frames missing or twice", [0], target=at_most(0, "0"),
                   remark=f"screens were cut off and came back {sum(one.returns for one in crowd.screens)} times"),
            Figure("duty checks answered", [len(self.crews.checks)]),
            Figure("memory of control after it", [memory["rss"]], "MB", remark=f"at most {memory['peak']:.0f} MB"),
        ]  # fmt: skip


@contextlib.asynccontextmanager
async def _publisher(system: System) -> AsyncIterator[socket.socket]:
    """Logged in at the broker for all gateways; what it answers is read and let go."""
    opened = gateway(system.broker.url(), "year")
    opened.setblocking(False)  # noqa: FBT003
    reading = asyncio.create_task(_let_go(opened))
    yield opened
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    opened.close()


async def _let_go(opened: socket.socket) -> None:
    while await asyncio.get_running_loop().sock_recv(opened, 1 << 16):
        pass


def measured(system: System, clock: SystemTime, days: float, say: Callable[[str], None], seed: int = 1) -> list[Figure]:
    """The figures of so many days on a running system whose clock is `clock`."""
    return asyncio.run(Year(system, clock, days, say, seed).played())
