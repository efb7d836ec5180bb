"""The demo: a district where there is none, passwords for its gateways, links to its screens, and who plays it."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from api import key
from api.identity import Role
from api.token import Tokens
from devices import broker_access, catalogue, pack, pack_store, store
from devices.model import DutyKind, StationKind
from devices.registry import Registry
from runtime.settings import Settings
from runtime.statements import statement
from runtime.trouble import Trouble
from runtime.up import Context
from simulators import credentials
from simulators import life as ordinary
from simulators.district import pack as district

DEMO_SEED = 1
LINK_DAYS = 30
STOP_S = 5.0


def prepare(context: Context) -> None:
    """A registry that was empty holds the demo district, and every gateway of it has a password the simulator knows."""
    with psycopg.connect(context.database_url) as connection:
        if not store.read(connection).grids:
            with context.progress.step("demo district"):
                _settle(connection, context.data / "demo-district")
        with context.progress.step("gateway passwords"):
            make_passwords(connection, context.data, context.now())


def _settle(connection: psycopg.Connection, folder: Path) -> None:
    district.write(folder, DEMO_SEED)
    taken = pack.read(folder, "wgs84", catalogue.load())
    if isinstance(taken, list):
        raise Trouble(f"the demo district is not importable: {taken[0]}")
    pack_store.apply(connection, taken)
    connection.commit()


def make_passwords(connection: psycopg.Connection, data: Path, now: datetime) -> dict[str, str]:
    """Gateway -> password, for those whose password the simulator knows; gateways that had none have one now."""
    known = credentials.read(data)
    with connection.transaction():
        rows = connection.execute(statement("gateways_without_password")).fetchall()
        for (code,) in rows:
            known[code] = _set_password(connection, code, now)
        if rows:
            connection.execute(statement("access_changed"))
    credentials.write(data, known)
    return known


def new_password(connection: psycopg.Connection, code: str, now: datetime) -> str:
    """The gateway has this new password, and no other, within seconds.

    Raises Trouble for a gateway that is not registered.
    """
    with connection.transaction():
        if connection.execute(statement("gateway_registered"), {"gateway": code}).fetchone() is None:
            raise Trouble(f"no gateway {code!r} is registered: import its district pack first, or correct the code")
        password = _set_password(connection, code, now)
        connection.execute(statement("access_changed"))
    return password


def _set_password(connection: psycopg.Connection, code: str, now: datetime) -> str:
    password = secrets.token_urlsafe(18)
    row = {"gateway": code, "hash": broker_access.hash_password(password), "set_at": now}
    connection.execute(statement("gateway_password_set"), row)
    return password


def announce(context: Context) -> None:
    """Where to look is printed: a duty screen, a leader's page, the command page, each link ready to click."""
    with psycopg.connect(context.database_url) as connection:
        registry = store.read(connection)
        tokens = Tokens(key.settle(context.data, connection))
    until = context.now() + timedelta(days=LINK_DAYS)
    station = next((one for one in registry.stations.values() if one.kind is StationKind.COMMUNITY), None)
    leader = _leader_near(registry, station.grid if station is not None else None)
    say = context.progress.say
    say()
    if station is not None:
        say(f"  duty screen    {station.name}")
        say(f"    {context.http_url}/station#token={tokens.issue(Role.STATION, station.code, until)}")
    if leader is not None:
        say(f"  grid leader    {registry.people[leader].name}")
        say(f"    {context.http_url}/leader#token={tokens.issue(Role.PERSON, leader, until)}")
    say("  command")
    say(f"    {context.http_url}/command#token={tokens.issue(Role.COMMAND, None, until)}")
    say()
    say("  Ctrl-C stops everything; the data stay. Try in another terminal:")
    say(f"    firegrid drill kitchen-fire --data {context.data}")
    say()


def _leader_near(registry: Registry, grid: str | None) -> str | None:
    small = [one for one in registry.grids.values() if one.level == 3]
    near = sorted(small, key=lambda one: (one.code != grid, grid is None or not registry.within(one.code, [grid])))
    for one in near:
        if holders := registry.holders(DutyKind.LEADER, one.code):
            return holders[0]
    return None


async def simulate(
    settings: Settings,
    clock: Callable[[], datetime],
    *,
    devices: int | None,
    rate: float | None,
    seed: int,
) -> None:
    """Ordinary life in the registered district until cancelled."""
    registry, passwords = district_and_passwords(settings, clock())
    if not registry.devices:
        raise Trouble("no devices are registered: import a district pack, or start `firegrid up --demo`")
    host, port = broker_of(settings)
    stop = asyncio.Event()
    playing = ordinary.run(
        host=host,
        port=port,
        prefix=settings.mqtt_prefix,
        registry=registry,
        passwords=passwords,
        devices=devices,
        rate=rate,
        seed=seed,
        clock=clock,
        stop=stop,
        zone=settings.timezone,
    )
    await _until_cancelled(asyncio.create_task(playing), stop)


async def _until_cancelled(playing: "asyncio.Task[object]", stop: asyncio.Event) -> None:
    try:
        await asyncio.shield(playing)
    except asyncio.CancelledError:
        stop.set()
        async with asyncio.timeout(STOP_S):
            await playing


def district_and_passwords(settings: Settings, now: datetime) -> tuple[Registry, dict[str, str]]:
    """The registry, and gateway -> password as `make_passwords` gives them."""
    with psycopg.connect(database_of(settings)) as connection:
        return store.read(connection), make_passwords(connection, settings.data, now)


def database_of(settings: Settings) -> str:
    """The database's address.

    Raises Trouble where none is known.
    """
    if settings.database_url is None:
        raise Trouble("FIREGRID_DATABASE_URL is not set: set it, or start `firegrid up`")
    return settings.database_url


def broker_of(settings: Settings) -> tuple[str, int]:
    """Host and port of the broker."""
    parts = urlsplit(settings.mqtt_url or "")
    return parts.hostname or "127.0.0.1", parts.port or 1883
