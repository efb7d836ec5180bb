"""The desk: the one writer. Causes come in, each is decided, journaled, followed by the database, and takes effect."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

import msgspec
import structlog

from devices.signal import Signal
from dispatch import escalation, flood, metrics
from dispatch.alarms import sensing
from dispatch.counter import Counter
from dispatch.escalation import Due
from dispatch.facts.actor import Outcome
from dispatch.facts.entry import Content, Entry, Frame, seal
from dispatch.facts.fact import Imported, PolicyInForce
from dispatch.facts.order import OrderState
from dispatch.inlet import cause as causes
from dispatch.inlet.cause import Cause, Decided, Rank
from dispatch.inlet.inbox import Inbox
from dispatch.inlet.seen import Seen
from dispatch.ledger.claim import Claimant, Rival
from dispatch.ledger.drain import NAME, Drain
from dispatch.ledger.journal import Batch, Journal, KeptFrame
from dispatch.ledger.projection import Drop, notes_named, project
from dispatch.presses import pressing
from dispatch.recall import Recall
from dispatch.state import finding, fold
from dispatch.state.state import State
from dispatch.state.steady import Steady
from dispatch.turn import Turn
from dispatch.views import view
from dispatch.world import World

log = structlog.get_logger()

DATABASE_WAIT_S = 0.150
"""Effects wait for the database no longer than this (DESIGN decision 7)."""
CLAIM_S = 0.2
"""So often it is asked whether another desk still leads."""
STALL_S = 4.0
"""A process that stood still for so long asks again before it decides: its beat is missed after five seconds."""
TICK_S = 0.1
AT_LEAST_S = 0.001
"""What falls due is looked for no more often, in real seconds: however fast the clock runs, others have their turn."""
TIDY_S = 10.0
BATCH = 200
TURN_S = 0.05
"""Causes are decided together until one fsync is due: at most `BATCH`, begun within this many real seconds."""
LATER_S, UNWRITTEN, PIECE = 5.0, 5000, 100
"""While fires and presses wait, entries wait for the database about so many real seconds at most, and about so many;
rows are made for so many at a time.
"""
AGAIN_S = 10.0
"""What failed to be decided rests for so many real seconds before it is tried again."""
SNAPSHOT_EVERY = 500


class Stalled(Exception):  # noqa: N818 - it says what is the case
    """The process stood still for so long that another may have been taken for the leader."""


class Desk(Counter, Recall):
    """Alarms, incidents and orders of one district, kept by one process (DESIGN decisions 6 to 9).

    `world` gives what decisions look out on, as of now; `rate` seconds of `clock` pass in a real one.
    First `start`, then `run`. Reading methods answer from memory.
    """

    def __init__(
        self,
        journal: Journal,
        database_url: str,
        world: Callable[[], World],
        clock: Callable[[], datetime],
        rate: float = 1.0,
    ) -> None:
        Counter.__init__(self)
        Recall.__init__(self, journal, world)
        self._url = database_url
        self._now = Steady(clock)
        self._rate = rate
        self._decided = asyncio.Event()
        self._ticked_at = self._now()
        self._state = State()
        self._inbox = Inbox()
        self._effects: asyncio.Queue[tuple[float, list[Decided]]] = asyncio.Queue()
        self._seen = Seen({})
        self._pending: list[Entry] = []
        self._unwritten: list[Decided] = []
        self._unwritten_since = 0.0
        self._offered = 0
        self._undurable: set[str] = set()
        self._due: set[str] = set()
        self._failed: dict[str, float] = {}
        self._writing = asyncio.Lock()
        self._snapshot_at = 0
        self._effective = 0
        self._leading = False
        self._ran_at = monotonic()
        self.stream = journal.stream
        self.screens: Callable[[str], int] = lambda _recipient: 0
        self.drain = Drain(database_url, self.stream, self._digest_of, self._catch_up, self._now, lambda: self.epoch)
        self.rival: Rival | None = None
        self.database_wait_s = DATABASE_WAIT_S
        """Real seconds at most that effects wait for a database that answers."""
        self.took_effect = asyncio.Event()
        """Set whenever something has taken effect; cleared by who waits for it."""

    # ---- starting and running

    async def start(self) -> None:
        """The desk is to lead; its state is what the journal says, and what the database says beyond it.

        Waits for as long as another leads. Raises Forked when the two ledgers do not continue one another.
        """
        claim = Claimant(self._journal, self._url, self._now, self.rival, NAME)
        waiting = False
        while not await claim.claimed(self.drain.adopt):
            if not waiting:
                log.info("another_leads", epoch=claim.state.epoch)
                waiting = True
            await asyncio.sleep(CLAIM_S)
        self._state, self._snapshot_at = claim.state, claim.snapshot_at
        self.stream = self.drain.stream = self._journal.stream
        self._seen = Seen(self._journal.seen())
        if self._state.last_at is not None:
            self._now.not_before(self._state.last_at)
        self._out = dict(self._state.seqs)
        self._effective = self._state.last_entry
        log.info("desk_started", entry=self._state.last_entry, open_incidents=len(self._open_incidents()))

    @property
    def epoch(self) -> int:
        """How often the ledger has gone from one desk to another, from 1."""
        return self._state.epoch

    async def run(self) -> None:
        """Leads until cancelled; any part that fails ends it.

        Raises Forked, Superseded, Stalled, sqlite3.Error: nothing more is decided then.
        """
        self._declare()
        self._ran_at = monotonic()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._turns())
                group.create_task(self._take_effect())
                group.create_task(self._ticks())
                group.create_task(self._pulse())
                group.create_task(self.drain.run())
                self._leading = True
        finally:
            self._leading = False
            await self.drain.release()

    def _declare(self) -> None:
        """The ledger says by which policy is decided from here on, before anything is decided by it."""
        policy = self._world().policy
        if policy.digest and policy.digest != self._state.policy:
            about = {"policy": policy.name, "digest": policy.digest}
            told = PolicyInForce(name=policy.name, digest=policy.digest)
            self._inbox.put(Cause("policy", about, lambda turn: turn.add(told), "policy", rank=Rank.PRESSING))

    async def rest(self, within_s: float) -> None:
        """What came in has taken effect and is in the database, or `within_s` real seconds have passed, or `run` has
        ended and nothing more can happen.
        """
        until = monotonic() + within_s
        while self._leading and (self.busy() or self.behind()) and monotonic() < until:  # noqa: ASYNC110 - many things
            await asyncio.sleep(0.01)

    def busy(self) -> bool:
        """True while something waits to be decided, to be on disk or to take effect."""
        waiting = bool(self._pending) or bool(self._inbox) or not self._effects.empty()
        return waiting or self._effective < self._state.last_entry

    def behind(self) -> int:
        """How many entries a database that answers does not have yet."""
        return self._state.last_entry - self.drain.position if self.drain.connected else 0

    def leading(self) -> bool:
        """True while this process decides."""
        return self._leading

    async def _turns(self) -> None:
        while True:
            cause = await self._inbox.get()
            started = monotonic()
            self._require_awake()
            decided = [self._decide(cause)]
            while len(decided) < BATCH and monotonic() - started < TURN_S and (more := self._inbox.pop()) is not None:
                decided.append(self._decide(more))
            await self._keep(decided)
            metrics.turn_seconds.observe(monotonic() - started)
            for one in decided:
                if one.cause.at_once:
                    one.tell()
            self._effects.put_nowait((monotonic(), decided))
            self._decided.set()
            self.drain.mark([one.handled for one in decided if one.handled is not None])
            await self._drain(decided)

    def _decide(self, cause: Cause) -> Decided:
        if cause.key is not None:
            self._due.discard(cause.key)
        world = self._world()
        turn = Turn(world, self._state, self._now())
        try:
            answer = cause.decide(turn)
            return self._conclude(cause, turn, answer)
        except Exception:
            log.exception("decision_failed", kind=cause.kind, about=cause.about)
            metrics.failed.labels(cause.kind).inc()
            if cause.key is not None:
                self._failed[cause.key] = monotonic()
            self._undo()
            return Decided(cause, Outcome(ok=False, error="the desk could not decide this; its log says why"))

    def _conclude(self, cause: Cause, turn: Turn, answer: Any) -> Decided:  # noqa: ANN401 - the cause's answer
        """The turn is an entry with all that follows from it; until the last step nothing of it stays if one fails."""
        state = turn.state
        flood.watch(turn)
        frames = turn.frames() if turn.facts or cause.kind == "frames" else ()
        if not turn.facts and not frames:
            return self._unchanged(cause, answer)
        content = Content(
            n=state.last_entry + 1,
            at=turn.now,
            kind=cause.kind,
            cause=cause.about,
            facts=tuple(turn.facts),
            frames=frames,
        )
        entry = seal(content, state.last_digest)
        fold.finish(state, entry)
        scenes: view.Scenes = {}
        kept = [self._render(frame, turn.world, scenes) for frame in frames]
        self._pending.append(entry)
        if cause.signal is not None:
            self._undurable.add(cause.signal.id)
        metrics.count(entry, state)
        return Decided(cause, answer, entry, kept)

    def _unchanged(self, cause: Cause, answer: Any) -> Decided:  # noqa: ANN401 - the cause's answer
        """Nothing came of it; a signal is remembered, unless it was before."""
        signal = cause.signal
        if signal is None:
            return Decided(cause, answer)
        if self._known(signal):
            return Decided(cause, answer, handled=signal.id)
        self._undurable.add(signal.id)
        return Decided(cause, answer, handled=signal.id, seen=self._seen.add(signal))

    def _undo(self) -> None:
        """After a failed decision the state is folded anew from the journal, which has only whole entries.

        Entries decided in the same batch are not on disk yet: they are kept aside and applied again.
        """
        claim = Claimant(self._journal, self._url, self._now, None, NAME)
        self._state, self._snapshot_at = claim.state, claim.snapshot_at
        for entry in self._pending:
            fold.apply(self._state, entry)

    def _render(self, frame: Frame, world: World, scenes: view.Scenes) -> KeptFrame:
        body, orders = view.frame(self._state, world.registry, frame.subject, frame.seq, scenes)
        return KeptFrame(frame.recipient, frame.seq, msgspec.json.encode(body), orders)

    async def _keep(self, decided: Sequence[Decided]) -> None:
        batch = Batch(
            entries=[one.entry for one in decided if one.entry is not None],
            frames=[frame for one in decided for frame in one.frames if frame.seq],
            seen=[one.seen for one in decided if one.seen is not None],
            notes=[note for one in decided if one.entry is not None for note in one.cause.notes],
            at=self._now(),
        )
        if batch.entries or batch.seen:
            async with self._writing:
                await asyncio.to_thread(self._journal.append, batch)
        self._pending.clear()
        self._undurable.clear()

    async def _drain(self, decided: Sequence[Decided]) -> None:
        """The database is to follow. Only what is on disk gets here, so the rows are of no later state than that.

        While fires and presses wait it follows a little later: they need the loop more, and what changes meanwhile is
        one row then.
        """
        if not self._unwritten:
            self._unwritten_since = monotonic()
        self._unwritten += [one for one in decided if one.entry is not None]
        late = len(self._unwritten) > UNWRITTEN or monotonic() - self._unwritten_since > LATER_S
        while self._unwritten and (late or not self._inbox.pressing()):
            late = False
            self._offer(self._unwritten[:PIECE])
            del self._unwritten[:PIECE]
            if self._unwritten:
                await asyncio.sleep(0)

    def _offer(self, decided: Sequence[Decided]) -> None:
        entries = [one.entry for one in decided if one.entry is not None]
        self._offered = entries[-1].content.n
        if not self.drain.following():
            return
        notes = [note for one in decided for note in one.cause.notes]
        try:
            self.drain.put(project(self._state, self._world().registry, entries, notes))
        except Exception:
            log.exception("projection_failed", entry=entries[0].content.n)
            self.drain.miss()

    async def _take_effect(self) -> None:
        while True:
            journaled, decided = await self._effects.get()
            for one in decided:
                if one.entry is not None:
                    n = one.entry.content.n
                    if n <= self._offered:  # the database is not waited for where it has not been given anything
                        await self.drain.reached(n, journaled + self.database_wait_s - monotonic())
                    self._require_awake()
                    self._effective = n
                for frame in one.frames:
                    if frame.seq:
                        self._out[frame.recipient] = frame.seq
                    data = self._private(frame)
                    for deliver in self._listeners:
                        deliver(frame.recipient, frame.seq, data, frame.orders)
                one.tell()
            self.took_effect.set()

    async def _ticks(self) -> None:
        kept = monotonic()
        while True:
            await self._until_due()
            self.tick()
            if monotonic() - kept > TIDY_S:
                kept = monotonic()
                await self.tidy()

    async def _pulse(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._require_awake()
            self._ran_at = monotonic()

    def _require_awake(self) -> None:
        if (stood := monotonic() - self._ran_at) > STALL_S:
            raise Stalled(f"nothing ran for {stood:.1f} s: another desk may lead by now")

    async def _until_due(self) -> None:
        """Something has fallen due, or a tick has passed; what is decided meanwhile may bring that forward."""
        until = monotonic() + TICK_S
        while (left := min(until - monotonic(), self._distance_s())) > 0:
            self._decided.clear()
            with suppress(TimeoutError):
                # not wait_for: when what it waits for is done, it loses a cancellation that comes at that moment
                async with asyncio.timeout(max(left, AT_LEAST_S)):
                    await self._decided.wait()
        await asyncio.sleep(AT_LEAST_S)

    def _distance_s(self) -> float:
        """Real seconds until the next timer or frame held back falls due."""
        at = self.due_at()
        return (at - self._now()) / timedelta(seconds=self._rate) if at is not None else TICK_S

    def due_at(self) -> datetime | None:
        """When the next timer or frame held back falls due, of those not submitted yet; None for none."""
        return escalation.following(self._state, self._world().policy, self._ticked_at)

    def tick(self) -> None:
        """What time alone has brought about by now is submitted, each to be decided again when its turn comes: for
        whoever moves the clock by hand, since `run` looks by itself only when real time has passed.
        """
        self._ticked_at = self._now()
        for one in escalation.due(self._state, self._world().policy, self._ticked_at, self._due):
            self._later(one)

    async def tidy(self) -> None:
        """A snapshot is kept, and what ended long ago is forgotten once the database has it."""
        state, policy, now = self._state, self._world().policy, self._now()
        metrics.undrained.set(state.last_entry - self.drain.position)
        metrics.gauge(state)
        if self.drain.connected and self.drain.position == state.last_entry:
            limit, reported = now - policy.keep_closed, now - policy.keep_unreported
            fold.forget(
                state,
                lambda one: (
                    one.closed_at is not None
                    and one.closed_at < (reported if one.drill is None and finding.missing(state, one) else limit)
                ),
                now - policy.keep_refs,
                now - policy.keep_signals,
            )
        self._failed = {key: at for key, at in self._failed.items() if monotonic() - at < AGAIN_S}
        oldest = self._seen.forget((now - policy.keep_signals).timestamp())
        async with self._writing:
            await asyncio.to_thread(self._journal.forget, now - policy.keep_frames, oldest)
            if self._state.last_entry - self._snapshot_at < SNAPSHOT_EVERY or self._pending:
                return
            n, data = self._state.last_entry, msgspec.msgpack.encode(self._state)
            await asyncio.to_thread(self._journal.keep_snapshot, n, data, drained=self.drain.position)
            self._snapshot_at = n

    def _catch_up(self, position: int, limit: int) -> Drop | None:
        """What the database lacks after `position`, `limit` at most, from the journal, with rows as they stand now."""
        prev = self._digest_of(position)
        entries = self._journal.entries_after(position, prev, limit) if prev is not None else []
        if not entries:
            return None
        named = [digest for entry in entries for digest in notes_named(entry.content)]
        return project(self._state, self._world().registry, entries, self._journal.notes_of(named))

    def _digest_of(self, n: int) -> bytes | None:
        return self._state.last_digest if n == self._state.last_entry else self._journal.digest_of(n)

    # ---- what comes in

    async def record(self, stray: Imported) -> None:
        """What another desk decided unheard stands in the ledger, once."""

        def decide(turn: Turn) -> None:
            if stray.digest not in turn.state.imported:
                turn.add(stray)

        await self._submit(Cause("imported", {"stream": stray.stream, "entry": stray.entry}, decide))

    def pressing(self) -> bool:
        """True while a fire or a press waits to be decided."""
        return self._inbox.pressing()

    async def signal(self, one: Signal, came_by: str) -> None:
        """The signal is decided and durable; a repeat changes nothing. `came_by`: `message` or `sweep`.

        What cannot be decided is neither: the sweep brings it again, and it is tried again after a rest.
        """
        if (decided := self.take(one, came_by)) is not None:
            await asyncio.wait((decided,))

    def take(self, one: Signal, came_by: str) -> "asyncio.Future[Any] | None":
        """The signal waits to be decided, once however often it is given; done when it is decided and durable.

        None when nothing is to be waited for: it was decided before, or rests because its decision failed.
        """
        if self._rests(one.id):
            metrics.signals.labels(came_by, "failed").inc()
            return None
        waiting = self._inbox.waiting(one)
        if waiting is not None and waiting.signal is not None and self._repeats(one, waiting.signal.received_at):
            metrics.signals.labels(came_by, "repeat").inc()
            return waiting.answer
        if one.id not in self._undurable and self._known(one):
            self.drain.mark([one.id])
            metrics.signals.labels(came_by, "repeat").inc()
            return None
        cause = causes.of_signal(one, lambda turn: self._sense(turn, one))
        cause.answer.add_done_callback(partial(_count, came_by))
        self._inbox.put(cause)
        return cause.answer

    def _repeats(self, one: Signal, before: datetime) -> bool:
        return sensing.repeats(one, before, self._world().policy.undated_repeat)

    def _known(self, one: Signal) -> bool:
        if one.id not in self._seen and one.id not in self._state.signals:
            return False
        repeat_within = self._world().policy.undated_repeat
        return self._seen.has(one, repeat_within) or sensing.seen(self._state, one, repeat_within)

    def _rests(self, key: str) -> bool:
        return key in self._failed and monotonic() - self._failed[key] < AGAIN_S

    def _sense(self, turn: Turn, one: Signal) -> str:
        if self._known(one):
            return "repeat"
        sensing.decide(turn, one)
        return "changed" if turn.facts else "unchanged"

    async def sent(self, recipient: str, orders: Sequence[str]) -> None:
        """Frames or a welcome with these orders were put on a socket of the recipient."""
        fresh = [one for one in orders if self._is(one, recipient, OrderState.DRAFTED)]
        if fresh:
            await self._about("sent", {"recipient": recipient}, partial(pressing.sent, orders=fresh))

    async def received(self, recipient: str, seq: int) -> None:
        """A screen of the recipient has this frame and all before: their orders are delivered."""
        reached = [
            one.id
            for one in self._state.open_orders(recipient)
            if one.state in (OrderState.DRAFTED, OrderState.SENT) and 0 < one.frame <= seq
        ]
        if reached:
            await self._about(
                "delivered", {"recipient": recipient, "seq": seq}, partial(pressing.delivered, orders=reached)
            )

    def _is(self, order: str, recipient: str, state: OrderState) -> bool:
        found = self._state.orders.get(order)
        return found is not None and found.drafted.recipient == recipient and found.state is state

    async def _about(self, kind: str, about: dict[str, Any], decide: Callable[[Turn], Any]) -> None:
        await self._submit(Cause(kind, about, decide, rank=Rank.DUE, line=about["recipient"]))

    def _later(self, due: Due) -> None:
        """Submitted, unless it waits already or has just failed; nobody waits for the answer."""
        if due.key not in self._due and not self._rests(due.key):
            self._due.add(due.key)
            self._inbox.put(Cause(due.kind, due.about, due.decide, due.key, rank=Rank.DUE))

    async def _submit(self, cause: Cause) -> Any:  # noqa: ANN401 - whatever the cause's decision answers
        self._inbox.put(cause)
        return await cause.answer


def _count(came_by: str, answer: "asyncio.Future[Any]") -> None:
    outcome = None if answer.cancelled() else answer.result()
    metrics.signals.labels(came_by, outcome if isinstance(outcome, str) else "failed").inc()
