"""Real servers for the tests: one private cluster and one broker a session, a cloned database a test."""

import contextlib
import gc
import itertools
import shutil
import socket
import struct
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import districts
import hypothesis
import psycopg
import pytest
from clusters import Model
from psycopg import sql

from devices import broker_access
from devices.registry import Registry
from runtime.servers import footing, packages, port
from runtime.servers.mosquitto import Mosquitto
from runtime.servers.packages import Binaries
from runtime.servers.postgres import Postgres
from runtime.servers.trouble import ServerTrouble

TEMPLATE = "firegrid"
# a test never asserts a speed: on a busy machine anything may take longer than hypothesis expects
hypothesis.settings.register_profile(
    "firegrid", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("firegrid")
# the page cache outlives a killed process, so even the tests that kill servers lose nothing by this
CHEAP = {"shared_buffers": "64MB", "fsync": "off", "full_page_writes": "off", "max_wal_size": "512MB"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-schema", action="store_true", help="write tests/wire/schema.txt from the migrated schema")
    parser.addoption("--full", action="store_true", help="faults in their full length (make faults)")
    parser.addoption("--record", metavar="FILE", help="write what the faults have shown into this page")


# the faults take longest and mostly wait: begun first, they leave the cores to others, and at the end nobody waits for
# them; a browser's synchronous driver keeps a loop running, after which no other test could run its own
ORDER = ("faults", "unit", "wire", "journeys", "bench", "screens")

TOWNS = {"test_health.py": "hasty_town", "test_nobody_answers.py": "hasty_town", "test_kills.py": "doomed"}
"""Journeys on a town of another kind; all others are on the one of the `town` fixture."""


def started_for(nodeid: str) -> str:
    """The running system that a test shares with others, else its file: what one worker runs, one after the other."""
    file = nodeid.split("::", 1)[0]
    folder, _, name = file.rpartition("/")
    return TOWNS.get(name, "town") if folder.endswith("tests/journeys") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each system is started by one worker, and not by each that runs one of its files."""
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 - only there where the hook is

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return started_for(nodeid)

    return Scheduling(config, log) if config.getoption("dist") == "loadfile" else None


SHARED = pytest.StashKey[Path]()
"""A folder of this run of the tests, the same in each of its processes."""


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", None)
    config.stash[SHARED] = Path(given["shared"]) if given else footing.temporary_folder("firegrid-run-")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["shared"] = str(node.config.stash[SHARED])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(config.stash[SHARED], ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the last folder the longest files come first: at the end nobody waits for the one that began last."""
    tests = Counter(item.path for item in items)

    def when(item: pytest.Item) -> tuple[int, int, str]:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        return (
            (ORDER.index(folder), -tests[item.path], str(item.path))
            if folder == ORDER[-1]
            else (ORDER.index(folder), 0, "")
        )

    items.sort(key=when)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """A quarter of the time would go into searches for garbage among thousands of tests, all of which stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


class Broker(Mosquitto):
    """A broker that also keeps gateways' plain passwords, as a test needs them."""

    def __init__(self, binaries: Binaries, folder: Path, number: int) -> None:
        super().__init__(binaries, folder, number, folder / "log")
        self.passwords: dict[str, str] = {}

    def let_in(self, passwords: Mapping[str, str], prefix: str = "fg/v1") -> None:
        """These gateways (code -> password) may log in beside those let in before; in force on return."""
        self.passwords.update(passwords)
        self.admit({code: broker_access.hash_password(word) for code, word in self.passwords.items()}, prefix)
        deadline = time.monotonic() + 10
        while self.child is not None and not all(self.takes(*each) for each in passwords.items()):
            assert time.monotonic() < deadline, "the broker did not read its password file again"
            time.sleep(0.02)

    def gateway_url(self, code: str) -> str:
        return f"mqtt://{code}:{self.passwords[code]}@127.0.0.1:{self.port}"

    def takes(self, user: str, password: str) -> bool:
        """Whether an MQTT 3.1.1 CONNECT with these is accepted."""
        fields = [b"", user.encode(), password.encode()]
        body = b"\x00\x04MQTT\x04\xc2\x00\x0a" + b"".join(struct.pack("!H", len(one)) + one for one in fields)
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(bytes((0x10, len(body))) + body)
                return connection.recv(4)[3:4] == b"\x00"
        except OSError:
            return False


def _start_postgres(binaries: Binaries, folder: Path) -> Postgres:
    """Another process may take the free port before the server does; then another port is tried."""
    for attempt in itertools.count():
        server = Postgres(binaries, folder, port.free(), folder / "log", CHEAP)
        server.start()
        try:
            server.wait()
        except ServerTrouble:
            server.stop()
            if attempt == 3:
                raise
        else:
            return server
    raise AssertionError


def _start_broker(binaries: Binaries, folder: Path) -> Broker:
    for attempt in itertools.count():
        server = Broker(binaries, folder, port.free())
        server.let_in({})
        server.start()
        try:
            server.wait()
        except ServerTrouble:
            server.stop()
            if attempt == 3:
                raise
        else:
            return server
    raise AssertionError


@pytest.fixture(scope="session")
def private_root() -> Binaries:
    """Programs of PostgreSQL and Mosquitto; fetched when they are not on the machine yet."""
    return packages.ensure(print)


@pytest.fixture(scope="session")
def server_temp() -> Iterator[Path]:
    """A folder the servers' user can traverse; all that servers write in this session is below it."""
    folder = footing.temporary_folder("firegrid-test-")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def model(private_root: Binaries, pytestconfig: pytest.Config) -> Model:
    """The migrated cluster of this run, to be copied."""
    return Model(private_root, pytestconfig.stash[SHARED])


@pytest.fixture(scope="session")
def postgres(private_root: Binaries, model: Model, server_temp: Path) -> Iterator[Postgres]:
    """One cluster for the session, on a port of its own. `postgres.url(database)`."""
    folder = footing.server_folder(server_temp, "pg")
    model.place(folder)
    server = _start_postgres(private_root, folder)
    yield server
    assert server.stop(), "PostgreSQL had to be killed"


@pytest.fixture(scope="session")
def broker(private_root: Binaries, server_temp: Path) -> Iterator[Broker]:
    """One broker for the session; tests keep apart by gateway codes of their own."""
    server = _start_broker(private_root, footing.server_folder(server_temp, "mosquitto"))
    yield server
    assert server.stop(), "Mosquitto had to be killed"


@pytest.fixture
def own_broker(private_root: Binaries, server_temp: Path, request: pytest.FixtureRequest) -> Iterator[Broker]:
    """A broker for this test alone, to be killed or filled."""
    folder = footing.server_folder(server_temp, f"mosquitto-{abs(hash(request.node.nodeid))}")
    server = _start_broker(private_root, folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def template_database(postgres: Postgres) -> str:
    """Name of a migrated database that nobody is connected to, so that it can be cloned."""
    with psycopg.connect(postgres.url(TEMPLATE), autocommit=True) as connection:
        connection.execute("SELECT _timescaledb_functions.stop_background_workers()")
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {TEMPLATE} ALLOW_CONNECTIONS false")
    return TEMPLATE


_numbers = itertools.count(1)


@contextlib.contextmanager
def _database(postgres: Postgres, template: str | None) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        new = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        connection.execute(
            new
            if template is None
            else new + sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
        )
        yield postgres.url(name)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database(postgres: Postgres, template_database: str) -> Iterator[str]:
    """URL of a fresh database with the current schema."""
    with _database(postgres, template_database) as url:
        yield url


@pytest.fixture(scope="module")
def module_database(postgres: Postgres, template_database: str) -> Iterator[str]:
    """The same for all tests of a module, which must leave it as it was."""
    with _database(postgres, template_database) as url:
        yield url


@pytest.fixture
def empty_database(postgres: Postgres) -> Iterator[str]:
    """URL of a fresh database with nothing in it."""
    with _database(postgres, None) as url:
        yield url


@pytest.fixture
def small_registry() -> Registry:
    """A district small enough to reason about (tests/support/districts.py)."""
    return districts.small()
