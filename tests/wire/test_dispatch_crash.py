"""The process dies between any two steps of the desk, at everything it decides, and starts again: all is as if it had
not, and no screen misses a frame or has one twice.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import districts
import psycopg
import pytest
from desks import AWAY, STATION, Hands, fire, leading, reading, rows, until

from devices import database as databases
from devices import signal as signals
from devices.registry import Registry
from dispatch import desk as the_desk
from dispatch.desk import Desk
from dispatch.facts.entry import read
from dispatch.inlet.cause import Decided
from dispatch.ledger import drain, journal
from dispatch.ledger.audit import Audit
from dispatch.ledger.claim import Claimant
from dispatch.ledger.drain import Drain
from dispatch.ledger.journal import Journal
from dispatch.ledger.projection import TABLES
from dispatch.ledger.rebuild import Rebuild
from dispatch.state import fold
from dispatch.state.state import State

SIGNALS = [fire(1), fire(2, "S-1"), reading(3)]


class Died(BaseException):
    """Nothing of the process runs any more."""


class Screens(Hands):
    """Screens of everybody, which outlive the process. Each takes only the frame that follows its last."""

    def __init__(self) -> None:
        super().__init__()
        self.last: dict[str, int] = {}

    def deliver(self, recipient: str, seq: int, data: bytes, orders: tuple[str, ...]) -> None:
        assert seq == self.last.get(recipient, 0) + 1, f"{recipient} had {self.last.get(recipient, 0)}, then {seq}"
        self.last[recipient] = seq
        super().deliver(recipient, seq, data, orders)

    def resume(self, desk: Desk) -> None:
        for recipient in sorted({*self.last, *desk._out}):
            missed = desk.frames_after(recipient, self.last.get(recipient, 0))
            assert missed is not None, f"{recipient} cannot resume after {self.last.get(recipient, 0)}"
            for seq, data in missed:
                Screens.deliver(self, recipient, seq, data, ())


class Death:
    """Comes once whenever it is `awaited`, at one point; only once that was passed `passes` times."""

    def __init__(self, passes: int = 0) -> None:
        self.awaited = False
        self.came = 0
        self._passes = passes

    def come(self) -> None:
        if self.awaited and self._passes:
            self._passes -= 1
        elif self.awaited:
            self.awaited = False
            self.came += 1
            raise Died

    def wait_at(self, patch: pytest.MonkeyPatch, owner: Any, name: str, when: str) -> None:
        real = getattr(owner, name)

        @wraps(real)
        def plain(*given: Any, **named: Any) -> Any:
            if when == "before":
                self.come()
            answer = real(*given, **named)
            if when == "after":
                self.come()
            return answer

        @wraps(real)
        async def awaited(*given: Any, **named: Any) -> Any:
            if when == "before":
                self.come()
            answer = await real(*given, **named)
            if when == "after":
                self.come()
            return answer

        @wraps(real)
        def half(transaction: Any, kind: Any, error: Any, trace: Any) -> None:
            if kind is None and self.awaited:
                real(transaction, Died, error, trace)
                self.come()
            real(transaction, kind, error, trace)

        patch.setattr(owner, name, half if when == "half" else awaited if inspect.iscoroutinefunction(real) else plain)


ANYWHERE = {
    "decided, not journaled": (Journal, "append", "before"),
    "written, not committed to the journal": (journal._transaction, "__exit__", "half"),
    "journaled": (Journal, "append", "after"),
    "about to be put to the drain": (Desk, "_drain", "before"),
    "put to the drain": (Desk, "_drain", "after"),
    "marked as handled": (Drain, "mark", "after"),
    "about to be answered": (Decided, "tell", "before"),
    "answered": (Decided, "tell", "after"),
    "waited for the database": (Drain, "reached", "after"),
    "about to be handed to a screen": (Screens, "deliver", "before"),
    "handed to the first screen": (Screens, "deliver", "after"),
    "received, not recorded": (Desk, "received", "before"),
    "about to keep a snapshot": (Journal, "keep_snapshot", "before"),
    "snapshot kept": (Journal, "keep_snapshot", "after"),
    "old frames dropped": (Journal, "forget", "after"),
}
"""Between two steps that need no database; the desk may have one or not."""
UNFOLLOWED = (
    "decided, not journaled",
    "journaled",
    "answered",
    "waited for the database",
    "handed to the first screen",
    "snapshot kept",
)
"""Of these what is worth trying again without one."""
FOLLOWED = {
    "about to be inserted": (drain, "_insert", "before"),
    "inserted, not committed": (drain, "_insert", "after"),
    "committed, position behind": (Drain, "_advance", "before"),
    "position advanced": (Drain, "_advance", "after"),
}
"""Between two steps of the drain."""


class Life:
    """What happens outside: each step is tried again by whoever got no answer, as the sweep and people do."""

    def __init__(self, screens: Screens, *, at_receipt: bool = False) -> None:
        self.screens = screens
        self.answered: set[str] = set()
        self.quiet = {self._other}
        """Steps that nobody dies at: what they pass through others have."""
        if not at_receipt:
            self.quiet.add(self._received)
        self.steps: list[Callable[[Desk], Awaitable[None]]] = [
            self._fire,
            self._received,
            self._press("acknowledge", "door code is with the guard"),
            self._tidy,
            self._lapse,
            self._other,
        ]

    def require_kept(self, desk: Desk) -> None:
        state = desk._state
        have = {*state.signals, *state.refs, *(one.id for one in SIGNALS if desk._known(one))}
        assert self.answered <= have, f"lost: {self.answered - have}"

    async def _fire(self, desk: Desk) -> None:
        await self._signal(desk, 0)
        await until(lambda: self.screens.last.get("station:ST-1", 0) > 0)

    async def _other(self, desk: Desk) -> None:
        await asyncio.gather(self._signal(desk, 1), self._signal(desk, 2))

    async def _signal(self, desk: Desk, number: int) -> None:
        await desk.signal(SIGNALS[number], "message")
        self.answered.add(SIGNALS[number].id)

    async def _received(self, desk: Desk) -> None:
        orders = [str(one["id"]) for one in desk.open_orders("station:ST-1")]
        await desk.sent("station:ST-1", orders)
        await desk.received("station:ST-1", self.screens.last["station:ST-1"])

    def _press(self, action: str, note: str | None) -> Callable[[Desk], Awaitable[None]]:
        async def press(desk: Desk) -> None:
            outcome = await desk.act(STATION, "O-000001", action, f"ref-{action}", note, None)
            assert outcome.ok, outcome.error
            self.answered.add(f"station:ST-1 ref-{action}")

        return press

    async def _tidy(self, desk: Desk) -> None:
        await desk.tidy()

    async def _lapse(self, desk: Desk) -> None:
        self.screens.now = fire(1).ts + timedelta(seconds=61)
        await until(lambda: any(one["state"] == "lapsed" for one in desk.orders()))


async def live(folder: Path, url: str, registry: Registry, life: Life, death: Death) -> State:
    """Every step was done; `death`, if it has a point, came once at each that passes there. The state afterwards."""
    state = State()
    left = list(life.steps)
    fresh = True
    while left:
        with _killed(death):
            async with leading(folder, url, registry, life.screens) as desk:
                life.screens.resume(desk)
                life.require_kept(desk)
                while left and desk.leading():
                    death.awaited, fresh = fresh and left[0] not in life.quiet, False
                    await _attempt(desk, left[0])
                    death.awaited = False
                    if desk.leading():
                        left.pop(0)
                        fresh = True
                state = desk._state
    return state


async def _attempt(desk: Desk, step: Callable[[Desk], Awaitable[None]]) -> None:
    """The step is done, and all that follows from it, or the process is dead. Raises Died when the step itself did."""

    async def whole() -> None:
        await step(desk)
        await until(lambda: not (desk.busy() or desk.behind()))

    trying = asyncio.create_task(whole())
    await until(lambda: trying.done() or not desk.leading())
    trying.cancel()
    (outcome,) = await asyncio.gather(trying, return_exceptions=True)
    if outcome is not None and not isinstance(outcome, asyncio.CancelledError):
        raise outcome


@contextmanager
def _killed(death: Death) -> Iterator[None]:
    before = death.came
    try:
        yield
    except Died:
        assert death.came > before
    except BaseExceptionGroup as group:
        if group.split(Died)[1] is not None:
            raise


def gist(state: State) -> dict[str, list[tuple[object, ...]]]:
    """What was decided, but for entry and frame numbers."""
    return {
        "alarms": [(one.id, one.device, one.state, one.incident) for one in state.alarms.values()],
        "incidents": [(one.id, one.place, tuple(one.alarms), one.opened_at) for one in state.incidents.values()],
        "orders": [
            (one.id, one.drafted.incident, one.drafted.recipient, one.drafted.kind, one.drafted.reason, one.state)
            for one in state.orders.values()
        ],
    }


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "RETRY_S", 0.01)
    monkeypatch.setattr(the_desk, "SNAPSHOT_EVERY", 1)


@pytest.fixture
def emptied(module_database: str) -> Iterator[str]:
    """URL of a database without rows of a desk."""
    yield module_database
    with psycopg.connect(module_database) as connection:
        for table in (*TABLES, "ledger", "ledger_notes", "ledger_head", "signals"):
            connection.execute(f"DELETE FROM {table}")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[object, ...]]]:
    """The same life without a death."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return gist(asyncio.run(live(folder, AWAY, districts.small(), Life(Screens()), Death())))


