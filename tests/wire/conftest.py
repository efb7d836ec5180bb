"""A control role without MQTT: the real desk, the real HTTP server, a real database, on a district of two streets."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
from websockets.asyncio.client import ClientConnection, connect

from api import app, key
from api.database import Database
from api.identity import Role
from api.token import Tokens
from devices import catalogue, pack, pack_store, store
from devices.pack import Pack
from devices.registry import Registry
from devices.signal import Signal
from dispatch.cover.coverage import Coverage
from dispatch.cover.uncovered import Uncovered
from dispatch.desk import Desk
from dispatch.ledger.journal import Journal
from dispatch.policy.policy_file import shipped
from dispatch.world import World
from runtime.survey import Survey

PACK = {
    "grids.geojson": """{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"code":"G1","name":"大","level":1},"geometry":{"type":"Polygon","coordinates":
  [[[121.4,31.1],[121.6,31.1],[121.6,31.3],[121.4,31.3],[121.4,31.1]]]}},
{"type":"Feature","properties":{"code":"G2","name":"中","level":2,"parent":"G1"},"geometry":{"type":"Polygon",
  "coordinates":[[[121.4,31.1],[121.6,31.1],[121.6,31.3],[121.4,31.3],[121.4,31.1]]]}},
{"type":"Feature","properties":{"code":"G3-A","name":"小甲","level":3,"parent":"G2"},"geometry":{"type":"Polygon",
  "coordinates":[[[121.4,31.1],[121.5,31.1],[121.5,31.3],[121.4,31.3],[121.4,31.1]]]}},
{"type":"Feature","properties":{"code":"G3-B","name":"小乙","level":3,"parent":"G2"},"geometry":{"type":"Polygon",
  "coordinates":[[[121.5,31.1],[121.6,31.1],[121.6,31.3],[121.5,31.3],[121.5,31.1]]]}}]}""",
    "places.csv": """code,name,category,address,lon,lat,floors,grid,station,risk,hazards,vulnerable,keyholder
P-A,梧桐里,住宅,梧桐路 1 号,121.45,31.2,6,,,高,充电,独居老人,L-A
P-B,药房,九小场所,梧桐路 2 号,121.55,31.2,2,,,,,,
""",
    "stations.csv": """code,name,kind,lon,lat,grid,phone,crew_min,muster_s,mode,capacity
ST-A,一站,community,121.4501,31.2,G3-A,000-1,3,30,ebike,2
ST-B,二站,community,121.4601,31.2,G3-A,000-2,3,30,ebike,2
""",
    "people.csv": """code,name,phone,station
L-A,甲,000-3,
L-B,乙,000-4,
L-1,丙,000-5,
M-A,丁,000-6,
C-1,戊,000-7,ST-A
""",
    "duties.csv": """person,duty,scope
L-A,leader,G3-A
L-B,leader,G3-B
L-1,leader,G1
M-A,manager,P-A
C-1,crew,ST-A
""",
    "gateways.csv": "code,name,place\nGW-1,网关,P-A\n",
    "devices.csv": """code,profile,gateway,place,floor,room,lon,lat,installed_on
SMK-1,smoke-photo,GW-1,P-A,3,301,,,2026-01-31
SMK-2,smoke-photo,GW-1,P-B,1,,,,
ELE-1,electric-3p,GW-1,P-A,,,,,
""",
    "water.csv": "code,kind,lon,lat,state\nW-1,消火栓,121.46,31.2,ok\n",
    "roads.osm": """<osm version="0.6"><node id="1" lat="31.2" lon="121.45"/><node id="2" lat="31.2" lon="121.46"/>
