"""What statistics count stands in plain columns: as the desk keeps them, and as old rows are given them."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from desks import COMMAND, Hands, leading, rows, until

from devices.registry import Registry
from devices.rule import Rule
from devices.signal import Signal
from dispatch.desk import Desk
from dispatch.facts.actor import Actor
from runtime import migrate

OLD = {
    "ledger": "entry, at, kind, body, prev, digest",
    "alarms": "id, device, kind, place, state, drill, incident, raised_at, cleared_at, body",
    "incidents": "id, place, kind, state, severity, drill, verdict, opened_at, closed_at, body",
    "orders": "id, incident, recipient, kind, state, priority, drill, reason, drafted_at, ended_at, body",
}
"""Tables and columns as migration 8 left them."""
STATISTICS = 9


class Tale:
    """Things happen to a desk, a second after one another."""

    def __init__(self, desk: Desk, hands: Hands) -> None:
        self.desk = desk
        self.hands = hands
        self.count = 0

    async def event(self, name: str, device: str, place: str, **more: object) -> None:
        self._next()
        at = self.hands.now
        told = {"event": name} if not more else {"values": more}
        one = Signal(id=f"t:{self.count}", gateway="GW-1", device=device, place=place, ts=at, received_at=at, **told)
        await self.desk.signal(one, "message")

    async def press(self, station: str, action: str, **value: str) -> None:
        self._next()
        order = next(one["id"] for one in reversed(self.desk.orders()) if one["recipient"] == f"station:{station}")
        actor = Actor("station", f"station:{station}")
        outcome = await self.desk.act(actor, str(order), action, f"ref-{self.count}", None, value or None)
        assert outcome.ok, outcome.error

    async def verdict(self, incident: str, verdict: str) -> None:
        self._next()
        assert (await self.desk.verdict(COMMAND, incident, {"verdict": verdict, "cause": "steam"})).ok

    def _next(self) -> None:
        self.count += 1
        self.hands.now += timedelta(seconds=1)


@pytest.fixture
async def told(tmp_path: Path, database: str, small_registry: Registry) -> str:
    """A database after a fire with two crews, a false alarm, and a residual current that comes and goes."""
    hands = Hands()
    async with leading(tmp_path / "desk", database, small_registry, hands) as desk:
        tale = Tale(desk, hands)
        await tale.event("fire", "S-1", "P-1")  # 1 s: I-000001 calls ST-U (own) and ST-1
        await tale.press("ST-U", "acknowledge")  # 2 s
        await tale.press("ST-1", "turn_out")  # 3 s, not acknowledged before
        await tale.press("ST-U", "arrive")  # 4 s
        await tale.press("ST-1", "control")  # 5 s, not arrived before
        await tale.press("ST-U", "confirm_fire")  # 6 s: ST-2 and ST-3 too
        await tale.event("fire_restore", "S-1", "P-1")  # 7 s
        await tale.event("fire", "S-1", "P-1")  # 8 s
        await tale.event("fire", "S-4", "P-2")  # 9 s: I-000002 calls ST-1 again, for nobody is free
        await tale.press("ST-2", "decline", reason="no_crew")  # 10 s
        await tale.press("ST-1", "arrive")  # 11 s
        await tale.press("ST-1", "report_false")  # 12 s
        await tale.verdict("I-000002", "false")  # 13 s
        for residual_ma in (400.0, 10.0, 400.0):
            await tale.event("", "E-3", "P-3", residual_ma=residual_ma)  # 14 s, 15 s, 16 s
    return database


SECONDS = "extract(epoch FROM {} - '2026-11-21 12:00Z')::float"


def _seconds(url: str, table: str, of: str, *columns: str) -> list[tuple[object, ...]]:
    wanted = ", ".join(SECONDS.format(column) if column.endswith("_at") else column for column in columns)
    return rows(url, f"SELECT {wanted} FROM {table} WHERE {of} ORDER BY id")


async def test_the_steps_of_an_order_stand_in_columns(told: str) -> None:
    steps = ("delivered_at", "acknowledged_at", "turned_out_at", "arrived_at", "controlled_at", "declined_at")
    assert _seconds(told, "orders", "kind = 'respond'", "station", *steps, "decline_reason", "grid_small") == [
        ("ST-U", None, 2.0, None, 4.0, None, None, None, "G3-1"),
        ("ST-1", None, None, 3.0, None, 5.0, None, None, "G3-1"),
        ("ST-2", None, None, None, None, None, 10.0, "no_crew", "G3-1"),
        ("ST-3", None, None, None, None, None, None, None, "G3-1"),
        ("ST-1", None, None, None, 11.0, None, None, None, "G3-1"),
    ]


async def test_the_milestones_of_an_incident_stand_in_columns(told: str) -> None:
    columns = (
        "id", "own", "own_responded_at", "first_arrival_at", "second_arrival_at", "confirmed_at", "harmless_at",
        "verification", "cause", "category", "grid_middle", "grid_large",
    )  # fmt: skip
    assert _seconds(told, "incidents", "kind = 'fire'", *columns) == [
        ("I-000001", True, 2.0, 4.0, 5.0, 6.0, None, "confirmed", None, "mall", "G2", "G1"),
        ("I-000002", False, None, 11.0, None, None, 12.0, "false", "steam", "residential", "G2", "G1"),
    ]


async def test_every_change_of_an_alarm_is_a_row(told: str) -> None:
    columns = ("device", "at", "alarm", "kind", "priority", "state", "raised", "grid_small")
    wanted = ", ".join(SECONDS.format("at") if one == "at" else one for one in columns)
    assert rows(told, f"SELECT {wanted} FROM alarm_changes ORDER BY entry, nr") == [
        ("S-1", 1.0, "A-000001", "fire", 1, "active", True, "G3-1"),
        ("S-1", 7.0, "A-000001", "fire", 1, "restored", False, "G3-1"),
        ("S-1", 8.0, "A-000001", "fire", 1, "active", True, "G3-1"),
        ("S-4", 9.0, "A-000002", "fire", 1, "active", True, "G3-1"),
        ("E-3", 14.0, "A-000003", "residual", 2, "active", True, "G3-2"),
        ("E-3", 15.0, "A-000003", "residual", 2, "cleared", False, "G3-2"),
        ("E-3", 16.0, "A-000004", "residual", 2, "active", True, "G3-2"),
    ]
    assert rows(told, "SELECT id, changes, restored_at IS NULL FROM alarms ORDER BY id") == [
        ("A-000001", 3, False),
        ("A-000002", 1, True),
        ("A-000003", 2, True),
        ("A-000004", 1, True),
    ]


async def test_rows_of_before_get_the_columns_they_would_have(told: str, empty_database: str, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    for one in migrate.read():
        if one.number < STATISTICS:
            shutil.copy(migrate.FOLDER / f"{one.name}.sql", folder)
    migrate.migrate(empty_database, datetime.now(UTC), folder)
    with psycopg.connect(told) as source, psycopg.connect(empty_database) as target:
        for table, columns in OLD.items():
            with (
                source.cursor().copy(f"COPY (SELECT {columns} FROM {table}) TO STDOUT") as out,
                target.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as into,
            ):
                for data in out:
                    into.write(data)
    migrate.migrate(empty_database, datetime.now(UTC))
    for table in ("alarms", "incidents", "orders", "alarm_changes"):
        # since then an estimate is revised in the body, and the policy says whether more crews are wanted
        query = f"SELECT to_jsonb({table}) - 'body' - 'eta_s' - 'together' FROM {table} ORDER BY 1"
        assert rows(empty_database, query) == rows(told, query), table


async def test_a_short_story_is_counted_as_by_hand(tmp_path: Path, database: str, small_registry: Registry) -> None:
    """Two fires that were one, electrical danger that only threatened and then came, a false alarm."""
    electric = replace(small_registry.profiles["electric-3p"], rules={"residual": Rule(delay_s=10)})
    registry = replace(small_registry, profiles=small_registry.profiles | {"electric-3p": electric})
    hands = Hands()
    async with leading(tmp_path / "desk", database, registry, hands) as desk:
        tale = Tale(desk, hands)
        await tale.event("fire", "S-1", "P-1")  # 1 s: I-000001
        await tale.event("fire", "S-4", "P-2")  # 2 s: I-000002
        await tale.press("ST-1", "arrive")  # 3 s, for the second fire
        assert (await desk.merge(COMMAND, "I-000002", "I-000001", None)).ok
        await tale.press("ST-U", "acknowledge")  # 4 s
        await tale.event("fire_restore", "S-1", "P-1")  # 5 s
        await tale.event("fire", "S-1", "P-1")  # 6 s: on again
        for residual_ma in (400.0, 10.0, 400.0):
            await tale.event("", "E-3", "P-3", residual_ma=residual_ma)  # 7 s, 8 s: only threatened; 9 s
        hands.now += timedelta(seconds=10)
        await until(lambda: len(desk.incidents()) == 3)  # 19 s: I-000003
        assert (await desk.verdict(COMMAND, "I-000001", {"verdict": "real"})).ok
        assert (await desk.verdict(COMMAND, "I-000003", {"verdict": "false", "cause": "fault"})).ok
    assert rows(database, "SELECT count(*) FROM incidents") == [(3,)]
    assert rows(database, "SELECT id, kind, verdict, first_arrival_s FROM stats_incidents ORDER BY id") == [
        ("I-000001", "fire", "real", 2.0),
        ("I-000003", "electrical", "false", None),
    ]
    assert rows(database, "SELECT device, incident FROM stats_alarms ORDER BY raised_at") == [
        ("S-1", "I-000001"),
        ("S-4", "I-000001"),
        ("E-3", "I-000003"),
    ]
    raised = "SELECT device, count(*), count(*) FILTER (WHERE raised) FROM stats_alarm_changes GROUP BY 1 ORDER BY 1"
    assert rows(database, raised) == [("E-3", 4, 1), ("S-1", 3, 2), ("S-4", 1, 1)]
    assert rows(database, "SELECT raised, raised_fire FROM stats_ten_minutes") == [(4, 3)]
    days = "SELECT incidents, fire_incidents, found_real, false_alarms, minute_1_met, minute_3_due FROM stats_days"
    assert rows(database, days) == [(2, 1, 1, 1, 1, 1)]
