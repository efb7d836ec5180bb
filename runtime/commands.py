"""What each command of the command line does; each returns the exit status."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg

from api import key, users
from api.identity import Role, check
from api.token import Tokens
from devices import catalogue, pack, pack_store, store
from dispatch.entry import GENESIS, chain
from runtime import doctor as examination
from runtime import life, logs, migrate, running, wiring
from runtime import up as supervision
from runtime.clock import Clock
from runtime.settings import Settings
from runtime.statements import statement
from runtime.trouble import Trouble

ROLES = tuple(role.value for role in Role)


def up(settings: Settings, given: argparse.Namespace) -> int:
    """Everything, private servers included, until Ctrl-C."""
    return supervision.run(
        settings, demo=given.demo, prepare=life.prepare if given.demo else None, announce=life.announce
    )


def ingest(settings: Settings, given: argparse.Namespace) -> int:
    """The ingest role until it is told to stop."""
    settings = _located(settings)
    logs.configure(settings.log_level, "ingest")
    return wiring.run(wiring.ingest(settings, clock_of(settings), given.metrics_port))


def control(settings: Settings, _given: argparse.Namespace) -> int:
    """The dispatch and API role until it is told to stop."""
    settings = _located(settings)
    logs.configure(settings.log_level, "control")
    return wiring.run(wiring.control(settings, clock_of(settings)))


def migrate_database(settings: Settings, _given: argparse.Namespace) -> int:
    """The database has the current schema; what was applied is printed."""
    applied = migrate.migrate(_database_url(settings), clock_of(settings)())
    for name in applied:
        _say(name)
    _say(f"{len(applied)} applied; the database is current")
    return 0


def import_pack(settings: Settings, given: argparse.Namespace) -> int:
    """The registry is the pack's; or every fault is printed and nothing is applied."""
    if not given.folder.is_dir():
        raise Trouble(f"{given.folder} is no folder: name the folder of a district pack")
    taken = pack.read(given.folder, given.crs, catalogue.load())
    if isinstance(taken, list):
        for fault in taken:
            sys.stderr.write(f"{fault}\n")
        files = len({fault.file for fault in taken})
        raise Trouble(f"{len(taken)} faults in {files} files, nothing was applied: correct them and import again")
    if given.dry_run:
        _say("\n".join([*taken.lines(), "dry run: the pack is whole, nothing was applied"]))
        return 0
    with _database(settings) as connection:
        _say("\n".join(pack_store.apply(connection, taken).lines()))
    return 0


def export_pack(settings: Settings, given: argparse.Namespace) -> int:
    """The folder holds the registry as a district pack."""
    with _database(settings) as connection:
        try:
            names = pack_store.export(connection, given.folder)
        except (ValueError, OSError) as error:
            raise Trouble(str(error)) from error
    _say(f"{given.folder}: {', '.join(names)}")
    return 0


def token(settings: Settings, given: argparse.Namespace) -> int:
    """An access token alone on standard output."""
    role = Role(given.role)
    scope = _scope(role, given.scope)
    if not 0 < given.days <= 3660:
        raise Trouble("--days must be more than 0 and at most 3660")
    with _database(settings) as connection:
        _registered(connection, role, scope)
        signing = Tokens(key.settle(settings.data, connection))
    _say(signing.issue(role, scope, clock_of(settings)() + timedelta(days=given.days)))
    return 0


def user(settings: Settings, given: argparse.Namespace) -> int:
    """The user's password alone on standard output."""
    role = Role(given.role)
    scope = _scope(role, given.scope)
    with _database(settings) as connection:
        _registered(connection, role, scope)
        try:
            password = users.create(connection, given.name, role, scope)
        except ValueError as error:
            raise Trouble(str(error)) from None
    _say(password)
    return 0


def gateway_password(settings: Settings, given: argparse.Namespace) -> int:
    """The gateway's new MQTT password alone on standard output."""
    with _database(settings) as connection:
        _say(life.new_password(connection, given.code, clock_of(settings)()))
    return 0