async def require_ledger(url: str, state: State) -> dict[str, list[int]]:
    """The database's ledger is whole and the state its fold; recipient -> frame numbers that it gives."""
    audit, folded = Audit(), State()
    told: dict[str, list[int]] = {}
    for number, prev, digest, body in rows(url, "SELECT entry, prev, digest, body FROM ledger ORDER BY entry"):
        content = audit.take(int(str(number)), bytes(prev), bytes(digest), bytes(body))
        fold.apply(folded, read(bytes(body), bytes(prev)))
        for frame in content.frames:
            told.setdefault(frame.recipient, []).append(frame.seq)
    assert folded == state
    return told


async def require_whole(url: str, registry: Registry, state: State, screens: Screens) -> None:
    """As `require_ledger`; the screens had the frames it numbers, and its projections are what it gives."""
    told = await require_ledger(url, state)
    had: dict[str, list[int]] = {}
    for recipient, seq, _ in screens.frames:
        had.setdefault(recipient, []).append(seq)
    assert had == told
    async with await databases.connect(url, "test") as connection:
        found = await Rebuild(connection, registry).run()
    assert {table: mended for table, (_, mended) in found.items()} == dict.fromkeys(TABLES, 0)


def sent_in(url: str) -> None:
    """Ingest has written its signals."""
    with psycopg.connect(url) as connection:
        for one in SIGNALS:
            connection.execute(
                "INSERT INTO signals (id, received_at, body) VALUES (%s, %s, %s)",
                (one.id, one.received_at, signals.encode(one)),
            )


