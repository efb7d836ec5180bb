"""What is broken on purpose: the estate on servers that the tests may stop, kill and cut off, in short or in full."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import record
from clusters import Model
from habitation import inhabited
from outside import System
from scene import FULL, SHORT, Account, Length, Scene

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
        record.write(Path(target), accounts)


@pytest.fixture(scope="session")
def own_postgres(private_root: Binaries, model: Model, server_temp: Path) -> Iterator[Postgres]:
    """A cluster to be killed and stopped, with the settings of a private one."""
    folder = footing.server_folder(server_temp, "pg-faults")
    model.place(folder)
    server = Postgres(private_root, folder, port.free(), server_temp / "pg.log")
    server.start()
    server.wait()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def scene(own_postgres: Postgres, server_temp: Path) -> Iterator[Scene]:
    """The estate; its database is `own_postgres`, its broker is `up`'s."""
    yield from inhabited(System(server_temp / "estate", environment={"FIREGRID_DATABASE_URL": own_postgres.url()}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if accounts := config.stash.get(ACCOUNTS, []):
        terminalreporter.write_line(record.section(accounts))
