"""The desk, its screens and its HTTP."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import psycopg
import structlog
import uvicorn

from api import app as http
from api import key, revocation
from api import tiles as pictures
from api.database import Database
from api.routes.parts import Own
from api.token import Tokens
from devices import nameplate
from devices.signal import SMOKE, URGENT
from dispatch import watch
from dispatch.cover import coverage
from dispatch.cover.coverage import Coverage
from dispatch.cover.uncovered import Uncovered
from dispatch.desk import Desk, Stalled
from dispatch.duty import ringer
from dispatch.inlet import intake, sweep
from dispatch.ledger import strays
from dispatch.ledger.journal import Held, Journal
from dispatch.ledger.lead import Superseded
from dispatch.policy.policy import Policy
from dispatch.world import Webhooks, World
from ingest.interest import Subscription
from ingest.link import Link
from runtime import invitation, located, policies
from runtime.announcer import Announcer
from runtime.beats import Beat, Beats, tell
from runtime.registrar import Registrar
from runtime.servers import port
from runtime.servers.trouble import ServerTrouble
from runtime.settings import Settings
from runtime.survey import Surveyor
from runtime.trouble import Trouble

log = structlog.get_logger()

STANDBY_LOOK_S = 0.05
HEED_S, HEED_LOOKS = 0.1, 5
BIND_WITHIN_S = 5.0
"""So long a standby that has taken over waits for the port of the one before it."""
SIGNALS = 30_000
"""Signals before the desk that it has not decided yet, some 60 MB; the broker keeps what is beyond."""
STOP_S = 5.0


async def play(settings: Settings, clock: Callable[[], datetime]) -> None:  # noqa: PLR0915 - the parts in their order
    """The desk, its screens and its HTTP: opens its port once it leads.

    Until then it keeps all ready that does not depend on who leads: the registry, the streets, the token key.
    """
    database_url, mqtt_url = located.both(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    policy = policies.of(settings)
    surveyor = Surveyor(policy.travel_limit_s, clock)
    registrar = Registrar(settings.data, database_url, surveyor)
    await registrar.start()
    signing = await asyncio.to_thread(_signing_key, settings, database_url)
    beats = Beats(mqtt_url, settings.mqtt_prefix)
    following = asyncio.create_task(_follow(registrar, beats))

    async def serve(desk: Desk, *, waited: bool) -> None:
        uncovered = Uncovered(clock())
        name = nameplate.of(settings.data / "desk")  # two controls of one client id would throw each other out
        announcer = Announcer(mqtt_url, f"firegrid-desk-{name}")
        covering = Coverage(desk, lambda: surveyor.survey, clock, uncovered)
        app = http.create(
            desk=desk,
            registry=registrar.current,
            tokens=Tokens(signing, revocation.remembered(settings.data)),
            clock=clock,
            database=Database(database_url),
            data=settings.data,
            timezone=settings.timezone,
            coverage=lambda: covering.now,
            tiles=_tiles(settings),
            command_phone=settings.command_phone,
            keep_photos=timedelta(days=settings.photo_days),
            own=Own(
                broker=lambda: announcer.connected,
                epoch=lambda: desk.epoch,
                webhooks=(settings.fallback_url is not None, settings.brigade_url is not None),
                spool_bytes=settings.spool_bytes,
            ),
            pack_bytes=settings.pack_bytes,
        )
        server = http.server(app, settings.host, settings.http_port)
        signals = Link(
            mqtt_url,
            f"firegrid-signals-{name}",
            [Subscription(f"{settings.mqtt_prefix}/_/signals")],
            receive_max=SIGNALS,
            first=sorted(URGENT | SMOKE),
        )
        parts = [
            desk.run(),
            surveyor.run(),
            covering.run(),
            coverage.keep(database_url, uncovered, timedelta(days=settings.keep_1h_days), clock),
            signals.run(),
            intake.run(signals, desk),
            sweep.run(database_url, desk),
            announcer.run(),
            ringer.run(desk, settings.webhook_secret),
            watch.run(settings.mqtt_prefix, desk.watched, announcer),
            strays.run(database_url, desk, clock),
            tell(announcer, beats.topic, lambda: _beat(desk)),
            _heed(beats, desk),
            following,
            _serve(server, settings, within_s=BIND_WITHIN_S if waited else 0.0),
        ]
        tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await _first_failure(tasks)
        except* (Superseded, Stalled):  # whichever part was the first to learn of it
            app.state.context.hub.dismiss()
            raise
        finally:
            signals.hold()
            if not desk.leading():
                app.state.context.hub.dismiss()
            server.should_exit = True
            await asyncio.wait(tasks[-1:], timeout=STOP_S)
            await desk.rest(STOP_S)
            await signals.close()
            ending = [task for task in tasks if task is not following]
            for task in ending:
                task.cancel()
            await asyncio.wait(ending, timeout=STOP_S)
            log.info("control_stopped")

    try:
        journal, waited = await _lead(settings, following)
        with journal:
            while True:
                desk = build(journal, database_url, registrar, surveyor, policy, settings, clock, signing)
                desk.rival, beats.own = beats, journal.stream
                await desk.start()
                beats.own = desk.stream
                try:
                    await serve(desk, waited=waited)
                except* (Superseded, Stalled) as why:
                    log.warning("leads_no_more", why=str(why.exceptions))
                else:
                    return
                waited = True
    finally:
        following.cancel()


async def _follow(registrar: Registrar, beats: Beats) -> None:
    """Registry and beats of others are known, whoever leads. Runs until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(registrar.run())
        group.create_task(beats.run())


