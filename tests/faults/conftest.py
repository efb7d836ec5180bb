"""What is broken on purpose: the estate on servers that the tests may stop, kill and cut off, in short or in full."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import estate
import pytest
import record
from outside import System, until
from scene import FULL, SHORT, Account, Length, Scene

from api import key
from api.identity import Role
from api.token import Tokens
from runtime import passwords as renewal
from runtime.servers import footing, port
from runtime.servers.packages import Binaries
from runtime.servers.postgres import Postgres

ACCOUNTS = pytest.StashKey[list[Account]]()


@pytest.fixture(scope="session")
def length(request: pytest.FixtureRequest) -> Length:
    """Short in `make test`, full in `make faults`."""
    return FULL if request.config.getoption("--full") else SHORT


@pytest.fixture
def account(request: pytest.FixtureRequest, length: Length) -> Account:
    """Where this fault's figures go; they are written down at the end of a full run."""
    words = request.function.__doc__ or request.function.__name__
    made = Account(words.strip().splitlines()[0].rstrip("."), length.name)
    request.config.stash.setdefault(ACCOUNTS, []).append(made)
    return made


def pytest_sessionfinish(session: pytest.Session) -> None:
    target = session.config.getoption("--record")
    accounts = session.config.stash.get(ACCOUNTS, [])
    if target and accounts:
        record.write(Path(target), accounts, datetime.now(UTC))


@pytest.fixture(scope="session")
def own_postgres(private_root: Binaries, server_temp: Path) -> Iterator[Postgres]:
    """A cluster to be killed and stopped, with the settings of a private one."""
    server = Postgres(
        private_root, footing.server_folder(server_temp, "pg-faults"), port.free(), server_temp / "pg.log"
    )
    server.create()
    server.start()
    server.wait()
    server.make_database()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def scene(own_postgres: Postgres, server_temp: Path) -> Iterator[Scene]:
    """The estate; its database is `own_postgres`, its broker is `up`'s."""
    yield from inhabited(System(server_temp / "estate", environment={"FIREGRID_DATABASE_URL": own_postgres.url()}))


def inhabited(system: System, let_in: Callable[[System], dict[str, str]] | None = None) -> Iterator[Scene]:
    """The system runs with the estate's registry, its gateways have passwords, its screens are on; it ends in order."""
    scene: Scene | None = None
    try:
        system.start()
        make_tokens(system)
        system.command("import", estate.write(system.data.with_name(f"{system.data.name}-pack")))
        viewer = system.http("viewer")
        system.until(lambda: len(viewer.all("/api/devices")) == estate.size(), "the registry is taken")
        scene = Scene(system)
        scene.passwords = (let_in or passwords)(system)
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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if accounts := config.stash.get(ACCOUNTS, []):
        terminalreporter.write_line(record.section(accounts, datetime.now(UTC)))
