"""Gateways' passwords in the database become the private broker's files, within a second of each change."""

import threading
from collections.abc import Mapping

import psycopg
import structlog

from runtime.servers.mosquitto import Mosquitto
from runtime.statements import statement

log = structlog.get_logger()
PERIOD_S = 1.0


def hashes(connection: psycopg.Connection) -> Mapping[str, str]:
    """Code -> password hash of every gateway that may log in."""
    return dict(connection.execute(statement("gateway_hashes")).fetchall())


class Admission(threading.Thread):
    """Looks each second whether passwords or gateways changed; if so, writes the broker's files and tells it."""

    def __init__(self, database_url: str, broker: Mosquitto, prefix: str) -> None:
        super().__init__(name="admission", daemon=True)
        self._url = database_url
        self._broker = broker
        self._prefix = prefix
        self._seen: tuple[int, int] | None = None
        self._stop = threading.Event()

    def admit_now(self) -> None:
        """The broker's files say what the database says. Raises `psycopg.Error`."""
        with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
            self._look(connection)

    def run(self) -> None:
        """Goes on until `stop`; a database that is away is asked again each second."""
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
                    while not self._stop.wait(PERIOD_S):
                        self._look(connection)
            except psycopg.Error as trouble:
                log.warning("admission_database_away", error=str(trouble).strip())
                self._stop.wait(PERIOD_S)

    def stop(self) -> None:
        """No file is written any more."""
        self._stop.set()
        self.join(10)

    def _look(self, connection: psycopg.Connection) -> None:
        versions = connection.execute(statement("access_versions")).fetchone()
        if versions == self._seen:
            return
        self._broker.admit(hashes(connection), self._prefix)
        self._seen = versions
