"""One desk leads: another machine's follows it when it is silent, and what was decided unheard becomes a record."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from desks import AWAY, NOON, STATION, Hands, fire, leading, rows, until
from proxy import Proxy
from stories import travel

from devices.registry import Registry
from dispatch.desk import Desk, Stalled
from dispatch.facts.entry import GENESIS, Content, seal
from dispatch.facts.fact import PolicyInForce
from dispatch.ledger import claim, strays
from dispatch.ledger.audit import Audit
from dispatch.ledger.claim import Claimant
from dispatch.ledger.journal import Batch, Journal
from dispatch.ledger.lead import Forked, Superseded
from dispatch.policy.policy import Policy
from dispatch.world import World
from runtime.announcer import Announcer
from runtime.beats import Beat, Beats, tell


class Machine:
    """A control without its HTTP: journal, desk, beat. `running` ends when it leads no more."""

    def __init__(self, folder: Path, url: str, registry: Registry, broker: str, hands: Hands, prefix: str) -> None:
        self.journal = Journal(folder)
        self.beats = Beats(broker, prefix)
        self.announcer = Announcer(broker, f"test-{folder.name}")
        self.hands, self._url, self._registry = hands, url, registry
        self.running: asyncio.Task[None] | None = None
        self.desk = self._desk()

    def _desk(self) -> Desk:
        world = World(self._registry, Policy(), travel, lambda _: 1, lambda at: at, lambda _lon, _lat: "G3-1")
        desk = Desk(self.journal, self._url, lambda: world, self.hands.clock)
        desk.listen(self.hands.deliver)
        desk.rival, self.beats.own = self.beats, self.journal.stream
        return desk

    async def lead(self) -> None:
        """It has begun to lead."""
        self.desk = self._desk()
        await self.desk.start()
        self.beats.own = self.desk.stream
        self.running = asyncio.create_task(self.desk.run())
        await until(self.desk.leading)

    def beat(self) -> Beat:
        return Beat(self.desk.stream, self.desk.epoch, self.desk.last_entry(), "test")


@contextlib.asynccontextmanager
async def machine(folder: Path, url: str, registry: Registry, broker: str, prefix: str) -> AsyncIterator[Machine]:
    one = Machine(folder, url, registry, broker, Hands(), prefix)
    tasks = [asyncio.create_task(one.beats.run()), asyncio.create_task(one.announcer.run())]
    try:
        yield one
    finally:
        if one.running is not None:
            tasks.append(one.running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        one.journal.close()


@dataclass
class Heard:
    """What is heard of another desk."""

    quiet: bool
    named: int = 0

    def silent(self) -> bool:
        return self.quiet

    def epoch(self) -> int:
        return self.named


def at(url: str, port: int) -> str:
    """The same database through another port."""
    return url.replace(f":{urlsplit(url).port}", f":{port}")


async def test_who_was_cut_off_and_followed_orders_nothing_more_and_what_it_decided_is_kept(
    tmp_path: Path, database: str, small_registry: Registry, broker
) -> None:
    prefix = f"fg/v1/{tmp_path.name}"  # what the broker lets pass
    async with contextlib.AsyncExitStack() as stack:
        line = await stack.enter_async_context(Proxy(urlsplit(database).port or 0).running())
        far = at(database, line.port)
        old = await stack.enter_async_context(machine(tmp_path / "old", far, small_registry, broker.url(), prefix))
        new = await stack.enter_async_context(machine(tmp_path / "new", database, small_registry, broker.url(), prefix))
        await old.lead()
        beating = asyncio.create_task(tell(old.announcer, old.beats.topic, old.beat))
        await old.desk.signal(fire(1), "message")
        (order,) = old.desk.open_orders("station:ST-1")
        await until(lambda: old.desk.drain.position == old.desk.last_entry())
        first = old.desk.stream

        waiting = asyncio.create_task(new.lead())
        line.refusing = True
        line.cut()  # the lock is free, but the beat is heard
        assert (await old.desk.act(STATION, str(order["id"]), "acknowledge", "r1", "door code 1", None)).ok
        await old.desk.signal(fire(2, "S-1"), "message")
        done, _ = await asyncio.wait({waiting}, timeout=1.5)
        assert not done, "who beats is followed by nobody"

        beating.cancel()
        await asyncio.wait_for(waiting, 30)
        assert new.desk.epoch == 2
        assert new.desk.stream != first
        (again,) = new.desk.open_orders("station:ST-1")
        assert again["id"] == order["id"]
        await until(lambda: any(one[2].get("order", {}).get("id") == order["id"] for one in new.hands.frames))
        told = [seq for recipient, seq, _ in new.hands.frames if recipient == "station:ST-1"]
        assert told == list(range(1, len(told) + 1)), "a new sequence begins at 1"

        line.refusing = False
        with pytest.RaisesGroup(Superseded):
            await asyncio.wait_for(asyncio.shield(old.running), 20)  # type: ignore[arg-type]
        frames = len(old.hands.frames)
        again_waiting = asyncio.create_task(old.lead())
        importing = asyncio.create_task(strays.run(database, new.desk, new.hands.clock))
        await until(lambda: len(rows(database, "SELECT * FROM ledger WHERE kind = 'imported'")) >= 2, 20)
        await new.desk.signal(fire(2, "S-1"), "message")  # the sweep or the broker brings it to who leads
        await until(lambda: new.desk.drain.position == new.desk.last_entry())
        again_waiting.cancel()
        importing.cancel()
        assert len(old.hands.frames) == frames
        assert list((tmp_path / "old").glob("journal.*.sqlite"))

    audit = Audit()
    for number, prev, digest, body in rows(database, "SELECT entry, prev, digest, body FROM ledger ORDER BY entry"):
        audit.take(int(str(number)), bytes(prev), bytes(digest), bytes(body))  # type: ignore[call-overload]
    kinds = [str(kind) for (kind,) in rows(database, "SELECT kind FROM ledger ORDER BY entry")]
    assert kinds.count("led") == 1
    records = [json.loads(bytes(body)) for (body,) in rows(database, "SELECT body FROM ledger WHERE kind = 'imported'")]  # type: ignore[call-overload]
    said = [fact for record in records for fact in record["facts"]]
    assert any(json.loads(one["body"])["kind"] == "action" for one in said), "who pressed is not lost"
    assert len({one["digest"] for one in said}) == len(said), "a record is made once"
    assert rows(database, "SELECT note FROM ledger_notes") == [("door code 1",)]
    crews = rows(database, "SELECT incident, recipient FROM orders WHERE kind = 'respond'")
    assert len(set(crews)) == len(crews), "nobody is ordered twice"
    assert {incident for incident, _ in crews} == {"I-000001", "I-000002"}


async def test_who_stood_still_asks_again_before_it_decides(
    tmp_path: Path, database: str, small_registry: Registry, broker
) -> None:
    async with machine(tmp_path / "one", database, small_registry, broker.url(), f"fg/v1/{tmp_path.name}") as one:
        await one.lead()
        one.desk._ran_at -= 60
        with pytest.RaisesGroup(Stalled):
            await asyncio.wait_for(asyncio.shield(one.running), 10)  # type: ignore[arg-type]
        await one.lead()
        assert one.desk.epoch == 1, "nobody else has led"


async def test_without_the_database_a_folder_that_never_led_waits_and_one_that_did_goes_on(
    tmp_path: Path, database: str, small_registry: Registry, broker
) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    prefix = f"fg/v1/{tmp_path.name}"
    async with machine(tmp_path / "one", database, small_registry, broker.url(), prefix) as one:
        await one.lead()
        await one.desk.signal(fire(1), "message")
    async with machine(tmp_path / "one", nowhere, small_registry, broker.url(), prefix) as one:
        await asyncio.wait_for(one.lead(), 10)
    async with machine(tmp_path / "two", nowhere, small_registry, broker.url(), prefix) as two:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(two.lead(), 1)
    with sqlite3.connect(tmp_path / "two" / "journal.sqlite") as journal:
        assert journal.execute("SELECT count(*) FROM entries").fetchone() == (0,)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM ledger WHERE kind = 'led'").fetchone() == (0,)


async def test_who_holds_the_lock_unheard_and_says_nothing_to_the_database_holds_it_no_more(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "MUTE_S", 0.3)

    async def asked(rival: Heard, held: psycopg.Connection, *, speaking: bool) -> bool:
        claimant = Claimant(journal, database, Hands().clock, rival, "test")
        for _ in range(8):
            if speaking:
                held.execute("SELECT 1")
            if await claimant.claimed():
                return True
            await asyncio.sleep(0.1)
        return False

    with Journal(tmp_path / "desk") as journal, contextlib.suppress(psycopg.OperationalError):
        # as a process leaves it that stops between a flush and a commit: no idle timeout runs
        with psycopg.connect(database) as held, held.pipeline():
            held.execute("SET idle_in_transaction_session_timeout TO '200ms'")
            held.execute("SELECT pg_advisory_lock(7003, 1)").fetchone()
            assert not await asked(Heard(quiet=False), held, speaking=False), "who is heard is left alone"
            assert not await asked(Heard(quiet=True), held, speaking=True), "who speaks to the database is left alone"
            with pytest.MonkeyPatch.context() as patient:
                patient.setattr(claim, "MUTE_S", 1000.0)
                assert not await asked(Heard(quiet=True), held, speaking=False), "who has been mute for long only"
            assert await asked(Heard(quiet=True), held, speaking=False)
            held.execute("SELECT 1").fetchone()
        pytest.fail("the session has ended")


async def test_a_ledger_that_does_not_know_the_epoch_that_was_heard_goes_on_in_one_beyond_it(
    tmp_path: Path, database: str
) -> None:
    with Journal(tmp_path / "desk") as journal:
        clock = Hands().clock
        assert not await Claimant(journal, database, clock, Heard(quiet=False, named=4), "test").claimed()
        claimant = Claimant(journal, database, clock, Heard(quiet=True, named=4), "test")
        assert await claimant.claimed()
        assert claimant.state.epoch == 5
        assert rows(database, "SELECT kind FROM ledger") == [("led",)]


async def test_without_the_database_only_who_led_last_goes_on_while_nobody_names_a_newer_epoch(tmp_path: Path) -> None:
    async def goes_on(journal: Journal, named: int) -> bool:
        return await Claimant(journal, AWAY, Hands().clock, Heard(quiet=True, named=named), "test").claimed()

    content = Content(n=1, at=NOON, kind="policy", cause={}, facts=(PolicyInForce(name="p", digest="d"),), frames=())
    batch = Batch([seal(content, GENESIS)], (), (), (), NOON)
    with Journal(tmp_path / "led") as journal:
        assert not await goes_on(journal, 0), "it has never led"
        journal.append(batch)
        assert await goes_on(journal, 1)
        assert not await goes_on(journal, 2)
    with Journal(tmp_path / "followed") as journal:
        journal.mark_imported()
        journal.append(batch)
        assert not await goes_on(journal, 1), "another decided what it has"


async def test_what_was_decided_unheard_is_left_behind_also_where_the_other_has_decided_more(
    tmp_path: Path, database: str, small_registry: Registry
) -> None:
    hands = Hands()
    async with leading(tmp_path / "old", database, small_registry, hands) as desk:
        await desk.signal(fire(1), "message")
    async with leading(tmp_path / "old", AWAY, small_registry, hands) as desk:
        await desk.signal(fire(2, "S-1"), "message")
        ours = desk.last_entry()
    early = Hands()
    early.now -= timedelta(hours=1)
    with Journal(tmp_path / "new") as journal:
        assert await Claimant(journal, database, early.clock, Heard(quiet=True), "test").claimed()
    async with leading(tmp_path / "new", database, small_registry, Hands()) as desk:
        for number in range(3, 6):
            await desk.signal(fire(number, "S-1", event="fire" if number % 2 else "fire_restore"), "message")
        assert desk.last_entry() > ours
    times = [at for (at,) in rows(database, "SELECT at FROM ledger ORDER BY entry")]
    assert times == sorted(times), "who takes over with a clock that is behind does not go back in time"  # type: ignore[type-var]
    with Journal(tmp_path / "old") as journal:
        assert not await Claimant(journal, database, hands.clock, Heard(quiet=True), "test").claimed()
        assert rows(database, "SELECT entry FROM ledger_strays") == [(ours,)]
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE ledger SET prev = digest WHERE entry = 2")
    with Journal(tmp_path / "third") as journal, pytest.raises(Forked, match="does not follow"):
        await Claimant(journal, database, hands.clock, Heard(quiet=True), "test").claimed()


async def test_of_two_that_begin_on_an_empty_ledger_at_once_one_leads(
    tmp_path: Path, database: str, small_registry: Registry, broker
) -> None:
    prefix = f"fg/v1/{tmp_path.name}"
    async with contextlib.AsyncExitStack() as stack:
        both = [
            await stack.enter_async_context(machine(tmp_path / name, database, small_registry, broker.url(), prefix))
            for name in ("one", "two")
        ]
        claims = [asyncio.create_task(each.desk.start()) for each in both]
        await asyncio.wait(claims, timeout=1.0)
        assert [claim.done() for claim in claims].count(True) == 1, "it decides nothing yet, and leads"
        for claim in claims:
            claim.cancel()
        await asyncio.gather(*claims, return_exceptions=True)
        for each in both:
            await each.desk.drain.release()
