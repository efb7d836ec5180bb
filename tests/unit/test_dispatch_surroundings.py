"""What stands around the desk: messages are acknowledged once decided, and ingest is told whom to watch."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import pytest
from desks import fire

from devices import signal as signals
from devices.signal import Signal
from dispatch import watch
from dispatch.inlet import intake


@dataclass(frozen=True)
class Message:
    payload: bytes


class Tape:
    """A link that hands over what it holds, then is held."""

    def __init__(self, *batches: list[Message]) -> None:
        self.batches = list(batches)
        self.calm = False
        self.acknowledged: list[Message] = []

    def patient(self) -> bool:
        """As a link is that has nothing but faults."""
        return self.calm and bool(self.batches)

    async def take(self, limit: int) -> list[Message]:
        assert limit == intake.AT_MOST
        return self.batches.pop(0) if self.batches else []

    def acknowledge(self, deliveries: Iterable[Message]) -> None:
        self.acknowledged.extend(deliveries)


class Slow:
    """A desk that decides when it is told to."""

    def __init__(self, *, at_once: bool = False) -> None:
        self.at_once = at_once
        self.waiting: dict[str, asyncio.Future[None]] = {}
        self.burning = False

    def pressing(self) -> bool:
        return self.burning

    def take(self, one: Signal, came_by: str) -> asyncio.Future[None]:
        assert came_by == "message"
        self.waiting[one.id] = asyncio.get_running_loop().create_future()
        if self.at_once:
            self.waiting[one.id].set_result(None)
        return self.waiting[one.id]


async def _turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_all_messages_are_before_the_desk_at_once_and_acknowledged_in_order_once_decided() -> None:
    batches = [[Message(signals.encode(fire(1))), Message(signals.encode(fire(2)))], [Message(signals.encode(fire(3)))]]
    tape, desk = Tape(*batches), Slow()
    running = asyncio.create_task(intake.run(tape, desk))
    await _turns()
    assert list(desk.waiting) == ["e:1", "e:2", "e:3"]
    desk.waiting["e:3"].set_result(None)  # the most pressing one first
    await _turns()
    assert tape.acknowledged == []
    desk.waiting["e:1"].set_result(None)
    await _turns()
    assert not running.done()
    desk.waiting["e:2"].set_result(None)
    await running
    assert tape.acknowledged == [one for batch in batches for one in batch]


async def test_what_is_no_fire_is_left_unread_while_fires_wait_but_not_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(intake, "LOOK_S", 0)
    monkeypatch.setattr(intake, "monotonic", lambda: now)
    tape, desk = Tape(*([Message(signals.encode(fire(n)))] for n in (1, 2, 3))), Slow(at_once=True)
    tape.calm = desk.burning = True
    running = asyncio.create_task(intake.run(tape, desk))
    await _turns()
    assert list(desk.waiting) == []
    now += intake.HOLD_S
    await _turns()
    assert list(desk.waiting) == ["e:1"], "one piece, then it is held again"
    tape.calm = False  # one that looks like a fire has come
    await _turns()
    assert list(desk.waiting) == ["e:1", "e:2", "e:3"]
    await running


@pytest.mark.parametrize("payload", [b"", b"[]", b"\xff", b'{"id":1}'])
async def test_a_message_that_is_no_signal_is_acknowledged_and_stops_nobody(payload: bytes) -> None:
    batch = [Message(payload), Message(signals.encode(fire(1)))]
    tape, desk = Tape(batch), Slow(at_once=True)
    await intake.run(tape, desk)
    assert list(desk.waiting) == ["e:1"]
    assert tape.acknowledged == batch


async def _told(watched: list[set[str]], rounds: int) -> list[list[str]]:
    """What is published while the desk's watch set is each of `watched` in turn."""
    told: list[list[str]] = []
    looks = 0

    def current() -> set[str]:
        nonlocal looks
        looks += 1
        return watched[min(looks - 1, len(watched) - 1)]

    async def publish(topic: str, payload: bytes) -> None:
        assert topic == "fg/v1/_/watch"
        told.append(msgspec.json.decode(payload))

    running = asyncio.create_task(watch.run("fg/v1", current, publish))
    while looks < rounds:  # noqa: ASYNC110 - each look is one turn of the loop
        await asyncio.sleep(0)
    running.cancel()
    return told


async def test_the_watch_set_is_told_at_once_and_when_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_S", 0)
    assert await _told([set(), {"S-1"}, {"S-1"}, {"S-2", "S-1"}], 10) == [[], ["S-1"], ["S-1", "S-2"]]


async def test_the_watch_set_is_told_again_to_a_broker_that_may_have_lost_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_S", 0)
    monkeypatch.setattr(watch, "AGAIN_S", 0)
    told = await _told([{"S-1"}], 5)
    assert told.count(["S-1"]) >= 4
