"""`firegrid token`, `user` and `gateway-password`: each prints the secret alone."""

import argparse
from datetime import timedelta

import psycopg

from api import admin_log, key, users
from api.admin_log import COMMAND_LINE, Deed
from api.identity import Role, check
from api.token import Tokens
from devices import store
from runtime import located, passwords
from runtime.settings import Settings
from runtime.terminal import say
from runtime.trouble import Trouble


def token(settings: Settings, given: argparse.Namespace) -> int:
    """An access token alone on standard output."""
    role = Role(given.role)
    scope = _scope(role, given.scope)
    if not 0 < given.days <= 3660:
        raise Trouble("--days must be more than 0 and at most 3660")
    with located.database(settings) as connection:
        _registered(connection, role, scope)
        signing = Tokens(key.settle(settings.data, connection))
        now = located.clock_of(settings)()
        until = now + timedelta(days=given.days)
        made, id = signing.issue_known(role, scope, until)
        users.note_token(connection, id, (role, scope, None), (now, until), COMMAND_LINE)
        deed = Deed("token", "tokens", id, detail={"role": str(role), "scope": scope})
        admin_log.add_now(connection, now, COMMAND_LINE, deed)
    say(made)
    return 0


def user(settings: Settings, given: argparse.Namespace) -> int:
    """The user's password alone on standard output."""
    role = Role(given.role)
    scope = _scope(role, given.scope)
    with located.database(settings) as connection:
        _registered(connection, role, scope)
        try:
            password = users.create(connection, given.name, role, scope)
            deed = Deed("user", "users", given.name, detail={"role": str(role), "scope": scope})
            admin_log.add_now(connection, located.clock_of(settings)(), COMMAND_LINE, deed)
        except ValueError as error:
            raise Trouble(str(error)) from None
    say(password)
    return 0


def gateway_password(settings: Settings, given: argparse.Namespace) -> int:
    """The gateway's new MQTT password alone on standard output."""
    with located.database(settings) as connection:
        now = located.clock_of(settings)()
        password = passwords.renew(connection, given.code, now)
        admin_log.add_now(connection, now, COMMAND_LINE, Deed("gateway_password", "gateways", given.code))
    say(password)
    return 0


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
