"""The desk among failures: what cannot be decided, written, read or answered stops nobody else and is not forgotten."""

import asyncio
import contextlib
import json
import os
import signal as posix
import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
from desks import AWAY, NOON, STATION, Hands, fire, leading, reading, rows, until

from devices import signal as signals
from devices.registry import Registry
from devices.signal import Signal
from dispatch import desk as the_desk
from dispatch.alarms import sensing
from dispatch.facts.entry import GENESIS, chain
from dispatch.inlet import seen, sweep
from dispatch.ledger import drain
from dispatch.ledger.journal import Batch, Journal
from dispatch.ledger.lead import Forked
from dispatch.presses import sequel


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture(autouse=True)
def plain_log() -> Iterator[None]:
    """As in the roles: a failure is logged in a line, not drawn in colour for seconds."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()])
    yield
    structlog.reset_defaults()


def _wait(url: str, one: Signal, id: str | None = None, body: bytes | None = None) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO signals (id, received_at, body) VALUES (%s, %s, %s)",
            (id or one.id, one.received_at, body or signals.encode(one)),
        )


@contextlib.contextmanager
def _stopped(url: str, *applications: str) -> Iterator[None]:
    """The database's processes behind these applications' connections stand still."""
    found = rows(url, "SELECT pid, application_name FROM pg_stat_activity")
    pids = [int(str(pid)) for pid, name in found if name in applications]
    for pid in pids:
        os.kill(pid, posix.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, posix.SIGCONT)


def _chained(url: str) -> int:
    before, count = GENESIS, 0
    for entry, body, prev, digest in rows(url, "SELECT entry, body, prev, digest FROM ledger ORDER BY entry"):
        assert entry == count + 1
        assert bytes(prev) == before  # type: ignore[call-overload]
        before = chain(before, bytes(body))  # type: ignore[call-overload]
        assert bytes(digest) == before  # type: ignore[call-overload]
        count += 1
    return count


# ---- what cannot be decided


async def test_a_frame_that_cannot_be_drawn_stops_nobody_and_its_fire_is_tried_again(
    tmp_path: Path, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(the_desk, "AGAIN_S", 0.2)
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        with monkeypatch.context() as broken:
            broken.setattr("dispatch.views.view.order", lambda *_: 1 / 0)
            await desk.signal(fire(1), "message")
            await asyncio.sleep(0.1)
        assert desk.leading()
        assert desk.incidents() == []
        await desk.signal(fire(2, "S-1"), "message")
        assert len(desk.incidents()) == 1
        await asyncio.sleep(0.2)
        await desk.signal(fire(1), "sweep")
        assert len(desk.incidents()) == 2


async def test_a_row_that_cannot_be_drawn_delays_the_database_but_no_alarm(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with leading(tmp_path, database, small_registry, hands) as desk:
        await until(lambda: desk.drain.connected)
        with monkeypatch.context() as broken:
            broken.setattr(the_desk, "project", lambda *_: 1 / 0)
            await desk.signal(fire(1), "message")
            await until(lambda: len(hands.frames) == 3, 2)
            await asyncio.sleep(0.2)
            assert rows(database, "SELECT * FROM ledger") == []
    assert _chained(database) == desk._state.last_entry
    assert len(rows(database, "SELECT * FROM orders")) == 2


async def test_a_signal_that_could_not_be_decided_is_not_marked_and_is_swept_again(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(the_desk, "AGAIN_S", 0.5)
    monkeypatch.setattr(sweep, "EVERY_S", 0.05)
    _wait(database, fire(1))
    async with leading(tmp_path, database, small_registry, hands) as desk:
        await until(lambda: desk.drain.connected)
        with monkeypatch.context() as broken:
            broken.setattr("dispatch.choosing.choice.rank", lambda *_: 1 / 0)
            await desk.signal(fire(1), "message")
            sweeping = asyncio.create_task(sweep.run(database, desk))
            await asyncio.sleep(0.4)
        assert rows(database, "SELECT handled_at FROM signals") == [(None,)]
        await until(lambda: len(desk.incidents()) == 1)
        await until(lambda: rows(database, "SELECT handled_at FROM signals") != [(None,)])
        sweeping.cancel()


async def test_an_order_whose_lapse_fails_rests_between_attempts_and_delays_no_other(
    tmp_path: Path, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    lapse = sequel._lapse

    def broken(turn: Any, one: Any, reason: Any) -> None:
        tried.append(one.id)
        if one.id == "O-000001":
            raise RuntimeError("this order cannot lapse")
        lapse(turn, one, reason)

    monkeypatch.setattr("dispatch.presses.sequel._lapse", broken)
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        hands.now += timedelta(seconds=61)
        await asyncio.sleep(0.6)
        assert tried == ["O-000001", "O-000002"]
        assert [one["state"] for one in desk.orders()][:2] == ["drafted", "lapsed"]


async def test_a_signal_that_fails_is_not_tried_with_every_sweep(
    tmp_path: Path, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        monkeypatch.setattr("dispatch.alarms.sensing.decide", lambda _turn, one: tried.append(one.id) or 1 / 0)
        for _ in range(5):
            await desk.signal(fire(1), "sweep")
        assert tried == ["e:1"]


async def test_what_was_decided_together_with_a_failure_stays(
    tmp_path: Path, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide = sensing.decide

    def broken(turn: Any, one: Signal) -> None:
        decide(turn, one)
        if one.device == "S-1":
            raise RuntimeError("half done")

    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        monkeypatch.setattr("dispatch.alarms.sensing.decide", broken)
        three = (fire(1, "S-4"), fire(2, "S-1"), fire(3, "E-3"))
        await asyncio.gather(*(desk.signal(one, "message") for one in three))
        assert [one["place"]["code"] for one in desk.incidents()] == ["P-2", "P-3"]
        before = desk._state
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        assert desk._state == before


async def test_what_is_due_is_submitted_once_though_the_disk_is_slow(
    tmp_path: Path, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        append = Journal.append
        monkeypatch.setattr(Journal, "append", lambda self, batch: (go_on.wait(10), append(self, batch))[1])
        waiting = asyncio.create_task(desk.signal(fire(2, "S-1"), "message"))
        await asyncio.sleep(0.1)
        hands.now += timedelta(seconds=61)
        await asyncio.sleep(0.5)
        due = [one.key for rank in desk._inbox._ranks for one in rank if one.key is not None]
        go_on.set()
        await waiting
        assert {"lapse O-000001", "lapse O-000002"} <= set(due)
        assert len(due) == len(set(due))


async def test_no_flood_of_signals_keeps_an_order_from_lapsing(
    tmp_path: Path, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        flood = [asyncio.create_task(desk.signal(reading(number), "message")) for number in range(1000)]
        await asyncio.sleep(0)
        hands.now += timedelta(seconds=61)
        desk.tick()
        await asyncio.gather(*flood)
        await until(lambda: any(one["reason"] == "not_acknowledged" for one in desk.orders()), 2)


async def test_orders_lapse_in_their_minute_though_the_clock_is_set_back(
    tmp_path: Path, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        hands.now -= timedelta(hours=1)
        await asyncio.sleep(0.2)
        hands.now += timedelta(seconds=67)
        await until(lambda: any(one["reason"] == "not_acknowledged" for one in desk.orders()), 2)
        drafted = [one["drafted_at"] for one in desk.orders()]
        assert drafted == sorted(drafted)


# ---- what is durable before it is answered


async def test_a_repeat_is_answered_only_once_the_first_is_on_disk(
    tmp_path: Path, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    append = Journal.append
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        monkeypatch.setattr(Journal, "append", lambda self, batch: (go_on.wait(10), append(self, batch))[1])
        first = asyncio.create_task(desk.signal(fire(1), "sweep"))
        await until(lambda: bool(desk._pending))
        repeat = asyncio.create_task(desk.signal(fire(1), "message"))
        await asyncio.sleep(0.1)
        assert not repeat.done()
        assert not desk.drain._handled
        go_on.set()
        await asyncio.gather(first, repeat)
        assert len(desk.incidents()) == 1


async def test_a_disk_that_refuses_ends_the_desk_with_nothing_pushed_and_no_wait(
    tmp_path: Path, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Journal, _batch: Batch) -> None:
        raise OSError("disk full")

    with pytest.RaisesGroup(OSError):
        async with leading(tmp_path, AWAY, small_registry, hands) as desk:
            monkeypatch.setattr(Journal, "append", refuse)
            sending = asyncio.create_task(desk.signal(fire(1), "message"))
            await until(lambda: not desk.leading())
            began = asyncio.get_running_loop().time()
            await desk.rest(5)
            assert asyncio.get_running_loop().time() - began < 2
            assert not sending.done()
            sending.cancel()
    assert hands.frames == []


# ---- what is remembered


async def test_signals_that_changed_nothing_are_known_after_a_restart_but_not_without_bound(
    tmp_path: Path, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "MOST", 10)
    many = [reading(number, NOON + timedelta(seconds=number)) for number in range(50)]
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        for one in many:
            await desk.signal(one, "message")
        await desk.tidy()
        assert [one.id for one in many if one.id in desk._seen] == [one.id for one in many[40:]]
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        assert [one.id for one in many if one.id in desk._seen] == [one.id for one in many[40:]]


async def test_a_snapshot_and_the_entries_after_it_are_the_state_after_any_restart(
    tmp_path: Path, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(the_desk, "SNAPSHOT_EVERY", 5)
    for number in range(6):
        async with leading(tmp_path, AWAY, small_registry, hands) as desk:
            for step in range(4):
                at = NOON + timedelta(seconds=10 * number + step)
                await desk.signal(fire(10 * number + step, at=at, event=("fire", "fire_restore")[step % 2]), "message")
            await desk.tidy()
            before = desk._state
        async with leading(tmp_path, AWAY, small_registry, hands) as desk:
            assert desk._state == before
    with Journal(tmp_path) as journal:
        assert journal.snapshot() is not None


async def test_no_snapshot_drops_an_entry_that_the_database_lacks(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(the_desk, "SNAPSHOT_EVERY", 1)
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        for number, device in enumerate(("S-4", "S-1", "S-2")):
            await desk.signal(fire(number, device), "message")
        await desk.tidy()
    async with leading(tmp_path, database, small_registry, hands) as desk:
        await until(lambda: desk.drain.position == desk._state.last_entry > 0)
    assert _chained(database) == desk._state.last_entry


# ---- the database


async def test_a_frozen_database_delays_nothing_and_is_caught_up_with_when_it_thaws(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "WAITING", 5)
    monkeypatch.setattr(drain, "CATCH_UP", 3)
    async with leading(tmp_path, database, small_registry, hands) as desk:
        await until(lambda: desk.drain.connected)
        with _stopped(database, "firegrid-desk"):
            for number in range(12):
                device, event = ("S-4", "S-1")[number % 2], ("fire", "fire_restore")[number // 2 % 2]
                at = NOON + timedelta(seconds=number)
                await desk.signal(fire(number, device, at, event), "message")
            await until(lambda: sum(one[0] == "station:ST-1" for one in hands.frames) == 1, 2)
            assert len(desk.drain._drops) <= 5
            assert _chained(database) < 3
    assert _chained(database) == desk._state.last_entry
    assert len(rows(database, "SELECT * FROM incidents")) == 2


async def test_the_desk_stops_in_order_while_the_database_is_frozen_and_goes_on_where_it_was(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    with contextlib.ExitStack() as stack:
        async with asyncio.timeout(30), leading(tmp_path, database, small_registry, hands, drained=False) as desk:
            await until(lambda: desk.drain.connected)
            stack.enter_context(_stopped(database, "firegrid-desk"))
            await desk.signal(fire(1), "message")
            await until(lambda: len(hands.frames) == 3, 2)
    async with leading(tmp_path, database, small_registry, hands) as desk:
        assert len(desk.incidents()) == 1
    assert _chained(database) == desk._state.last_entry


async def test_a_connection_cut_again_and_again_leaves_every_entry_in_the_database_once(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "RETRY_S", 0.02)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'firegrid-desk'"
    async with leading(tmp_path, database, small_registry, hands) as desk:
        await until(lambda: desk.drain.connected)
        for number in range(60):
            at = NOON + timedelta(seconds=number)
            await desk.signal(fire(number, at=at, event=("fire", "fire_restore")[number % 2]), "message")
            if number % 5 == 2:
                await asyncio.to_thread(rows, database, cut)
    assert _chained(database) == desk._state.last_entry
    assert rows(database, "SELECT state FROM alarms") == [("restored",)]
    assert len(rows(database, "SELECT DISTINCT entry FROM incident_entries")) >= 60


async def test_a_note_that_no_database_can_hold_is_kept_without_its_poison(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path, database, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        (order,) = desk.open_orders("station:ST-1")
        assert (await desk.act(STATION, str(order["id"]), "acknowledge", "r1", "gate\0 left", None)).ok
    assert rows(database, "SELECT note FROM ledger_notes") == [("gate� left",)]


async def test_the_ledger_holds_no_words_a_screen_chose(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    words = "call Wang at the gate"
    async with leading(tmp_path, database, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        (order,) = desk.open_orders("station:ST-1")
        first = await desk.act(STATION, str(order["id"]), "acknowledge", words, None, None)
        assert first == await desk.act(STATION, str(order["id"]), "acknowledge", words, None, None)
    written = b"".join(bytes(body) for (body,) in rows(database, "SELECT body FROM ledger"))  # type: ignore[call-overload]
    assert b"Wang" not in written


async def test_rows_that_are_no_signals_hide_none_that_are(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "AT_MOST", 2)
    for number in range(5):
        _wait(database, fire(number), f"e:bad-{number}", b"not a signal")
    _wait(database, fire(7, at=NOON + timedelta(seconds=1)))
    async with leading(tmp_path, database, small_registry, hands) as desk:
        sweeping = asyncio.create_task(sweep.run(database, desk))
        await until(lambda: len(desk.incidents()) == 1)
        sweeping.cancel()
    assert len(rows(database, "SELECT 1 FROM signals WHERE handled_at IS NULL")) == 5


async def test_frames_can_be_resumed_from_where_a_screen_was_and_from_nowhere_else(
    tmp_path: Path, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        await until(lambda: desk.last_seq("station:ST-1") == 1)
        (order,) = desk.open_orders("station:ST-1")
        for number, action in enumerate(("acknowledge", "turn_out", "arrive")):
            assert (await desk.act(STATION, str(order["id"]), action, f"r{number}", None, None)).ok
        assert desk.last_seq("station:ST-1") == 4
        for after in range(5):
            found = desk.frames_after("station:ST-1", after)
            assert found is not None
            assert [json.loads(data)["seq"] for _, data in found] == list(range(after + 1, 5))
        assert desk.frames_after("station:ST-1", 5) is None
        assert desk.frames_after("station:ST-1", -1) is None
        hands.now += timedelta(hours=27)
        await desk.tidy()
        assert desk.frames_after("station:ST-1", 1) is None


async def test_nobody_presses_on_anothers_order(tmp_path: Path, small_registry: Registry, hands: Hands) -> None:
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        (order,) = desk.open_orders("person:L-3")
        outcome = await desk.act(STATION, str(order["id"]), "acknowledge", "r1", None, None)
        assert outcome.missing
        assert desk.order(str(order["id"])) == order | {"file": None}


async def test_a_refused_press_is_refused_again_by_its_ref_whatever_has_changed_since(
    tmp_path: Path, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
        (order,) = desk.open_orders("station:ST-1")
        first = await desk.act(STATION, str(order["id"]), "close", "r1", None, None)
        assert not first.ok
        assert (await desk.act(STATION, str(order["id"]), "arrive", "r2", None, None)).ok
        assert await desk.act(STATION, str(order["id"]), "close", "r1", None, None) == first
        assert (await desk.act(STATION, str(order["id"]), "close", "r3", None, None)).ok


async def test_a_database_that_went_on_from_another_history_is_refused_at_the_start(
    tmp_path: Path, database: str, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path / "one", AWAY, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
    async with leading(tmp_path / "two", database, small_registry, hands) as desk:
        for number, device in ((2, "S-1"), (3, "S-4"), (4, "E-3")):
            await desk.signal(fire(number, device), "message")
    with pytest.raises(Forked):
        async with leading(tmp_path / "one", database, small_registry, hands):
            pass


async def test_a_journal_with_a_changed_byte_is_not_led_from(
    tmp_path: Path, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
    with sqlite3.connect(tmp_path / "journal.sqlite") as file:
        file.execute("UPDATE entries SET body = CAST(replace(body, 'S-4', 'S-1') AS BLOB)")
    file.close()
    with pytest.raises(ValueError, match="does not follow"):
        async with leading(tmp_path, AWAY, small_registry, hands):
            pass


async def test_time_goes_on_from_the_ledgers_last_entry_though_the_clock_is_behind_it(
    tmp_path: Path, small_registry: Registry, hands: Hands
) -> None:
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
    hands.now -= timedelta(hours=1)
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        hands.now += timedelta(seconds=67)
        await until(lambda: any(one["reason"] == "not_acknowledged" for one in desk.orders()), 2)


async def test_frames_after_a_crash_are_those_that_were_numbered(
    tmp_path: Path, small_registry: Registry, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        monkeypatch.setattr(desk, "_listeners", [])  # the process dies between its journal and its screens
        await desk.signal(fire(1), "message")
        stream = desk.stream
    async with leading(tmp_path, AWAY, small_registry, hands) as desk:
        assert desk.stream == stream
        await desk.signal(fire(1), "message")
        found = desk.frames_after("station:ST-1", 0)
        assert found is not None
        assert [json.loads(data)["order"]["state"] for _, data in found] == ["drafted"]
        assert desk.last_seq("station:ST-1") == 1
