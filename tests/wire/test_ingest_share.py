"""A slot's share against a real broker: the session has it, and nothing of what was left, whatever was cut short."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.model import Gateway
from devices.registry import Registry
from ingest import division, share, slot
from ingest.link import Link
from ingest.share import Record, Share
from ingest.slot import Slot

_numbers = itertools.count()


class Yard:
    """Slots below `folder` that share a registry; `said` is what was published, `slots` says what each heard."""

    def __init__(self, broker, folder: Path) -> None:
        self.broker, self.folder = broker, folder
        self.prefix = f"fg/v1/_/share{next(_numbers)}"
        self.family = f"share{time.monotonic_ns()}"
        self.registry = Registry()
        self.group: str | None = None

    def register(self, *codes: str) -> None:
        self.registry = Registry(gateways={code: Gateway(code, code, "P-1") for code in codes})

    def slot(self, number: int) -> Slot:
        own = slot.folder_of(self.folder, number)
        own.mkdir(exist_ok=True)
        return Slot(number, own, self.family)

    def link(self, number: int) -> Link:
        return Link(self.broker.url(), self.slot(number).client_id, ())

    @asynccontextmanager
    async def sharing(self, number: int) -> AsyncIterator[Link]:
        link, own = self.link(number), self.slot(number)
        one = Share(self.folder, own, link, self.prefix, lambda: self.registry, self.group)
        await one.prepare()
        tasks = [asyncio.create_task(link.run()), asyncio.create_task(one.run())]
        try:
            yield link
        finally:
            tasks[1].cancel()
            await link.close()
            await asyncio.wait(tasks)

    async def until(self, **wanted: set[str]) -> None:
        """The slots `s0`, `s1` … say that they have these gateways (or `+`), and nothing more."""
        expected = {
            int(name[1:]): frozenset(f"{self.prefix}/{gateway}/{channel}" for gateway in gateways for channel in
                                     division.CHANNELS)
            for name, gateways in wanted.items()
        }  # fmt: skip
        await eventually(lambda: {number: record(self, number) for number in expected} == {
            number: Record(filters) for number, filters in expected.items()
        })  # fmt: skip

    async def heard(self, link: Link, *gateways: str) -> set[str]:
        """Of these gateways, those whose telemetry the session gets when they publish now."""
        word = b"%d" % next(_numbers)
        async with running(Link(self.broker.url(), "", ())) as other:
            for gateway in gateways:
                await other.publish(f"{self.prefix}/{gateway}/telemetry", word)
        link.subscribe([division.subscription(f"{self.prefix}/end/telemetry")])
        await link.subscribed.wait()
        found: set[str] = set()
        async with running(Link(self.broker.url(), "", ())) as other:
            await other.publish(f"{self.prefix}/end/telemetry", word)
            while "end" not in found:
                taken = await asyncio.wait_for(link.take(100), 10)
                link.acknowledge(taken)
                found |= {each.topic.split("/")[-2] for each in taken if each.payload == word}
        link.unsubscribe([f"{self.prefix}/end/telemetry"])
        return found - {"end"}


def record(yard: Yard, number: int) -> Record:
    return share.read(slot.folder_of(yard.folder, number))


async def eventually(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


@asynccontextmanager
async def running(link: Link) -> AsyncIterator[Link]:
    task = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        await link.close()
        await task


@pytest.fixture
def yard(broker, tmp_path: Path) -> Yard:
    broker.let_in({})
    return Yard(broker, tmp_path)


def readers(codes: list[str], slots: list[int]) -> dict[int, set[str]]:
    owners = division.owners(codes, slots)
    return {number: {code for code in codes if owners[code] == number} for number in slots}


async def test_gateways_that_come_and_go_are_followed_by_the_slot_that_reads_them(yard: Yard) -> None:
    codes = [f"GW-{number}" for number in range(12)]
    yard.register(*codes[:10])
    async with yard.sharing(0) as first:
        await yard.until(s0={"+"})
        async with yard.sharing(1) as second:
            shares = readers(codes[:10], [0, 1])
            await yard.until(s0=shares[0], s1=shares[1])
            assert await yard.heard(first, *codes) == shares[0]
            assert await yard.heard(second, *codes) == shares[1]
            yard.register(*codes[2:])
            shares = readers(codes[2:], [0, 1])
            await yard.until(s0=shares[0], s1=shares[1])
            assert await yard.heard(first, *codes) == shares[0]
            assert await yard.heard(second, *codes) == shares[1]


async def test_nothing_is_left_while_the_slot_that_is_to_read_it_is_not_subscribed(yard: Yard) -> None:
    codes = [f"GW-{number}" for number in range(6)]
    yard.register(*codes)
    async with yard.sharing(0) as first:
        await yard.until(s0={"+"})
        yard.slot(1)
        mine = readers(codes, [0, 1])[0]
        await yard.until(s0={"+", *mine})
        await asyncio.sleep(1.5)
        assert await yard.heard(first, *codes) == set(codes)
        await yard.until(s0={"+", *mine})


async def test_what_a_killed_worker_was_leaving_is_left_by_the_next(yard: Yard) -> None:
    yard.register("GW-1", "GW-2")
    gone = f"{yard.prefix}/GW-OLD/telemetry"
    async with running(yard.link(0)) as link:
        link.subscribe([division.subscription(gone)])
        await link.subscribed.wait()
    share._write(yard.slot(0).folder, Record(perhaps=frozenset([gone])))
    async with yard.sharing(0) as link:
        await yard.until(s0={"+"})
        assert not link.holds(gone)
        link.unsubscribe([f"{yard.prefix}/+/telemetry"])
        await link.subscribed.wait()
        assert await yard.heard(link, "GW-OLD") == set()


async def test_what_a_killed_worker_had_is_kept_until_another_has_it(yard: Yard) -> None:
    codes = [f"GW-{number}" for number in range(6)]
    yard.register(*codes)
    async with yard.sharing(0):
        await yard.until(s0={"+"})
    yard.slot(1)
    shares = readers(codes, [0, 1])
    async with yard.sharing(0) as first:
        await yard.until(s0={"+", *shares[0]})
        assert await yard.heard(first, *codes) == set(codes)
        async with yard.sharing(1):
            await yard.until(s0=shares[0], s1=shares[1])


def test_half_a_file_is_no_file(tmp_path: Path) -> None:
    share._write(tmp_path, Record(frozenset(["a"])))
    assert share.read(tmp_path) == Record(frozenset(["a"]))
    (tmp_path / "subscribed.json").write_bytes(b'{"sure":["a"')
    assert share.read(tmp_path) == Record()