def simulate(settings: Settings, given: argparse.Namespace) -> int:
    """Ordinary life, published until Ctrl-C."""
    settings = _located(settings)
    logs.configure("warning" if sys.stdout.isatty() else settings.log_level, "simulate")
    clock = clock_of(settings)
    return wiring.run(life.simulate(settings, clock, devices=given.devices, rate=given.rate, seed=given.seed))


def ledger_verify(settings: Settings, _given: argparse.Namespace) -> int:
    """The ledger's chain holds from its first entry to its last."""
    prev, count = GENESIS, 0
    with _database(settings) as connection, connection.cursor(name="ledger") as cursor:
        for number, body, kept_prev, digest in cursor.execute(statement("ledger_whole")):
            count += 1
            if number != count:
                raise Trouble(
                    f"ledger: entry {count} is missing, {number} follows: restore it from a backup or a journal"
                )
            if bytes(kept_prev) != prev or chain(prev, bytes(body)) != bytes(digest):
                raise Trouble(f"ledger: entry {number} was changed: its digest does not follow from its bytes")
            prev = bytes(digest)
    _say(f"{count} entries, the chain holds; last digest {prev.hex()}")
    return 0


def doctor(settings: Settings, _given: argparse.Namespace) -> int:
    """What is configured, what answers, what is wrong and what to do."""
    return examination.examine(located_if_running(settings), clock_of(settings))


def clock_of(settings: Settings) -> Clock:
    """The one clock of the system, as set."""
    return Clock(settings.clock_offset_s, settings.clock_rate, settings.clock_anchor or 0.0)


def located_if_running(settings: Settings) -> Settings:
    """The settings, with the addresses of a running `up` on the same data folder where none are set."""
    found = running.read(settings.data)
    if found is None:
        return settings
    return settings.model_copy(
        update={
            "database_url": settings.database_url or found.database_url,
            "mqtt_url": settings.mqtt_url or found.mqtt_url,
            "http_port": found.http_port,
            "host": found.host,
            "clock_offset_s": found.clock_offset_s,
            "clock_rate": found.clock_rate,
            "clock_anchor": found.clock_anchor,
        }
    )


def _located(settings: Settings) -> Settings:
    found = settings if settings.database_url and settings.mqtt_url else located_if_running(settings)
    for name, value in (("FIREGRID_DATABASE_URL", found.database_url), ("FIREGRID_MQTT_URL", found.mqtt_url)):
        if value is None:
            raise _nothing(name, found)
    return found


def _nothing(name: str, settings: Settings) -> Trouble:
    return Trouble(f"{name} is not set and nothing runs on {settings.data}: set it, or start `firegrid up`")


def _database_url(settings: Settings) -> str:
    url = located_if_running(settings).database_url
    if url is None:
        raise _nothing("FIREGRID_DATABASE_URL", settings)
    return url


@contextmanager
def _database(settings: Settings) -> Iterator[psycopg.Connection]:
    try:
        with psycopg.connect(_database_url(settings), connect_timeout=5, application_name="firegrid-cli") as connection:
            yield connection
    except psycopg.OperationalError as error:
        first = (str(error).strip().splitlines() or ["no word"])[0]
        raise Trouble(f"the database does not answer ({first}): start it, or correct FIREGRID_DATABASE_URL") from error
    except psycopg.errors.UndefinedTable as error:
        raise Trouble("the database has no FireGrid schema: run `firegrid migrate`") from error


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _scope(role: Role, scope: str | None) -> str | None:
    try:
        check(role, scope)
    except ValueError as error:
        raise Trouble(str(error)) from None
    return scope


def _registered(connection: psycopg.Connection, role: Role, scope: str | None) -> None:
    if scope is None:
        return
    registry = store.read(connection)
    match role:
        case Role.STATION:
            noun, known = "station", scope in registry.stations
        case Role.PERSON:
            noun, known = "person", scope in registry.people
        case _:
            noun, known = "place", scope in registry.places
    if not known:
        raise Trouble(f"no {noun} {scope!r} is registered: import its district pack first, or correct the code")
