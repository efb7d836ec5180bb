"""Two `firegrid control` on two data folders, one database and one broker: one leads, and is followed."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from desks import fire, rows
from outside import Screen, until

from api import key
from api.identity import Role
from api.token import Tokens
from devices import pack_store
from devices import signal as signals
from devices.pack import Pack
from devices.registry import Registry
from dispatch.ledger.audit import Audit
from runtime.servers import port


class Control:
    """One `firegrid control`."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data, self.port = data, port.free()
        self.log = data.with_suffix(".log")
        given = {f"FIREGRID_{name.upper()}": value for name, value in settings.items()}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "runtime.cli", "control", "--data", str(data), "--http-port", str(self.port)],
                env={**os.environ, **given},
                stdout=log,
                stderr=log,
            )

    def said(self, event: str) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [one for one in found if one["event"] == event]

    def serves(self) -> bool:
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", self.port)) == 0

    def screen(self, token: str) -> Screen:
        return Screen(f"ws://127.0.0.1:{self.port}/ws", token)


@contextmanager
def control(data: Path, **settings: str) -> Iterator[Control]:
    one = Control(data, **settings)
    try:
        yield one
    finally:
        one.process.kill()
        one.process.wait()


def burn(url: str, number: int, device: str) -> None:
    """Ingest has written a fire of now; the sweep brings it to who leads."""
    one = fire(number, device, datetime.now(UTC))
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO signals (id, received_at, body) VALUES (%s, %s, %s)",
            (one.id, one.received_at, signals.encode(one)),
        )


def test_a_leader_that_stood_still_is_followed_and_does_nothing_when_it_wakes(
    tmp_path: Path, database: str, small_registry: Registry, broker
) -> None:
    with psycopg.connect(database) as connection:
        pack_store.apply(connection, Pack(small_registry, None, ()))
        connection.commit()
        tokens = Tokens(key.settle(tmp_path, connection))
    token = tokens.issue(Role("station"), "ST-1", datetime.now(UTC) + timedelta(days=1))
    given = {"database_url": database, "mqtt_url": broker.url(), "mqtt_prefix": f"fg/v1/{tmp_path.name}"}
    with control(tmp_path / "one", **given) as one, control(tmp_path / "two", **given) as two:
        until(lambda: one.serves() or two.serves(), "one leads")
        old, new = (one, two) if one.serves() else (two, one)
        until(lambda: new.said("another_leads"), "the other waits")
        burn(database, 1, "S-4")
        before = old.screen(token)
        order = before.order(lambda one: one["state"] == "drafted")
        old.process.send_signal(signal.SIGSTOP)
        burn(database, 2, "S-1")
        until(new.serves, "the other leads")
        after = new.screen(token)
        assert [one["id"] for one in after.welcome["open"]] == [order["id"]]
        assert after.welcome["stream"] != before.welcome["stream"]
        old.process.send_signal(signal.SIGCONT)
        assert before.ends()[0] == 1013
        until(lambda: old.said("another_leads"), "the first waits")
        frames = [one["type"] for one in before.frames]
        assert frames.count("order") == 1, "it told nothing more"
        after.press(order["id"], "acknowledge")
        until(lambda: rows(database, "SELECT 1 FROM orders WHERE state = 'acknowledged'"), "the database follows")
        after.close()
        before.close()
        words = {(each.data / "desk" / "id").read_text() for each in (one, two)}
        assert len(words) == 2, "neither throws the other out of the broker"
    audit = Audit()
    for number, prev, digest, body in rows(database, "SELECT entry, prev, digest, body FROM ledger ORDER BY entry"):
        audit.take(int(str(number)), bytes(prev), bytes(digest), bytes(body))  # type: ignore[call-overload]
    assert rows(database, "SELECT count(*) FROM ledger WHERE kind = 'led'") == [(1,)]
    told = [tuple(one) for one in rows(database, "SELECT incident, recipient, kind FROM orders")]
    assert len(set(told)) == len(told), "nobody is ordered twice"
    assert {str(incident) for incident, *_ in told} == {"I-000001", "I-000002"}
