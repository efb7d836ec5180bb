"""The estate, inhabited: a system that runs with its registry, passwords, tokens and screens."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import commands
import estate
from outside import System, until
from scene import Scene, logged

from api import key
from api.identity import Role
from api.token import Tokens
from runtime import passwords as renewal


def inhabited(system: System, mqtt_port: int | None = None, known: dict[str, str] | None = None) -> Iterator[Scene]:
    """The system runs with the estate's registry, its gateways have passwords, its screens are on; it ends in order.

    With a broker of one's own: its port, and the passwords it knows.
    """
    scene: Scene | None = None
    try:
        system.start()
        make_tokens(system)
        commands.spare_processes(system)
        system.say("import", estate.write(system.data.with_name(f"{system.data.name}-pack")))
        viewer = system.http("viewer")
        system.until(lambda: len(viewer.all("/api/devices")) == estate.size(), "the registry is taken")
        # a broker acknowledges what nobody has subscribed to, too
        system.until(lambda: logged(system, "ingest", "ingest_ready"), "ingest has its subscriptions")
        scene = Scene(system, mqtt_port)
        scene.passwords = known or passwords(system)
        scene.watch()
        yield scene
        scene.close()
        for one in system.opened:
            one.close()
        assert system.stop() == 0, system.said()
        assert system.processes() == []
    finally:
        if scene is not None:
            scene.close()
        system.end()


def passwords(system: System) -> dict[str, str]:
    """Each gateway's password, in force; made in this process, which is quicker than a command for each."""
    with system.database() as database:
        made = {code: renewal.renew(database, code, datetime.now(UTC)) for code in estate.GATEWAYS}
    until(lambda: all(system.lets_in(*login) for login in made.items()), "the passwords are in force", 20)
    for login in made.items():
        system.learn(*login)
    return made


def make_tokens(system: System) -> None:
    """The tokens of the screens and of command, made here for the same reason."""
    scopes = [(Role.COMMAND, None), (Role.VIEWER, None), *((Role.STATION, code) for code in estate.STATIONS)]
    with system.database() as database:
        signing = Tokens(key.settle(system.data, database))
    for role, scope in scopes:
        system.keep_token(role.value, scope, signing.issue(role, scope, datetime.now(UTC) + timedelta(days=1)))