def all_handled(url: str) -> bool:
    return not rows(url, "SELECT id FROM signals WHERE handled_at IS NULL")


@pytest.mark.parametrize(
    ("base", "point"),
    [("here", one) for one in ANYWHERE | FOLLOWED] + [("in doubt", one) for one in ("journaled", *FOLLOWED)],
)
async def test_a_death_between_two_steps_changes_nothing_while_the_database_follows(
    tmp_path: Path,
    emptied: str,
    small_registry: Registry,
    monkeypatch: pytest.MonkeyPatch,
    undisturbed: dict[str, list[tuple[object, ...]]],
    base: str,
    point: str,
) -> None:
    if base == "in doubt":
        _lose_answers(monkeypatch)
    death, screens = Death(), Screens()
    death.wait_at(monkeypatch, *(ANYWHERE | FOLLOWED)[point])
    sent_in(emptied)
    state = await live(
        tmp_path / "desk", emptied, small_registry, Life(screens, at_receipt=point.startswith("received")), death
    )
    assert death.came
    assert gist(state) == undisturbed
    async with leading(tmp_path / "desk", emptied, small_registry, screens) as desk:
        screens.resume(desk)
        for one in SIGNALS:
            await desk.signal(one, "sweep")
        await until(lambda: all_handled(emptied))
        state = desk._state
    await require_whole(emptied, small_registry, state, screens)


