"""A frame to a thousand screens, and what each of them costs in memory."""

import asyncio
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import sockets
import usage
from crowd import issuer, registered
from figure import Figure, at_most, percentile
from sockets import Wire
from system import BenchTrouble, System
from websockets.asyncio.server import Server, ServerConnection, broadcast, serve

from api.identity import Role
from runtime.servers import port

WITHIN_S = 30.0


def measured(system: System, screens: int, rounds: int, say: Callable[[str], None]) -> list[Figure]:
    """The figures: all screens are command's, and each round opens an incident by hand that all of them are told of."""
    [control] = [role for role in system.roles if role.name == "control"]
    before = usage.memory_mb(control.pid)["rss"]
    token = issuer(system).issue(Role.COMMAND, None, datetime.now(UTC) + timedelta(days=1))
    wires = _connected(system.http_port, screens, json.dumps({"type": "hello", "token": token}))
    memory = usage.memory_mb(control.pid)["rss"]
    say(f"{screens:,} screens connected")
    places = list(registered(system).places)
    waits: list[list[float]] = []
    length = 0
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{system.http_port}", headers=headers, trust_env=False) as http:
        for number in range(rounds):
            waits.append(_round(wires, http, places[number * 7 % len(places)]))
            length = max(len(text) for _, text in wires[0].texts)
            time.sleep(1.1)  # the changes that follow from it are told within a second (`frame_every`)
    _require_whole(wires)
    for one in wires:
        one.socket.close()
    bare = _bare(screens, rounds, length)
    return [
        *_figures(screens, waits, bare, length),
        Figure(f"memory of control for each of {screens:,} screens", [1000 * (memory - before) / screens], "kB", 0),
    ]


def _connected(number: int, count: int, hello: str) -> list[Wire]:
    wires = []
    for _ in range(count):
        wires.append(sockets.connect(number))
        wires[-1].say(hello)
        if len(wires) % 50 == 0:  # and pings are answered meanwhile
            sockets.heard(wires, 1, WITHIN_S)
    sockets.heard(wires, 1, WITHIN_S)
    return wires


def _round(wires: list[Wire], http: httpx.Client, place: str) -> list[float]:
    """Seconds from before the request to its incident's frame, of each screen."""
    marks = [len(one.texts) for one in wires]
    began = time.perf_counter()
    asking = threading.Thread(
        target=http.post, args=("/api/incidents",), kwargs={"json": {"place": place, "kind": "fire", "source": "phone"}}
    )
    asking.start()
    words = f'"place":{{"code":"{place}"'.encode()
    came = [_told(wires, one, mark, words) for one, mark in zip(wires, marks, strict=True)]
    asking.join()
    return [at - began for at in came]


def _told(wires: list[Wire], one: Wire, mark: int, words: bytes) -> float:
    """When this screen first had a frame with these words, once it has."""
    until = time.monotonic() + WITHIN_S
    while True:
        found = next((at for at, text in one.texts[mark:] if words in text), None)
        if found is not None:
            return found
        if time.monotonic() > until:
            raise BenchTrouble("a screen was not told of the incident")
        sockets.heard(wires, min(len(each.texts) for each in wires) + 1, WITHIN_S)


def _require_whole(wires: list[Wire]) -> None:
    """Raises BenchTrouble where a number is missing."""
    for one in wires:
        frames: list[dict[str, Any]] = [json.loads(text) for _, text in one.texts]
        seqs = [frame["seq"] for frame in frames if frame["type"] not in ("beat", "welcome", "result")]
        if seqs != list(range(seqs[0], seqs[0] + len(seqs))):
            raise BenchTrouble("a frame number is missing")


def _bare(screens: int, rounds: int, length: int) -> list[list[float]]:
    """The same without a desk: python-websockets' `broadcast` of as long a text."""
    number, text = port.free(), "x" * length
    loop = asyncio.new_event_loop()
    joined: set[ServerConnection] = set()

    async def keep(opened: ServerConnection) -> None:
        joined.add(opened)
        await opened.send("welcome")
        await opened.wait_closed()

    async def start() -> Server:
        return await serve(keep, "127.0.0.1", number, compression=None, ping_interval=None)

    async def stop(server: Server) -> None:
        server.close()
        await server.wait_closed()

    server = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    wires = _connected(number, screens, "hello")
    waits = []
    for _ in range(rounds):
        began = time.perf_counter()
        loop.call_soon_threadsafe(broadcast, joined, text)
        sockets.heard(wires, len(wires[0].texts) + 1, WITHIN_S)
        waits.append([one.texts[-1][0] - began for one in wires])
    for one in wires:
        one.socket.close()
    asyncio.run_coroutine_threadsafe(stop(server), loop).result(WITHIN_S)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    return waits


def _figures(screens: int, waits: list[list[float]], bare: list[list[float]], length: int) -> list[Figure]:
    def each(rounds: list[list[float]], share: float) -> list[float]:
        return [1000 * percentile(one, share) for one in rounds]

    return [
        Figure(f"an incident to {screens:,} command screens, {name}", each(waits, share), "ms", 1, target,
               [("websockets' broadcast, no desk", each(bare, share))], remark=f"{length:,} bytes")
        for name, share, target in (("p50", 0.5, None), ("p99", 0.99, at_most(150, "≤ 150 ms")))
    ]  # fmt: skip
