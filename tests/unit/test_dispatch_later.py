"""While fires and presses wait, rows for the database are made later, piece by piece; nothing is left out."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from desks import AWAY

from dispatch import desk as the_desk
from dispatch.desk import LATER_S, PIECE, STALL_S, UNWRITTEN, Desk, Stalled
from dispatch.facts.entry import GENESIS, Content, seal
from dispatch.facts.fact import PolicyInForce
from dispatch.inlet.cause import Cause, Decided, Rank
from dispatch.ledger.journal import Journal

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Bench:
    """A desk that decides nothing, whose drain takes what it is given. `pieces`: the entries of each drop."""

    def __init__(self, desk: Desk, patch: pytest.MonkeyPatch) -> None:
        self.desk = desk
        self.now = 100.0
        self.pieces: list[list[int]] = []
        self.waited: list[int] = []
        self.meanwhile: list[Cause] = []
        """Comes while the first piece is made."""
        patch.setattr(the_desk, "monotonic", lambda: self.now)
        patch.setattr(the_desk, "project", self._project)
        patch.setattr(desk.drain, "following", lambda: True)
        patch.setattr(desk.drain, "put", self.pieces.append)
        patch.setattr(desk.drain, "reached", self._reached)
        desk._ran_at = self.now

    def _project(self, _state: Any, _registry: Any, entries: list[Any], _notes: Any) -> list[int]:
        if self.meanwhile:
            self.press()
            self.meanwhile.pop()
        return [one.content.n for one in entries]

    async def _reached(self, n: int, _within_s: float) -> bool:
        self.waited.append(n)
        return True

    def press(self) -> None:
        """A person has pressed, and waits."""
        self.desk._inbox.put(_pressing())

    def taken(self) -> None:
        """All that waited was taken to be decided."""
        while self.desk._inbox.pop() is not None:
            pass

    async def decide(self, first: int, last: int) -> None:
        """These entries were decided and are on disk."""
        await self.desk._drain([decided(n) for n in range(first, last + 1)])

    @property
    def given(self) -> list[int]:
        """The entries that the drain has, in order."""
        return [n for piece in self.pieces for n in piece]


def _pressing() -> Cause:
    return Cause("action", {}, lambda _turn: None, rank=Rank.PRESSING)


def decided(n: int) -> Decided:
    content = Content(n=n, at=NOON, kind="policy", cause={}, facts=(PolicyInForce(name="p", digest="d"),), frames=())
    return Decided(_pressing(), None, seal(content, GENESIS))


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    world: Any = SimpleNamespace(registry=None)
    with Journal(tmp_path / "desk") as journal:
        yield Bench(Desk(journal, AWAY, lambda: world, lambda: NOON), monkeypatch)


async def test_nothing_waits_so_rows_are_made_at_once(bench: Bench) -> None:
    await bench.decide(1, 3)
    assert bench.pieces == [[1, 2, 3]]


async def test_a_press_waits_so_rows_do_and_none_is_left_out(bench: Bench) -> None:
    bench.press()
    await bench.decide(1, 2 * PIECE)
    await bench.decide(2 * PIECE + 1, 2 * PIECE + 50)
    assert bench.pieces == []
    bench.taken()
    await bench.decide(2 * PIECE + 51, 2 * PIECE + 51)
    assert [len(piece) for piece in bench.pieces] == [PIECE, PIECE, 51]
    assert bench.given == list(range(1, 2 * PIECE + 52))


async def test_rows_that_waited_long_are_made_a_piece_a_turn_though_presses_go_on(bench: Bench) -> None:
    bench.press()
    await bench.decide(1, 3 * PIECE)
    bench.now += LATER_S
    await bench.decide(3 * PIECE + 1, 3 * PIECE + 1)
    assert bench.pieces == [], "not longer than that yet"
    bench.now += 0.001
    await bench.decide(3 * PIECE + 2, 3 * PIECE + 2)
    assert bench.given == list(range(1, PIECE + 1))
    await bench.decide(3 * PIECE + 3, 3 * PIECE + 3)
    assert bench.given == list(range(1, 2 * PIECE + 1))


async def test_the_wait_begins_anew_once_all_is_given(bench: Bench) -> None:
    bench.press()
    await bench.decide(1, 1)
    bench.now += LATER_S + 1
    await bench.decide(2, 2)
    assert bench.given == [1, 2]
    await bench.decide(3, 3)
    assert bench.given == [1, 2]
    bench.now += LATER_S + 1
    await bench.decide(4, 4)
    assert bench.given == [1, 2, 3, 4]


async def test_rows_that_became_many_are_made_though_presses_go_on(bench: Bench) -> None:
    bench.press()
    await bench.decide(1, UNWRITTEN)
    assert bench.pieces == []
    await bench.decide(UNWRITTEN + 1, UNWRITTEN + 1)
    assert bench.given == list(range(1, PIECE + 1))


async def test_a_press_that_comes_between_two_pieces_goes_first(bench: Bench) -> None:
    bench.meanwhile.append(_pressing())
    await bench.decide(1, 3 * PIECE)
    assert bench.given == list(range(1, PIECE + 1))


async def test_between_two_pieces_others_have_their_turn(bench: Bench) -> None:
    seen: list[int] = []

    async def other() -> None:
        seen.append(len(bench.pieces))

    turn = asyncio.create_task(other())
    await bench.decide(1, 3 * PIECE)
    await turn
    assert seen == [1]


async def test_effects_wait_for_the_database_only_where_it_was_given_the_entry(bench: Bench) -> None:
    heard: list[int] = []
    bench.desk.listen(lambda _recipient, seq, _data, _orders: heard.append(seq))
    effecting = asyncio.create_task(bench.desk._take_effect())
    for n in (1, 2):
        bench.desk._effects.put_nowait((bench.now, [one := decided(n)]))
        if n == 1:
            await bench.desk._drain([one])
            bench.press()
        else:
            await bench.desk._drain([one])
        await asyncio.wait_for(asyncio.shield(one.cause.answer), 5)
    effecting.cancel()
    assert bench.waited == [1]
    assert bench.desk._effective == 2


async def test_a_row_that_cannot_be_made_is_the_drains_to_read_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed: list[bool] = []
    monkeypatch.setattr(bench.desk.drain, "miss", lambda: missed.append(True))
    monkeypatch.setattr(the_desk, "project", lambda *_: 1 / 0)
    await bench.decide(1, PIECE + 1)
    assert missed == [True, True]
    assert bench.desk._unwritten == []


async def test_what_was_decided_before_a_long_stop_takes_no_effect_after_it(bench: Bench) -> None:
    one = decided(1)
    bench.desk._effects.put_nowait((bench.now, [one]))
    bench.now += STALL_S + 0.1
    with pytest.raises(Stalled):
        await asyncio.wait_for(bench.desk._take_effect(), 5)
    assert bench.desk._effective == 0
    assert not one.cause.answer.done()