<way id="7"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="name" v="梧桐路"/></way></osm>""",
}


@dataclass
class Screen:
    """A bare websocket client."""

    socket: ClientConnection
    welcome: dict[str, Any]
    put_by: list[dict[str, Any]] = field(default_factory=list)

    async def say(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def hear(self, kind: str | None = None, within_s: float = 10) -> dict[str, Any]:
        """The next frame of this kind not heard yet, or of any kind but beats; others are put by for later."""
        for at, frame in enumerate(self.put_by):
            if kind in (None, frame["type"]):
                return self.put_by.pop(at)
        async with asyncio.timeout(within_s):
            while True:
                frame = json.loads(await self.socket.recv())
                if frame["type"] == kind or (kind is None and frame["type"] != "beat"):
                    return frame
                if frame["type"] != "beat":
                    self.put_by.append(frame)

    async def press(self, order: str, action: str, ref: str, **more: Any) -> dict[str, Any]:
        await self.say(type="act", ref=ref, order=order, action=action, **more)
        result = await self.hear("result")
        assert result["ref"] == ref
        return result


@dataclass
class Room:
    """The running parts, and clients of them."""

    url: str
    database_url: str
    data: Path
    desk: Desk
    tokens: Tokens
    registry: Registry
    http: httpx.AsyncClient
    sockets: list[ClientConnection] = field(default_factory=list)

    def token(self, role: str, scope: str | None = None, days: float = 1) -> str:
        return self.tokens.issue(Role(role), scope, datetime.now(UTC) + timedelta(days=days))

    async def get(self, path: str, role: str = "command", scope: str | None = None, **query: Any) -> httpx.Response:
        return await self.http.get(path, params=query, headers=self.bearer(role, scope))

    async def post(self, path: str, body: Any, role: str = "command", scope: str | None = None) -> httpx.Response:
        return await self.http.post(path, json=body, headers=self.bearer(role, scope))

    def bearer(self, role: str, scope: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(role, scope)}"}

    async def open_socket(self) -> ClientConnection:
        opened = await connect(self.url.replace("http", "ws") + "/ws", max_size=None)
        self.sockets.append(opened)
        return opened

    async def screen(self, role: str, scope: str | None = None, **hello: Any) -> Screen:
        return await self.screen_by(self.token(role, scope), **hello)

    async def screen_by(self, token: str, **hello: Any) -> Screen:
        opened = await self.open_socket()
        await opened.send(json.dumps({"type": "hello", "token": token, **hello}))
        return Screen(opened, json.loads(await opened.recv()))

    async def fire(self, device: str = "SMK-1", event: str = "fire", seq: int = 1) -> None:
        """The desk has decided this event; the incident's orders are drafted."""
        now = datetime.now(UTC)
        place = self.registry.devices[device].place
        one = Signal(
            id=f"e:{device}:{event}:{seq}", gateway="GW-1", device=device, place=place, ts=now, received_at=now,
            event=event, seq=seq,
        )  # fmt: skip
        await self.desk.signal(one, "message")

    async def silence(self, gateway: str, event: str) -> None:
        """The desk has decided that the gateway is `offline`, or `online` again."""
        now = datetime.now(UTC)
        place = self.registry.gateways[gateway].place
        one = Signal(
            id=f"o:{gateway}:{event}", gateway=gateway, device=gateway, place=place, ts=now, received_at=now,
            event=event, flags=("gateway",),
        )  # fmt: skip
        await self.desk.signal(one, "message")


def _store(folder: Path, url: str) -> Registry:
    folder.mkdir()
    for name, text in PACK.items():
        (folder / name).write_text(text, encoding="utf-8")
    taken = pack.read(folder, "wgs84", catalogue.load())
    assert isinstance(taken, Pack), taken
    with psycopg.connect(url) as connection:
        pack_store.apply(connection, taken)
        return store.read(connection)


def _travel(place: tuple[float, float], stations: Any) -> list[tuple[float, str]]:
    return [(abs(one.lon - place[0]) * 10_000, "line") for one in stations]


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def room(database: str, tmp_path: Path) -> AsyncIterator[Room]:
    """A desk that leads and serves; its registry is the pack above."""
    async with _running(database, tmp_path, database) as one:
        yield one


@pytest.fixture
async def room_without_database(database: str, tmp_path: Path) -> AsyncIterator[Room]:
    """The same, but that the API's database refuses every connection."""
    async with _running(database, tmp_path, "postgresql://nobody@127.0.0.1:1/none") as one:
        yield one


@asynccontextmanager
async def _running(database: str, tmp_path: Path, asked: str) -> AsyncIterator[Room]:
    registry = _store(tmp_path / "pack", database)
    with psycopg.connect(database) as connection:
        tokens = Tokens(key.settle(tmp_path, connection))
    zone = ZoneInfo("Asia/Shanghai")
    screens = tmp_path / "static"
    shutil.copytree(_built(tmp_path), screens)
    survey = Survey(registry, None, shipped().travel_limit_s)

    def noon(at: datetime) -> datetime:
        """What waits for the day does not wait, whenever the test is run."""
        return at.astimezone(zone).replace(hour=12)

    with Journal(tmp_path / "desk") as journal:

        def world() -> World:
            return World(registry, shipped(), _travel, desk.screens, noon, lambda *_: "G3-A")

        desk = Desk(journal, database, world, _now)
        await desk.start()
        running = asyncio.create_task(desk.run())
        covering = Coverage(desk, lambda: survey, _now, Uncovered(_now()))
        looking = asyncio.create_task(covering.run())
        made = app.create(
            desk=desk,
            registry=lambda: registry,
            tokens=tokens,
            clock=_now,
            database=Database(asked),
            data=tmp_path,
            timezone="Asia/Shanghai",
            static=screens,
            coverage=lambda: covering.now,
        )
        server = app.server(made, "127.0.0.1", 0)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            assert not serving.done(), serving
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        # without `verify` each client would first read all the certificates of the world
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=15, verify=False) as client:
            one = Room(str(client.base_url), database, tmp_path, desk, tokens, registry, client)
            yield one
            for opened in one.sockets:
                await opened.close()
        server.should_exit = True
        await serving
        for task in (looking, running):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _built(folder: Path) -> Path:
    """What a build of the front end leaves, in small."""
    built = folder / "built"
    (built / "assets").mkdir(parents=True)
    (built / "command.html").write_text("<!doctype html><title>command</title>", encoding="utf-8")
    (built / "assets" / "command-abc123.js").write_text("export {};", encoding="utf-8")
    return built
