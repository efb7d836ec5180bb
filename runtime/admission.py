"""Gateways' passwords in the database become the private broker's files, within a second of each change."""

import threading
from collections.abc import Callable, Mapping

import psycopg

from runtime.servers.mosquitto import Mosquitto
from runtime.statements import statement

PERIOD_S = 1.0
PATIENCE = 10  # looks that may fail before it is told: a database that was killed is back by then


def hashes(connection: psycopg.Connection) -> Mapping[str, str]:
    """Code -> password hash of every gateway that may log in."""
    return dict(connection.execute(statement("gateway_hashes")).fetchall())


class Admission(threading.Thread):
    """Looks each second whether passwords or gateways changed; if so, writes the broker's files and tells it."""

    def __init__(self, database_url: str, broker: Mosquitto, prefix: str, tell: Callable[[str], None]) -> None:
        super().__init__(name="admission", daemon=True)
        self._url = database_url
        self._broker = broker
        self._prefix = prefix
        self._tell = tell
        self._failed = 0
        self._seen: tuple[int, int] | None = None
        self._stopping = threading.Event()

    def admit_now(self) -> None:
        """The broker's files say what the database says. Raises `psycopg.Error`."""
        with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
            self._look(connection)

    def run(self) -> None:
        """Goes on until `stop`; a database that is away is asked again each second."""
        while not self._stopping.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
                    while not self._stopping.wait(PERIOD_S):
                        self._look(connection)
            except psycopg.Error as trouble:
                self._failed += 1
                if self._failed == PATIENCE:
                    words = str(trouble).strip().partition("\n")[0]
                    self._tell(f"gateways' passwords cannot be read, the broker goes by those it has: {words}")
                self._stopping.wait(PERIOD_S)

    def stop(self) -> None:
        """No file is written any more."""
        self._stopping.set()
        self.join(10)

    def _look(self, connection: psycopg.Connection) -> None:
        versions = connection.execute(statement("access_versions")).fetchone()
        self._failed = 0
        if versions == self._seen:
            return
        self._broker.admit(hashes(connection), self._prefix)
        self._seen = versions
