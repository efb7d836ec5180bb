"""The HTTP application: what is answered where."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, WebSocket
from fastapi.security import HTTPBearer
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute

from api import docs, photo, problem, revocation, shapes
from api.context import Context
from api.database import Database
from api.desk import Desk
from api.duty.hub import Hub
from api.duty.socket import Door
from api.limits import BodyLimit, Surround
from api.patience import Patience
from api.routes import (
    alarms,
    blackouts,
    devices,
    drills,
    duty,
    edit,
    events,
    false_alarms,
    gateway_access,
    health,
    incidents,
    log,
    orders,
    packs,
    pages,
    parts,
    photos,
    policy,
    profiles,
    quarantine,
    records,
    registry,
    reports,
    risk,
    roster,
    sessions,
    statistics,
    users,
)
from api.routes import coverage as coverage_now
from api.routes import map as district_map
from api.tiles import Tiles
from api.token import Tokens
from devices.registry import Registry
from dispatch.cover.coverage import Now

STATIC = Path(__file__).parent / "static"
PACK_BYTES = 256 * 1024 * 1024
LONGEST_FRAME = 1024 * 1024
"""Bytes of a websocket message the server still reads: more than a session allows, so that the session says why."""

_ABOUT = (
    "Alarms, incidents, orders and the registry of a fire-safety district. Send `Authorization: Bearer TOKEN`. "
    "Times are UTC: epoch milliseconds or RFC 3339 in, RFC 3339 with Z and milliseconds out. Lists answer "
    '{"items", "next"}; give `next` back as `?cursor=`. Errors are RFC 9457 problem documents.'
)
_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": shapes.Problem, "description": description}
    for status, description in {
        401: "No valid token",
        403: "Not for this role or duty",
        404: "Nothing by that name that you may see",
        409: "The state does not allow it",
        422: "The request does not fit",
        503: "The database is away",
    }.items()
}
_bearer = HTTPBearer(auto_error=False, description="A token from POST /api/login or `firegrid token`")


def create(
    *,
    desk: Desk,
    registry: Callable[[], Registry],
    tokens: Tokens,
    clock: Callable[[], datetime],
    database: Database | None,
    data: Path,
    timezone: str,
    static: Path = STATIC,
    coverage: Callable[[], Now | None] | None = None,
    tiles: Tiles | None = None,
    command_phone: str | None = None,
    keep_photos: timedelta | None = None,
    own: parts.Own | None = None,
    pack_bytes: int = PACK_BYTES,
) -> FastAPI:
    """The application over a running desk. While it runs it keeps `database` open and polls for revoked tokens.

    `data` is the data folder; `coverage` answers GET /api/coverage, which is absent without it; `tiles` are pictures
    that maps may lie on. Photos older than `keep_photos` are forgotten; without it, none. `own` is what GET /api/health
    says of this process; `pack_bytes` the most that a district pack may have.
    """
    hub = Hub(desk, clock, registry)
    context = Context(
        desk, hub, registry, database, tokens, clock, ZoneInfo(timezone), static, Patience(), command_phone
    )
    app = FastAPI(
        title="FireGrid",
        version="1",
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=_lifespan(context, data, keep_photos),
    )
    app.state.context = context
    app.state.roads = district_map.Roads()
    app.state.tiles = tiles
    app.state.risks = risk.Risks()
    problem.install(app)
    # level 4 takes twice as long and saves 7 % more of a device's history
    app.add_middleware(GZipMiddleware, minimum_size=2048, compresslevel=1)
    app.add_middleware(BodyLimit, wider={packs.PATH: pack_bytes})
    app.add_middleware(Surround, pictures=tiles.origin if tiles is not None else None)
    _route(app, coverage)
    for one in (parts.router(own or parts.Own(), data), packs.router(pack_bytes, data)):
        app.include_router(one, responses=_ERRORS, dependencies=[Depends(_bearer)])
    app.include_router(pages.router)  # last: it takes what no other address has
    door = Door(desk, hub, tokens, registry, clock)

    @app.websocket("/ws")
    async def ws(websocket: WebSocket) -> None:
        await door.serve(websocket)

    return app


PING_EVERY_S, PONG_WITHIN_S = 10.0, 10.0
"""A screen whose line is dead though its socket is not is known for gone within 20 real seconds (RFC 6455 5.5.2)."""


def server(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    """A server for `app`, as it is meant to run: await its `serve()`. Nothing a client sends is logged."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            ws="websockets-sansio",
            ws_max_size=LONGEST_FRAME,
            ws_ping_interval=PING_EVERY_S,
            ws_ping_timeout=PONG_WITHIN_S,
            ws_per_message_deflate=False,  # one frame goes to a thousand sockets: compressing each is too dear
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
    )


@functools.cache
def _over_the_desk() -> Sequence[BaseRoute]:
    """Routes that are the same in every application; FastAPI works them out once, when the first request has come."""
    guarded = [
        incidents,
        reports,
        orders,
        alarms,
        blackouts,
        devices,
        registry,
        edit,
        district_map,
        drills,
        duty,
        photos,
        statistics,
        policy,
        false_alarms,
        risk,
        roster,
        events,
        log,
        users,
        gateway_access,
        quarantine,
        records,
        profiles,
    ]
    made = APIRouter()
    made.include_router(sessions.router, responses=_ERRORS)
    for one in guarded:
        made.include_router(one.router, responses=_ERRORS, dependencies=[Depends(_bearer)])
    return made.routes


def _route(app: FastAPI, coverage: Callable[[], Now | None] | None) -> None:
    app.router.routes.extend(_over_the_desk())
    if coverage is not None:
        app.include_router(coverage_now.router(coverage), responses=_ERRORS, dependencies=[Depends(_bearer)])
    app.include_router(health.router)

    @app.get("/api/docs", include_in_schema=False)
    async def documentation() -> HTMLResponse:
        return HTMLResponse(docs.page(app.openapi()))


def _lifespan(context: Context, data: Path, keep_photos: timedelta | None) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if context.database is not None:
                await stack.enter_async_context(context.database)
                watching = revocation.watch(context.database, context.tokens, context.clock, data)
                stack.push_async_callback(_stop, asyncio.create_task(watching))
                if keep_photos is not None:
                    tidying = photo.keep_tidy(context.database, context.clock, keep_photos)
                    stack.push_async_callback(_stop, asyncio.create_task(tidying))
            yield

    return running


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
