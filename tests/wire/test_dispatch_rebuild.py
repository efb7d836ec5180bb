"""Projections made anew from the ledger equal those kept live, however the live ones came about."""

import asyncio
import csv
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from stories import Story

from devices import database as databases
from devices.registry import Registry
from dispatch import escalation
from dispatch.alarms import joining
from dispatch.facts.actor import Actor
from dispatch.facts.order import ACTIONS, OrderEvent
from dispatch.ledger import ledger_file
from dispatch.ledger.audit import Broken
from dispatch.ledger.drain import _insert
from dispatch.ledger.projection import SETTLED, TABLES, project
from dispatch.ledger.rebuild import Rebuild
from dispatch.presses import pressing
from dispatch.state import fold
from runtime.commands import ledger
from runtime.settings import Settings
from runtime.trouble import Trouble

COMMAND = Actor("command", "command:main")


class Life:
    """A story with something of everything in it, the same for the same seed."""

    def __init__(self, registry: Registry, seed: int) -> None:
        self.story = Story(registry)
        self.dice = random.Random(seed)
        self._acts: list[Callable[[], object]] = [
            self._event,
            self._event,
            self._reading,
            self._press,
            self._press,
            self._press,
            self._verdict,
            self._alarm,
            self._report,
            self._drill,
            self._move,
            self._time,
        ]

    def act(self) -> None:
        self.dice.choice(self._acts)()

    def _event(self) -> None:
        events = ["fire", "fire", "manual_call", "fire_restore", "prealarm", "fault", "fault_restore", "test"]
        drill = next(reversed(self.story.state.drills), None) if self.dice.random() < 0.3 else None
        device = self.dice.choice(["S-1", "S-2", "S-3", "S-4", "U-1"])
        self.story.event(self.dice.choice(events), device, drill=drill)

    def _reading(self) -> None:
        self.story.reading(self.dice.choice(["E-1", "E-3"]), residual_ma=self.dice.choice([0.0, 300.0, 900.0]))

    def _press(self) -> None:
        orders = self.story.state.open_orders() or list(self.story.state.orders.values())
        if not orders:
            return
        one = self.dice.choice(orders)
        if self.dice.random() < 0.2 and one.state.value == "drafted":
            self.story.turn(lambda turn: turn.change(one, OrderEvent.SEND))
            return
        action = self.dice.choice([*sorted(ACTIONS), "close", "acknowledge"])
        actor, ref = Actor("station", one.drafted.recipient), f"ref-{len(self.story.entries)}"
        value = {"reason": "no_crew"}
        self.story.turn(
            lambda turn: pressing.press(turn, actor, one, action, ref, None, value), by=one.drafted.recipient
        )

    def _verdict(self) -> None:
        found = [one for one in self.story.state.incidents.values() if one.open]
        if found:
            one = self.dice.choice(found)
            verdict = {"verdict": self.dice.choice(pressing.VERDICTS)}
            self.story.turn(lambda turn: pressing.give_verdict(turn, COMMAND, one, verdict, None))

    def _alarm(self) -> None:
        found = list(self.story.state.alarms.values())
        if found:
            one, action = self.dice.choice(found), self.dice.choice(["acknowledge", "shelve", "reset", "reset"])
            until = self.story.now + timedelta(minutes=5)
            self.story.turn(lambda turn: pressing.act_on_alarm(turn, COMMAND, one, action, until))

    def _report(self) -> None:
        request = {"kind": "fire", "source": "119", "place": self.dice.choice(["P-1", "P-2", "P-3"])}
        self.story.turn(lambda turn: pressing.open_by_hand(turn, COMMAND, request, None))

    def _drill(self) -> None:
        request = {"scenario": "kitchen-fire", "devices": ["S-1", "S-4"], "minutes": 5}
        self.story.turn(lambda turn: pressing.open_drill(turn, COMMAND, request))

    def _move(self) -> None:
        found = [one for one in self.story.state.incidents.values() if one.open and one.alarms]
        if not found:
            return
        one, other = self.dice.choice(found), self.dice.choice(found)
        if self.dice.random() < 0.5:
            alarms = one.alarms[:1]
            self.story.turn(lambda turn: joining.split(turn, COMMAND, one, alarms, None))
        else:
            self.story.turn(lambda turn: joining.merge(turn, COMMAND, one, other, None))

    def _time(self) -> None:
        self.story.now += timedelta(seconds=self.dice.choice([1, 20, 61, 400]))
        for one in list(escalation.due(self.story.state, self.story.world().policy, self.story.now)):
            self.story.turn(one.decide, owed=True)

    def forget(self) -> None:
        """As the desk does once the database has everything."""
        limit = self.story.now - SETTLED
        fold.forget(self.story.state, lambda one: one.closed_at is not None and one.closed_at < limit, limit, limit)


async def live(url: str, life: Life, acts: int) -> None:
    """The story's entries went into the database as the desk writes them: some alone, some together, some later."""
    written = 0
    async with await databases.connect(url, "test") as connection:

        async def write() -> None:
            nonlocal written
            while fresh := life.story.entries[written:]:
                together = fresh[: life.dice.choice([1, 3, 50])]
                written += len(together)
                async with connection.transaction():
                    await _insert(connection, [project(life.story.state, life.story.registry, together, ())])
            life.forget()

        for _ in range(acts):
            life.act()
            if life.dice.random() < 0.3:
                await write()
            if life.dice.random() < 0.05:
                await write()
                life.story.now += timedelta(hours=11)
        await write()


