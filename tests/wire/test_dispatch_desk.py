"""The desk on a real journal and a real database: nothing is lost between the two, whichever goes away."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from devices import signal as signals
from devices.model import Station
from devices.registry import Registry
from devices.signal import Signal
from dispatch import sweep
from dispatch.actor import Actor
from dispatch.desk import Desk
from dispatch.drain import Forked
from dispatch.entry import GENESIS, chain
from dispatch.journal import Held, Journal
from dispatch.policy import Policy
from dispatch.world import World

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
COMMAND = Actor("command", "command:main")
AWAY = "postgresql://nobody@127.0.0.1:1/none"
STATION = Actor("station", "station:ST-1")


class Hands:
    """A clock to move, and what the desk pushed."""

    def __init__(self) -> None:
        self.now = NOON
        self.frames: list[tuple[str, int, dict[str, object]]] = []

    def clock(self) -> datetime:
        return self.now

    def deliver(self, recipient: str, seq: int, data: bytes, _orders: tuple[str, ...]) -> None:
        self.frames.append((recipient, seq, json.loads(data)))


def _travel(place: tuple[float, float], stations: Sequence[Station]) -> list[tuple[float, str]]:
    return [(abs(one.lon - place[0]) * 100_000, "line") for one in stations]


def _fire(number: int, device: str = "S-4", at: datetime = NOON) -> Signal:
    return Signal(id=f"e:{number}", gateway="GW-1", device=device, place="P-2", ts=at, received_at=at, event="fire")


@contextlib.asynccontextmanager
async def _desk(folder: Path, url: str, registry: Registry, hands: Hands) -> AsyncIterator[Desk]:
    with Journal(folder) as journal:
        world = World(registry, Policy(), _travel, lambda _: 1, lambda at: at, lambda _lon, _lat: "G3-1")
        desk = Desk(journal, url, lambda: world, hands.clock)
        desk.listen(hands.deliver)
        await desk.start()
        running = asyncio.create_task(desk.run())
        try:
            yield desk
            if url != AWAY:
                await _until(lambda: running.done() or desk.drain.position == desk._state.last_entry)
        finally:
            await desk.rest(5)
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running


async def _until(true: Callable[[], bool], within_s: float = 10) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 - what is waited for is in the database
            await asyncio.sleep(0.01)


def _rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def hands() -> Hands:
    return Hands()


async def test_a_signal_becomes_orders_on_screens_and_rows_in_one_transaction(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with _desk(tmp_path, database, small_registry, hands) as desk:
        await desk.signal(_fire(1), "message")
        await _until(lambda: len(hands.frames) == 3)
    assert [(recipient, seq) for recipient, seq, _ in hands.frames] == [
        ("station:ST-1", 1),
        ("person:L-3", 1),
        ("command:main", 1),
    ]
    assert _rows(database, "SELECT recipient, kind, reason, state FROM orders ORDER BY id") == [
        ("station:ST-1", "respond", "soonest", "drafted"),
        ("person:L-3", "attend", "leader", "drafted"),
    ]
    assert _rows(database, "SELECT incident, entry FROM incident_entries") == [("I-000001", 1)]


async def test_the_same_signal_by_message_and_by_sweep_changes_nothing_twice_and_is_marked(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    one = _fire(1)
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO signals (id, received_at, body) VALUES (%s, %s, %s)",
            (one.id, one.received_at, signals.encode(one)),
        )
    async with _desk(tmp_path, database, small_registry, hands) as desk:
        await desk.signal(one, "message")
        sweeping = asyncio.create_task(sweep.run(database, desk))
        await _until(lambda: _rows(database, "SELECT handled_at FROM signals") != [(None,)])
        sweeping.cancel()
    assert len(_rows(database, "SELECT * FROM alarms")) == 1


async def test_a_signal_only_the_table_has_is_swept(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with _desk(tmp_path, database, small_registry, hands) as desk:
        sweeping = asyncio.create_task(sweep.run(database, desk))
        one = _fire(7)
        with psycopg.connect(database) as connection:
            connection.execute(
                "INSERT INTO signals (id, received_at, body) VALUES (%s, %s, %s)",
                (one.id, one.received_at, signals.encode(one)),
            )
        await _until(lambda: bool(hands.frames))
        sweeping.cancel()
    assert _rows(database, "SELECT device FROM alarms") == [("S-4",)]


async def test_orders_survive_a_restart_and_frames_are_resumed_exactly(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with _desk(tmp_path, database, small_registry, hands) as desk:
        await desk.signal(_fire(1), "message")
        (order,) = desk.open_orders("station:ST-1")
        stream = desk.stream
    async with _desk(tmp_path, database, small_registry, hands) as desk:
        assert desk.stream == stream
        assert desk.open_orders("station:ST-1") == [order]
        frames = desk.frames_after("station:ST-1", 0)
        assert frames is not None
        assert [json.loads(data)["seq"] for _, data in frames] == [1]
        assert desk.frames_after("station:ST-1", 1) == []
        assert desk.frames_after("station:ST-1", 2) is None
        outcome = await desk.act(STATION, str(order["id"]), "acknowledge", "r1", None, None)
        assert outcome.ok
    assert _rows(database, "SELECT state FROM orders WHERE recipient = 'station:ST-1'") == [("acknowledged",)]


async def test_alarms_do_not_wait_for_a_database_that_is_away_and_it_catches_up(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with _desk(tmp_path, AWAY, small_registry, hands) as desk:
        await desk.signal(_fire(1), "message")
        await _until(lambda: len(hands.frames) == 3)
        (order,) = desk.open_orders("station:ST-1")
        note = "door code is with the guard"
        assert (await desk.act(STATION, str(order["id"]), "acknowledge", "r1", note, None)).ok
    assert _rows(database, "SELECT * FROM ledger") == []
    async with _desk(tmp_path, database, small_registry, hands) as desk:
        await _until(lambda: desk.drain.position > 0)
    entries = _rows(database, "SELECT body, prev, digest FROM ledger ORDER BY entry")
    before = GENESIS
    for body, prev, digest in entries:
        assert bytes(prev) == before  # type: ignore[call-overload]
        before = chain(before, bytes(body))  # type: ignore[call-overload]
        assert bytes(digest) == before  # type: ignore[call-overload]
        assert b"door code" not in bytes(body)  # type: ignore[call-overload]
    assert _rows(database, "SELECT note FROM ledger_notes") == [(note,)]
    assert _rows(database, "SELECT state FROM orders WHERE recipient = 'station:ST-1'") == [("acknowledged",)]


async def test_a_lost_journal_is_made_again_from_the_database(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with _desk(tmp_path / "one", database, small_registry, hands) as desk:
        await desk.signal(_fire(1), "message")
        (order,) = desk.open_orders("station:ST-1")
    async with _desk(tmp_path / "two", database, small_registry, hands) as desk:
        assert desk.open_orders("station:ST-1") == [order]
        await desk.signal(_fire(1), "message")
        await desk.signal(_fire(2, "S-1"), "message")
    assert len(_rows(database, "SELECT * FROM incidents")) == 2


async def test_a_database_with_another_history_is_refused(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with _desk(tmp_path / "one", AWAY, small_registry, hands) as desk:
        await desk.signal(_fire(1), "message")
    async with _desk(tmp_path / "two", database, small_registry, hands) as desk:
        await desk.signal(_fire(2, "S-1"), "message")
        await _until(lambda: desk.drain.position > 0)
    with pytest.RaisesGroup(Forked):
        async with _desk(tmp_path / "one", database, small_registry, hands):
            pass


def test_one_journal_has_one_holder(tmp_path: Path) -> None:
    with Journal(tmp_path), pytest.raises(Held):
        Journal(tmp_path)
    Journal(tmp_path).close()


async def test_a_repeated_ref_is_counted_once_and_answers_the_same(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with _desk(tmp_path, database, small_registry, hands) as desk:
        await desk.signal(_fire(1), "message")
        (order,) = desk.open_orders("station:ST-1")
        first = await desk.act(STATION, str(order["id"]), "acknowledge", "r1", None, None)
        again = await desk.act(STATION, str(order["id"]), "acknowledge", "r1", None, None)
        other = await desk.act(STATION, str(order["id"]), "acknowledge", "r2", None, None)
    assert first == again
    assert (other.ok, other.error) == (False, "acknowledge is not allowed while the order is acknowledged")


async def test_nobody_acknowledges_within_sixty_seconds_so_the_next_is_called(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with _desk(tmp_path, database, small_registry, hands) as desk:
        await desk.signal(_fire(1), "message")
        hands.now += timedelta(seconds=59.9)
        await asyncio.sleep(0.3)
        assert len(desk.orders()) == 2
        hands.now += timedelta(seconds=0.2)
        await _until(lambda: any(one["reason"] == "not_acknowledged" for one in desk.orders()))
        recipients = [one["recipient"] for one in desk.orders()]
    assert "station:ST-2" in recipients
    assert "person:L-2" in recipients


async def test_a_failed_decision_leaves_the_desk_whole(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _desk(tmp_path, database, small_registry, hands) as desk:
        await desk.signal(_fire(1), "message")
        before = desk.incidents()
        with monkeypatch.context() as broken:
            broken.setattr("dispatch.choice.rank", lambda *_: 1 / 0)
            await desk.signal(_fire(2, "S-1"), "message")
        assert desk.incidents() == before
        await desk.signal(_fire(3, "S-1"), "message")
        assert len(desk.incidents()) == 2
        outcome = await desk.verdict(COMMAND, "I-000002", {"verdict": "test"})
        assert outcome.ok
    assert _rows(database, "SELECT id, verdict FROM incidents ORDER BY id") == [
        ("I-000001", None),
        ("I-000002", "test"),
    ]