def _beat(desk: Desk) -> Beat:
    return Beat(desk.stream, desk.epoch, desk.last_entry(), socket.gethostname())


async def _heed(beats: Beats, desk: Desk) -> None:
    """Without the database, who hears of a newer epoch leads no more; one just begun has yet to connect to it.

    Raises Superseded.
    """
    looks = 0
    while looks < HEED_LOOKS:
        await asyncio.sleep(HEED_S)
        looks = 0 if desk.drain.connected or beats.epoch() <= desk.epoch else looks + 1
    raise Superseded(f"epoch {beats.epoch()} has begun elsewhere")


async def _first_failure(tasks: "list[asyncio.Task[None]]") -> None:
    """A part that ended ends the role; why it ended is raised, or logged where it had no reason to."""
    for task in tasks:
        if task.done():
            task.result()
            log.error("part_ended", part=task.get_coro())


async def _lead(settings: Settings, following: "asyncio.Task[None]") -> tuple[Journal, bool]:
    """The journal, once no other process on this machine has it, and whether one had it at first.

    Raises what ended `following`, which should not end.
    """
    waited = False
    while not following.done():
        try:
            return Journal(settings.data / "desk"), waited
        except Held as held:
            if not waited:
                log.info("standing_by", journal=str(held))
                waited = True
            await asyncio.sleep(STANDBY_LOOK_S)
    following.result()
    raise RuntimeError("the registry is followed no more")


def build(
    journal: Journal,
    database_url: str,
    registrar: Registrar,
    surveyor: Surveyor,
    policy: Policy,
    settings: Settings,
    clock: Callable[[], datetime],
    signing: bytes | None = None,
) -> Desk:
    """A desk that looks out on the registry and the survey as they are at each moment; not started."""
    zone = ZoneInfo(settings.timezone)
    webhooks = Webhooks(settings.fallback_url, settings.brigade_url, invitation.maker(signing, settings.public_url))

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
            way=surveyor.survey.way,
        )

    desk = Desk(journal, database_url, world, clock, settings.clock_rate)
    return desk


def _tiles(settings: Settings) -> pictures.Tiles | None:
    """Raises Trouble for a setting that names neither an address nor an archive."""
    if settings.tiles is None:
        return None
    try:
        return pictures.of(settings.tiles, settings.tiles_datum, settings.tiles_attribution)
    except ValueError as wrong:
        raise Trouble(f"FIREGRID_TILES: {wrong}") from None


def _signing_key(settings: Settings, database_url: str) -> bytes:
    try:
        with psycopg.connect(database_url, connect_timeout=5) as connection:
            return key.settle(settings.data, connection)
    except psycopg.OperationalError as error:
        log.warning("token_key_from_folder", error=str(error).strip())
        return key.settle(settings.data, None)


async def _serve(server: uvicorn.Server, settings: Settings, within_s: float) -> None:
    """Serves until `server.should_exit`; signals are the role's business, not the server's.

    Raises Trouble where the port is still taken after `within_s` real seconds.
    """
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    until = monotonic() + within_s
    while monotonic() < until and not await asyncio.to_thread(_free, settings):  # noqa: ASYNC110 - the kernel's port
        await asyncio.sleep(STANDBY_LOOK_S)
    try:
        await server.serve()
    except SystemExit:
        taken = f"port {settings.http_port} on {settings.host} is taken: choose another with --http-port"
        raise Trouble(taken) from None


def _free(settings: Settings) -> bool:
    try:
        port.require_free(settings.http_port, settings.host, "")
    except ServerTrouble:
        return False
    return True
