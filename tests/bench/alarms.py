"""From an event on the publisher's socket to its order on a duty screen's socket."""

import asyncio
import itertools
import json
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import httpx
import psycopg
from system import PREFIX, BenchTrouble, System
from websockets.asyncio.client import ClientConnection, connect

from api import key
from api.identity import Role
from api.token import Tokens
from devices import store
from devices.model import Device, Kind
from simulators.load import packets

PATIENCE_S = 60.0
PAUSE_S = (0.01, 0.06)
"""Between one incident's end and the next event, by chance: samples fall anywhere in the system's periods."""

_numbers = itertools.count(1)


class Screens:
    """Every station's screen, command's HTTP, and a publisher of events; use it in `async with`."""

    def __init__(self, system: System, seed: int = 1) -> None:
        self.system = system
        self.seed = seed
        self._stack = AsyncExitStack()
        self._waiting: dict[str, asyncio.Future[tuple[float, str]]] = {}

    async def __aenter__(self) -> Self:
        with psycopg.connect(self.system.postgres.url()) as connection:
            registry = store.read(connection)
            tokens = Tokens(key.settle(self.system.data, connection))
        until = datetime.now(UTC) + timedelta(days=1)
        smoke = [one for one in registry.devices.values() if registry.profiles[one.profile].kind is Kind.SMOKE]
        self._turns = self._devices(smoke)
        self._http = await self._stack.enter_async_context(
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{self.system.http_port}",
                headers={"Authorization": f"Bearer {tokens.issue(Role.COMMAND, None, until)}"},
                trust_env=False,
                timeout=30,
            )
        )
        for code in registry.stations:
            opened = await connect(f"ws://127.0.0.1:{self.system.http_port}/ws", max_size=None, proxy=None)
            self._stack.push_async_callback(opened.close)
            await opened.send(json.dumps({"type": "hello", "token": tokens.issue(Role.STATION, code, until)}))
            if json.loads(await opened.recv())["type"] != "welcome":
                raise BenchTrouble(f"station {code} is not welcome")
            task = asyncio.create_task(self._watch(opened))
            self._stack.callback(task.cancel)
        self._socket = gateway(self.system.broker.url())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._socket.close()
        await self._stack.aclose()

    async def sample(self, count: int, go_on: Callable[[], bool] = lambda: True) -> list[float]:
        """Milliseconds from event to order, for `count` fires at different places, or until `go_on` says no."""
        found = []
        while len(found) < count and go_on():
            device = next(self._turns)
            found.append(await self._one(device))
            await asyncio.sleep(random.uniform(*PAUSE_S))
        return found

    async def _one(self, device: Device) -> float:
        self._waiting[device.place] = asyncio.get_running_loop().create_future()
        packet = fire(device.gateway, device.code)
        began = time.perf_counter()
        self._socket.send(packet)
        try:
            ended, incident = await asyncio.wait_for(self._waiting[device.place], PATIENCE_S)
        except TimeoutError:
            raise BenchTrouble(f"no order within {PATIENCE_S:.0f} s for {device.code}") from None
        del self._waiting[device.place]
        self._socket.recv(1 << 16)  # the PUBACK, and with it whatever came
        await self._settle(incident, device)
        return (ended - began) * 1000

    async def _watch(self, opened: ClientConnection) -> None:
        async for text in opened:
            heard = time.perf_counter()
            frame: dict[str, Any] = json.loads(text)
            if "seq" in frame and frame["type"] == "order":
                order = frame["order"]
                waiting = self._waiting.get(order["place"]["code"])
                if waiting is not None and not waiting.done() and order["kind"] == "respond":
                    waiting.set_result((heard, order["incident"]))
                await opened.send(json.dumps({"type": "received", "seq": frame["seq"]}))

    async def _settle(self, incident: str, device: Device) -> None:
        """The incident is closed and the alarm reset, so that station and device are free again."""
        await self._post(f"/api/incidents/{incident}/stand-down", {})
        await self._post(f"/api/incidents/{incident}/verdict", {"verdict": "test"})
        alarms = (await self._http.get("/api/alarms", params={"device": device.code, "state": "open"})).json()["items"]
        for alarm in alarms:
            await self._post(f"/api/alarms/{alarm['id']}/actions", {"action": "reset"})

    async def _post(self, path: str, body: object) -> None:
        answer = await self._http.post(path, json=body)
        if answer.status_code >= 400 and answer.status_code != 409:
            raise BenchTrouble(f"{path}: {answer.status_code} {answer.text[:200]}")

    def _devices(self, smoke: list[Device]) -> Iterator[Device]:
        """One device of each place, in an order by the seed, again and again."""
        by_place = list({one.place: one for one in smoke}.values())
        random.Random(self.seed).shuffle(by_place)
        return itertools.cycle(by_place)


def gateway(url: str, client: str = "bench-event") -> socket.socket:
    """Logged in at the broker as `client`, to publish events."""
    parts = urlsplit(url)
    opened = socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 1883), timeout=10)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    opened.sendall(packets.connect(client, user, password, 5))
    if packets.welcome((packets.first(opened.recv(4096)) or (0, b"\0\xff", 0))[1], 5).reason:
        raise BenchTrouble("the broker refused the event's publisher")
    return opened


def fire(code: str, device: str, event: str = "fire", ts_ms: int | None = None) -> bytearray:
    """PUBLISH of a fire (or another event) that this gateway's device has now, or at `ts_ms`."""
    at = ts_ms if ts_ms is not None else time.time_ns() // 1_000_000
    payload = json.dumps({"device": device, "event": event, "ts": at})
    made = packets.publish(f"{PREFIX}/{code}/event", payload.encode(), 5)
    packet = bytearray(made.packet)
    packet[made.id_at : made.id_at + 2] = (next(_numbers) % 65_535 + 1).to_bytes(2, "big")
    return packet