def _lose_answers(patch: pytest.MonkeyPatch) -> None:
    """Every second transaction's answer is lost with its connection, before or after the database has it."""
    lost = psycopg.OperationalError("the connection is lost")
    insert, advance = drain._insert, Drain._advance
    count = 0

    async def inserted(*given: Any) -> None:
        nonlocal count
        await insert(*given)
        count += 1
        if count % 4 == 1:
            raise lost

    async def advanced(self: Drain, position: int) -> None:
        if count % 4 == 3:
            raise lost
        await advance(self, position)

    patch.setattr(drain, "_insert", inserted)
    patch.setattr(Drain, "_advance", advanced)


@pytest.mark.parametrize("point", UNFOLLOWED)
async def test_a_death_between_two_steps_changes_nothing_while_the_database_is_away(
    tmp_path: Path,
    emptied: str,
    small_registry: Registry,
    monkeypatch: pytest.MonkeyPatch,
    undisturbed: dict[str, list[tuple[object, ...]]],
    point: str,
) -> None:
    death, screens = Death(), Screens()
    death.wait_at(monkeypatch, *ANYWHERE[point])
    state = await live(
        tmp_path / "desk", AWAY, small_registry, Life(screens, at_receipt=point.startswith("received")), death
    )
    assert death.came
    assert gist(state) == undisturbed
    async with leading(tmp_path / "desk", emptied, small_registry, screens) as desk:
        screens.resume(desk)
        state = desk._state
    await require_whole(emptied, small_registry, state, screens)


class Silent:
    """Nothing is heard of another desk, for long enough."""

    def silent(self) -> bool:
        return True

    def epoch(self) -> int:
        return 0


TAKING_OVER = {
    "journal marked as imported": (Journal, "mark_imported", "after", 0),
    "ledger read, not journaled": (Journal, "append", "before", 0),
    "ledger journaled": (Journal, "append", "after", 0),
    "about to begin a sequence": (Journal, "begin_stream", "before", 0),
    "sequence begun": (Journal, "begin_stream", "after", 0),
    "in the ledger, not in the journal": (Journal, "append", "before", 1),
    "in both": (Journal, "append", "after", 1),
}
"""Between two steps of a desk that follows another one; and how often the point is passed before that."""


@pytest.mark.parametrize("point", TAKING_OVER)
async def test_a_death_while_taking_over_leaves_one_leader_with_everything(
    tmp_path: Path, emptied: str, small_registry: Registry, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    screens, owner, name, when, passes = Screens(), *TAKING_OVER[point]
    async with leading(tmp_path / "old", emptied, small_registry, screens) as desk:
        await desk.signal(SIGNALS[0], "message")
        await desk.signal(SIGNALS[1], "message")
        before = gist(desk._state)
    death = Death(passes)
    death.wait_at(monkeypatch, owner, name, when)
    death.awaited = True
    with pytest.raises(Died), Journal(tmp_path / "new") as kept:
        await Claimant(kept, emptied, screens.clock, Silent(), "test").claimed()
    with Journal(tmp_path / "new") as kept:
        claim = Claimant(kept, emptied, screens.clock, Silent(), "test")
        assert await claim.claimed()
        assert (claim.state.epoch, claim.state.stream) == (2, kept.stream)
    fresh = Hands()
    async with leading(tmp_path / "new", emptied, small_registry, fresh) as desk:
        assert gist(desk._state) == before
        for one in SIGNALS[:2]:
            await desk.signal(one, "sweep")
        await until(lambda: not (desk.busy() or desk.behind()))
        assert gist(desk._state) == before
        assert desk.frames_after("station:ST-1", 0) is not None
        state = desk._state
    assert rows(emptied, "SELECT count(*) FROM ledger WHERE kind = 'led'") == [(1,)]
    await require_ledger(emptied, state)
