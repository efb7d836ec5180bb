"""The desk, its screens and its HTTP."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import psycopg
import structlog
import uvicorn

from api import app as http
from api import key, revocation
from api.database import Database
from api.token import Tokens
from dispatch import coverage, intake, ringer, sweep, watch
from dispatch.coverage import Coverage
from dispatch.desk import Desk
from dispatch.journal import Held, Journal
from dispatch.policy import Policy
from dispatch.uncovered import Uncovered
from dispatch.world import Webhooks, World
from ingest.interest import Subscription
from ingest.link import Link
from runtime import located
from runtime.announcer import Announcer
from runtime.registrar import Registrar
from runtime.settings import Settings
from runtime.survey import Surveyor
from runtime.trouble import Trouble

log = structlog.get_logger()

STANDBY_LOOK_S = 0.2
SIGNALS = 30_000
"""Signals before the desk that it has not decided yet, some 60 MB; the broker keeps what is beyond."""
STOP_S = 5.0


async def play(settings: Settings, clock: Callable[[], datetime]) -> None:
    """The desk, its screens and its HTTP: opens its port once it leads."""
    database_url, mqtt_url = located.both(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    surveyor = Surveyor()
    registrar = Registrar(settings.data, database_url, surveyor)
    with await _lead(settings) as journal:
        await registrar.start()
        desk = _desk(journal, database_url, registrar, surveyor, settings, clock)
        await desk.start()
        uncovered = Uncovered(clock())
        covering = Coverage(desk, lambda: surveyor.survey, clock, uncovered)
        server = http.server(
            http.create(
                desk=desk,
                registry=registrar.current,
                tokens=await asyncio.to_thread(_tokens, settings, database_url),
                clock=clock,
                database=Database(database_url),
                data=settings.data,
                timezone=settings.timezone,
                coverage=lambda: covering.now,
            ),
            settings.host,
            settings.http_port,
        )
        announcer = Announcer(mqtt_url, f"firegrid-desk-{socket.gethostname()}")
        signals = Link(
            mqtt_url,
            f"firegrid-signals-{socket.gethostname()}",
            [Subscription(f"{settings.mqtt_prefix}/_/signals")],
            receive_max=SIGNALS,
        )
        parts = [
            registrar.run(),
            desk.run(),
            covering.run(),
            coverage.keep(database_url, uncovered),
            signals.run(),
            intake.run(signals, desk),
            sweep.run(database_url, desk),
            announcer.run(),
            ringer.run(desk, settings.webhook_secret),
            watch.run(settings.mqtt_prefix, desk.watched, announcer),
            _serve(server, settings),
        ]
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await _first_failure(tasks)
        finally:
            signals.hold()
            server.should_exit = True
            await asyncio.wait(tasks[-1:], timeout=STOP_S)
            await desk.rest(STOP_S)
            await signals.close()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=STOP_S)
            log.info("control_stopped")


async def _first_failure(tasks: "list[asyncio.Task[None]]") -> None:
    """A part that ended ends the role; why it ended is raised, or logged where it had no reason to."""
    for task in tasks:
        if task.done():
            task.result()
            log.error("part_ended", part=task.get_coro())


async def _lead(settings: Settings) -> Journal:
    """The journal, once no other process on this machine has it."""
    waiting = False
    while True:
        try:
            return Journal(settings.data / "desk")
        except Held as held:
            if not waiting:
                log.info("standing_by", journal=str(held))
                waiting = True
            await asyncio.sleep(STANDBY_LOOK_S)


def _desk(
    journal: Journal,
    database_url: str,
    registrar: Registrar,
    surveyor: Surveyor,
    settings: Settings,
    clock: Callable[[], datetime],
) -> Desk:
    zone, policy = ZoneInfo(settings.timezone), Policy()
    webhooks = Webhooks(settings.fallback_url, settings.brigade_url)

    def world() -> World:
        return World(
            registry=registrar.registry,
            policy=policy,
            travel=surveyor.survey.travel,
            screens=desk.screens,
            local=lambda at: at.astimezone(zone),
            grid_at=surveyor.survey.grid_at,
            near=surveyor.survey.near,
            webhooks=webhooks,
        )

    desk = Desk(journal, database_url, world, clock, settings.clock_rate)
    return desk


def _tokens(settings: Settings, database_url: str) -> Tokens:
    try:
        with psycopg.connect(database_url, connect_timeout=5) as connection:
            signing = key.settle(settings.data, connection)
    except psycopg.OperationalError as error:
        log.warning("token_key_from_folder", error=str(error).strip())
        signing = key.settle(settings.data, None)
    return Tokens(signing, revocation.remembered(settings.data))


async def _serve(server: uvicorn.Server, settings: Settings) -> None:
    """Serves until `server.should_exit`; signals are the role's business, not the server's."""
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    try:
        await server.serve()
    except SystemExit:
        taken = f"port {settings.http_port} on {settings.host} is taken: choose another with --http-port"
        raise Trouble(taken) from None
