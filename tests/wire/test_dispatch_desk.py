"""The desk on a real journal and a real database: nothing is lost between the two, whichever goes away."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from desks import AWAY, COMMAND, STATION, Hands, fire, leading, rows, until

from devices import signal as signals
from devices.registry import Registry
from dispatch.facts.entry import GENESIS, chain
from dispatch.inlet import sweep
from dispatch.ledger.journal import Held, Journal
from dispatch.ledger.lead import Forked


@pytest.fixture
def hands() -> Hands:
    return Hands()


async def test_a_signal_becomes_orders_on_screens_and_rows_in_one_transaction(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path, database, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        await until(lambda: len(hands.frames) == 3)
    assert [(recipient, seq) for recipient, seq, _ in hands.frames] == [
        ("station:ST-1", 1),
        ("person:L-3", 1),
        ("command:main", 1),
    ]
    assert rows(database, "SELECT recipient, kind, reason, state FROM orders ORDER BY id") == [
        ("station:ST-1", "respond", "soonest", "drafted"),
        ("person:L-3", "attend", "leader", "drafted"),
    ]
    assert rows(database, "SELECT incident FROM incident_entries") == [("I-000001",)]


async def test_the_same_signal_by_message_and_by_sweep_changes_nothing_twice_and_is_marked(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    one = fire(1)
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO signals (id, received_at, body) VALUES (%s, %s, %s)",
            (one.id, one.received_at, signals.encode(one)),
        )
    async with leading(tmp_path, database, small_registry, hands) as desk:
        await desk.signal(one, "message")
        sweeping = asyncio.create_task(sweep.run(database, desk))
        await until(lambda: rows(database, "SELECT handled_at FROM signals") != [(None,)])
        sweeping.cancel()
    assert len(rows(database, "SELECT * FROM alarms")) == 1


async def test_a_signal_only_the_table_has_is_swept(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path, database, small_registry, hands) as desk:
        sweeping = asyncio.create_task(sweep.run(database, desk))
        one = fire(7)
        with psycopg.connect(database) as connection:
            connection.execute(
                "INSERT INTO signals (id, received_at, body) VALUES (%s, %s, %s)",
                (one.id, one.received_at, signals.encode(one)),
            )
        await until(lambda: bool(hands.frames))
        sweeping.cancel()
    assert rows(database, "SELECT device FROM alarms") == [("S-4",)]


async def test_orders_survive_a_restart_and_frames_are_resumed_exactly(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path, database, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        (order,) = desk.open_orders("station:ST-1")
        stream = desk.stream
    async with leading(tmp_path, database, small_registry, hands) as desk:
        assert desk.stream == stream
        assert desk.open_orders("station:ST-1") == [order]
        frames = desk.frames_after("station:ST-1", 0)
        assert frames is not None
        assert [json.loads(data)["seq"] for _, data in frames] == [1]
        assert desk.frames_after("station:ST-1", 1) == []
        assert desk.frames_after("station:ST-1", 2) is None
        outcome = await desk.act(STATION, str(order["id"]), "acknowledge", "r1", None, None)
        assert outcome.ok
    assert rows(database, "SELECT state FROM orders WHERE recipient = 'station:ST-1'") == [("acknowledged",)]


async def test_alarms_do_not_wait_for_a_database_that_is_away_and_it_catches_up(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        await until(lambda: len(hands.frames) == 3)
        (order,) = desk.open_orders("station:ST-1")
        note = "door code is with the guard"
        assert (await desk.act(STATION, str(order["id"]), "acknowledge", "r1", note, None)).ok
    assert rows(database, "SELECT * FROM ledger") == []
    async with leading(tmp_path, database, small_registry, hands) as desk:
        await until(lambda: desk.drain.position > 0)
    entries = rows(database, "SELECT body, prev, digest FROM ledger ORDER BY entry")
    before = GENESIS
    for body, prev, digest in entries:
        assert bytes(prev) == before  # type: ignore[call-overload]
        before = chain(before, bytes(body))  # type: ignore[call-overload]
        assert bytes(digest) == before  # type: ignore[call-overload]
        assert b"door code" not in bytes(body)  # type: ignore[call-overload]
    assert rows(database, "SELECT note FROM ledger_notes") == [(note,)]
    assert rows(database, "SELECT state FROM orders WHERE recipient = 'station:ST-1'") == [("acknowledged",)]


async def test_what_a_crash_took_from_the_database_is_sent_again(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    """Decision 0023: the database's last moment may be gone, whole transactions of it, while the desk goes on."""
    tables = ("ledger", "alarms", "incidents", "orders", "incident_entries")
    async with leading(tmp_path, database, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        await until(lambda: desk.drain.position == 1)
        before = {table: rows(database, f"SELECT * FROM {table}") for table in tables}
        await desk.signal(fire(2, "S-1"), "message")
        await until(lambda: desk.drain.position == 2)
        after = {table: rows(database, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}
        with psycopg.connect(database) as connection:
            connection.execute("DELETE FROM ledger WHERE entry = 2")
            connection.execute("DELETE FROM incident_entries WHERE entry = 2")
            connection.execute("DELETE FROM orders WHERE incident = 'I-000002'")
            connection.execute("DELETE FROM alarms WHERE device = 'S-1'")
            connection.execute("DELETE FROM incidents WHERE id = 'I-000002'")
        assert {table: rows(database, f"SELECT * FROM {table}") for table in tables} == before
        with psycopg.connect(database) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'firegrid-desk' AND datname = current_database()"
            )
        await until(
            lambda: {table: rows(database, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables} == after
        )
    assert len(hands.frames) == len({(recipient, seq) for recipient, seq, _ in hands.frames}), "a frame was sent twice"


async def test_a_lost_journal_is_made_again_from_the_database(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path / "one", database, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        (order,) = desk.open_orders("station:ST-1")
    async with leading(tmp_path / "two", database, small_registry, hands) as desk:
        assert desk.open_orders("station:ST-1") == [order]
        await desk.signal(fire(1), "message")
        await desk.signal(fire(2, "S-1"), "message")
    assert len(rows(database, "SELECT * FROM incidents")) == 2


async def test_a_database_with_another_history_is_refused(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path / "one", AWAY, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
    async with leading(tmp_path / "two", database, small_registry, hands) as desk:
        await desk.signal(fire(2, "S-1"), "message")
        await until(lambda: desk.drain.position > 0)
    with pytest.raises(Forked):
        async with leading(tmp_path / "one", database, small_registry, hands):
            pass


def test_one_journal_has_one_holder(tmp_path: Path) -> None:
    with Journal(tmp_path), pytest.raises(Held):
        Journal(tmp_path)
    Journal(tmp_path).close()


async def test_a_repeated_ref_is_counted_once_and_answers_the_same(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path, database, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        (order,) = desk.open_orders("station:ST-1")
        first = await desk.act(STATION, str(order["id"]), "acknowledge", "r1", None, None)
        again = await desk.act(STATION, str(order["id"]), "acknowledge", "r1", None, None)
        other = await desk.act(STATION, str(order["id"]), "acknowledge", "r2", None, None)
    assert first == again
    assert not other.ok
    assert str(other.error).startswith("station:ST-1 was first: the order has been acknowledged since ")


async def test_nobody_acknowledges_within_sixty_seconds_so_the_next_is_called(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path, database, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        hands.now += timedelta(seconds=59.9)
        await asyncio.sleep(0.3)
        assert len(desk.orders()) == 2
        hands.now += timedelta(seconds=0.2)
        await until(lambda: any(one["reason"] == "not_acknowledged" for one in desk.orders()))
        recipients = [one["recipient"] for one in desk.orders()]
    assert "station:ST-2" in recipients
    assert "person:L-2" in recipients


async def test_a_failed_decision_leaves_the_desk_whole(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with leading(tmp_path, database, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        before = desk.incidents()
        with monkeypatch.context() as broken:
            broken.setattr("dispatch.choosing.choice.rank", lambda *_: 1 / 0)
            await desk.signal(fire(2, "S-1"), "message")
        assert desk.incidents() == before
        await desk.signal(fire(3, "S-1"), "message")
        assert len(desk.incidents()) == 2
        outcome = await desk.verdict(COMMAND, "I-000002", {"verdict": "test"})
        assert outcome.ok
    assert rows(database, "SELECT id, verdict FROM incidents ORDER BY id") == [
        ("I-000001", None),
        ("I-000002", "test"),
    ]
