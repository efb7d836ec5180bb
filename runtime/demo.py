"""The demo: a district where there is none, passwords for its gateways, and links to its screens."""

import sys
from datetime import timedelta
from pathlib import Path

import psycopg

from api import key
from api.identity import Role
from api.token import Tokens
from devices import store
from devices.model import DutyKind, StationKind
from devices.registry import Registry
from runtime import passwords
from runtime.trouble import Trouble
from runtime.up import Context

DEMO_SEED = 1
LINK_DAYS = 30


def prepare(context: Context) -> None:
    """A registry that was empty holds the demo district, and every gateway of it has a password the simulator knows."""
    with psycopg.connect(context.database_url) as connection:
        if not store.read(connection).grids:
            with context.progress.step("demo district"):
                _settle(connection, context.data / "demo-district")
        with context.progress.step("gateway passwords"):
            passwords.make_missing(connection, context.data, context.now())


def _settle(connection: psycopg.Connection, folder: Path) -> None:
    # what computes on maps is loaded where one is made: `up` itself runs for months without
    from devices import catalogue, pack, pack_store  # noqa: PLC0415
    from simulators.district import pack as district  # noqa: PLC0415

    district.write(folder, DEMO_SEED)
    taken = pack.read(folder, "wgs84", catalogue.load())
    if isinstance(taken, list):
        raise Trouble(f"the demo district is not importable: {taken[0]}")
    pack_store.apply(connection, taken)
    connection.commit()


def announce(context: Context) -> None:
    """Where to look is printed: a duty screen, phones of a member and a leader, a control room, command."""
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
    if station is not None and (crew := registry.serving(station.code)):
        say(f"  station member {registry.people[crew[-1]].name}")
        say(f"    {context.http_url}/member#token={tokens.issue(Role.PERSON, crew[-1], until)}")
    if leader is not None:
        say(f"  grid leader    {registry.people[leader].name}")
        say(f"    {context.http_url}/leader#token={tokens.issue(Role.PERSON, leader, until)}")
    if (room := _control_room(registry)) is not None:
        say(f"  control room   {registry.places[room].name}")
        say(f"    {context.http_url}/control-room#token={tokens.issue(Role.CONTROL_ROOM, room, until)}")
    say("  command")
    say(f"    {context.http_url}/command#token={tokens.issue(Role.COMMAND, None, until)}")
    say("  administration")
    say(f"    {context.http_url}/admin#token={tokens.issue(Role.ADMIN, None, until)}")
    say()
    say("  Ctrl-C stops everything; the data stay. Try in another terminal:")
    say(f"    {sys.argv[0]} drill kitchen-fire --data {context.data}")
    say()


def _control_room(registry: Registry) -> str | None:
    """The first place where somebody sits in a fire control room: without, nobody there is asked to verify."""
    seated = {duty.scope for duty in registry.duties if duty.duty is DutyKind.CONTROL_ROOM}
    return min(seated & registry.places.keys(), default=None)


def _leader_near(registry: Registry, grid: str | None) -> str | None:
    small = [one for one in registry.grids.values() if one.level == 3]
    near = sorted(small, key=lambda one: (one.code != grid, grid is None or not registry.within(one.code, [grid])))
    for one in near:
        if holders := registry.holders(DutyKind.LEADER, one.code):
            return holders[0]
    return None