def content(url: str) -> dict[str, list[str]]:
    """Every row of every projection, as text."""
    with psycopg.connect(url) as connection:
        return {
            table: sorted(str(row[0]) for row in connection.execute(f"SELECT {table}::text FROM {table}").fetchall())
            for table in TABLES
        }


async def rebuilt(url: str, registry: Registry) -> dict[str, tuple[int, int]]:
    async with await databases.connect(url, "test") as connection:
        return await Rebuild(connection, registry).run()


@pytest.mark.parametrize("seed", [1])
async def test_rebuilt_projections_equal_those_kept_live(database: str, small_registry: Registry, seed: int) -> None:
    life = Life(small_registry, seed)
    await live(database, life, 300)
    before = content(database)
    assert all(before.values())
    facts = {type(one).__name__ for entry in life.story.entries for one in entry.content.facts}
    assert {"IncidentSplit", "IncidentMerged", "DrillClosed", "IncidentClosed"} <= facts
    found = await rebuilt(database, small_registry)
    assert {table: mended for table, (_, mended) in found.items()} == dict.fromkeys(TABLES, 0)
    assert {table: rows for table, (rows, _) in found.items()} == {table: len(rows) for table, rows in before.items()}
    assert content(database) == before


async def test_lost_changed_and_invented_rows_are_set_right(database: str, small_registry: Registry) -> None:
    await live(database, Life(small_registry, 3), 60)
    before = content(database)
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM orders WHERE id IN (SELECT id FROM orders ORDER BY id LIMIT 3)")
        connection.execute("UPDATE incidents SET severity = 1, body = '{}' WHERE id = 'I-000001'")
        connection.execute("DELETE FROM alarms")
        connection.execute("INSERT INTO incident_entries VALUES ('I-000001', 9999)")
    mended = await rebuilt(database, small_registry)
    assert content(database) == before
    assert mended["orders"][1] == 3
    assert mended["incidents"][1] == 1
    assert mended["incident_entries"][1] == 1
    assert mended["alarms"] == (len(before["alarms"]),) * 2
    assert {one for _, one in (await rebuilt(database, small_registry)).values()} == {0}


async def test_what_is_added_during_a_rebuild_is_in_it_and_two_rebuilds_wait_for_each_other(
    database: str, small_registry: Registry
) -> None:
    life = Life(small_registry, 4)
    await live(database, life, 60)

    async def adds() -> None:
        for _ in range(10):
            done = len(life.story.entries)
            life.act()
            async with await databases.connect(database, "test") as connection, connection.transaction():
                if fresh := life.story.entries[done:]:
                    await _insert(connection, [project(life.story.state, life.story.registry, fresh, ())])

    await asyncio.gather(adds(), rebuilt(database, small_registry), rebuilt(database, small_registry))
    assert {mended for _, mended in (await rebuilt(database, small_registry)).values()} == {0}


async def test_a_broken_ledger_is_not_rebuilt_from(database: str, small_registry: Registry) -> None:
    await live(database, Life(small_registry, 5), 50)
    before = content(database)
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM ledger WHERE entry = 7")
    with pytest.raises(Broken, match="entry 7 is missing"):
        await rebuilt(database, small_registry)
    assert content(database) == before


async def test_an_exported_ledger_keeps_its_digests_and_is_verified_without_the_database(
    database: str, small_registry: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    life = Life(small_registry, 6)
    await live(database, life, 60)
    settings = Settings(database_url=database, mqtt_url="mqtt://127.0.0.1", data=tmp_path)
    last = life.story.entries[-1].digest.hex()
    for name in ("ledger.csv", "ledger.jsonl"):
        file = tmp_path / name
        assert ledger.export(settings, SimpleNamespace(file=file, format=None)) == 0
        assert ledger.verify(settings, SimpleNamespace(file=file)) == 0
        assert last in capsys.readouterr().out
        with file.open(encoding="utf-8") as lines:
            assert [row[3] for row in ledger_file.read(lines)] == [one.body for one in life.story.entries]
    assert ledger.verify(settings, SimpleNamespace(file=None)) == 0
    with (tmp_path / "ledger.csv").open() as file:
        assert len(next(csv.reader(file))) == 4
    changed = (tmp_path / "ledger.jsonl").read_text().replace("S-1", "S-2", 1)
    (tmp_path / "ledger.jsonl").write_text(changed)
    with pytest.raises(Trouble, match="was changed"):
        ledger.verify(settings, SimpleNamespace(file=tmp_path / "ledger.jsonl"))


async def test_a_changed_column_beside_the_bytes_is_noticed(
    database: str, small_registry: Registry, tmp_path: Path
) -> None:
    await live(database, Life(small_registry, 7), 20)
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE ledger SET kind = 'other' WHERE entry = 3")
    settings = Settings(database_url=database, mqtt_url="mqtt://127.0.0.1", data=tmp_path)
    with pytest.raises(Trouble, match="entry 3: its columns"):
        ledger.verify(settings, SimpleNamespace(file=None))
