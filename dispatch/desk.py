"""The desk: the one writer. Causes come in, each is decided, journaled, followed by the database, and takes effect."""

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any

import msgspec
import psycopg
import structlog

from devices.model import CODE
from devices.signal import Signal
from dispatch import escalation, fold, metrics, pressing, sensing, view
from dispatch.actor import Actor, Outcome
from dispatch.drain import Drain, Forked, connect, entries_after
from dispatch.entry import Content, Entry, seal
from dispatch.fact import IncidentOpened, OrderDrafted
from dispatch.journal import Batch, Journal, KeptFrame, Note
from dispatch.order import UNANSWERED, OrderEvent, OrderState
from dispatch.projection import Drop, notes_named, project
from dispatch.state import State
from dispatch.steady import Steady
from dispatch.turn import Turn
from dispatch.world import World

log = structlog.get_logger()

Deliver = Callable[[str, int, bytes, tuple[str, ...]], None]

DATABASE_WAIT_S = 0.150
"""Effects wait for the database no longer than this (DESIGN decision 7)."""
DATABASE_ANSWERS_S = 10.0
"""A start waits no longer for a database that takes connections but does not answer."""
TICK_S = 0.1
TIDY_S = 10.0
BATCH = 200
TURN_S = 0.05
"""Causes are decided together until one fsync is due: at most `BATCH`, begun within this many real seconds."""
AGAIN_S = 10.0
"""What failed to be decided rests for so many real seconds before it is tried again."""
REFUSED_KEPT = 10_000
SEEN_KEPT = 250_000
"""Signals that changed nothing are remembered this many at most, or for as long as the policy says (about 50 MB)."""
SNAPSHOT_EVERY = 500


@dataclass(slots=True)
class _Cause:
    """Something to decide. `answer` is set once the entry is on disk (`at_once`) or has taken effect.

    `key` names what is tried again when it failed: a signal, or what is due by time.
    """

    kind: str
    about: dict[str, Any]
    decide: Callable[[Turn], Any]
    answer: "asyncio.Future[Any]"
    key: str | None = None
    at_once: bool = False
    signal: Signal | None = None
    notes: tuple[Note, ...] = ()


@dataclass(slots=True)
class _Decided:
    cause: _Cause
    answer: Any
    entry: Entry | None = None
    frames: list[KeptFrame] = field(default_factory=list)
    handled: str | None = None
    seen: tuple[str, float] | None = None


class Desk:
    """Alarms, incidents and orders of one district, kept by one process (DESIGN decisions 6 to 9).

    `world` gives what decisions look out on, as of now. First `start`, then `run`. Reading methods answer from memory.
    """

    def __init__(
        self,
        journal: Journal,
        database_url: str,
        world: Callable[[], World],
        clock: Callable[[], datetime],
    ) -> None:
        self._journal = journal
        self._url = database_url
        self._world = world
        self._now = Steady(clock)
        self._state = State()
        self._inbox: asyncio.Queue[_Cause] = asyncio.Queue()
        self._effects: asyncio.Queue[tuple[float, list[_Decided]]] = asyncio.Queue()
        self._listeners: list[Deliver] = []
        self._out: dict[str, int] = {}
        self._seen: dict[str, float] = {}
        self._refused: OrderedDict[str, str] = OrderedDict()
        self._pending: list[Entry] = []
        self._undurable: set[str] = set()
        self._due: set[str] = set()
        self._failed: dict[str, float] = {}
        self._writing = asyncio.Lock()
        self._snapshot_at = 0
        self._leading = False
        self.stream = journal.stream
        self.screens: Callable[[str], int] = lambda _recipient: 0
        self.drain = Drain(database_url, self.stream, self._digest_of, self._catch_up, self._now)

    # ---- starting and running

    async def start(self) -> None:
        """The state is what the journal says, and what the database says beyond it.

        Raises Forked when the two do not continue one another.
        """
        self._load()
        self._seen = self._journal.seen()
        try:
            async with asyncio.timeout(DATABASE_ANSWERS_S), await connect(self._url) as connection:
                behind = await entries_after(connection, self._state.last_entry)
        except (psycopg.OperationalError, TimeoutError) as error:
            log.warning("database_away", error=str(error).strip() or "no answer")
            behind = []
        if behind:
            log.warning("ledger_imported", entries=len(behind), after=self._state.last_entry)
            for entry in behind:
                if entry.prev != self._state.last_digest:
                    raise Forked(f"entry {entry.content.n} of the database does not follow the journal's last")
                fold.apply(self._state, entry)
            self._journal.append(Batch(behind, (), (), (), self._now()))
        if self._state.last_at is not None:
            self._now.not_before(self._state.last_at)
        self._out = dict(self._state.seqs)
        log.info("desk_started", entry=self._state.last_entry, open_incidents=len(self._open_incidents()))

    def _load(self) -> None:
        kept = self._journal.snapshot()
        self._state = msgspec.msgpack.decode(kept, type=State) if kept is not None else State()
        for order in self._state.orders.values():
            fold.index(self._state, order)  # a snapshot of an earlier version has none
        self._snapshot_at = self._state.last_entry
        for entry in self._journal.entries_after(self._state.last_entry, self._state.last_digest):
            fold.apply(self._state, entry)

    async def run(self) -> None:
        """Leads until cancelled; any part that fails ends it.

        Raises Forked, sqlite3.Error: nothing more is decided then.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._turns())
                group.create_task(self._take_effect())
                group.create_task(self._ticks())
                group.create_task(self.drain.run())
                self._leading = True
        finally:
            self._leading = False

    async def rest(self, within_s: float) -> None:
        """What came in has taken effect and is in the database, or `within_s` real seconds have passed, or `run` has
        ended and nothing more can happen.
        """
        until = monotonic() + within_s
        while self._leading and self._busy() and monotonic() < until:  # noqa: ASYNC110 - four things are waited for
            await asyncio.sleep(0.01)

    def _busy(self) -> bool:
        behind = self.drain.connected and self.drain.position < self._state.last_entry
        return behind or bool(self._pending) or not self._inbox.empty() or not self._effects.empty()

    def leading(self) -> bool:
        """True while this process decides."""
        return self._leading

    async def _turns(self) -> None:
        while True:
            cause = await self._inbox.get()
            started = monotonic()
            decided = [self._decide(cause)]
            while len(decided) < BATCH and monotonic() - started < TURN_S and not self._inbox.empty():
                decided.append(self._decide(self._inbox.get_nowait()))
            await self._keep(decided)
            metrics.turn_seconds.observe(monotonic() - started)
            self._drain(decided)
            self.drain.mark([one.handled for one in decided if one.handled is not None])
            for one in decided:
                if one.cause.at_once:
                    _answer(one)
            self._effects.put_nowait((monotonic(), decided))

    def _decide(self, cause: _Cause) -> _Decided:
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
            return _Decided(cause, Outcome(ok=False, error="the desk could not decide this; its log says why"))

    def _conclude(self, cause: _Cause, turn: Turn, answer: Any) -> _Decided:  # noqa: ANN401 - the cause's answer
        """The turn is an entry with all that follows from it; until the last step nothing of it stays if one fails."""
        state, world, signal = turn.state, turn.world, cause.signal
        frames = turn.frames() if turn.facts or cause.kind == "frames" else ()
        if not turn.facts and not frames:
            return _Decided(cause, answer, handled=_id(cause), seen=self._unchanged(signal))
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
        kept = [self._render(frame.recipient, frame.seq, frame.subject, world) for frame in frames]
        self._pending.append(entry)
        if signal is not None:
            self._undurable.add(signal.id)
        metrics.entries.labels(cause.kind).inc()
        _count_orders(entry)
        return _Decided(cause, answer, entry, kept)

    def _unchanged(self, signal: Signal | None) -> tuple[str, float] | None:
        """The signal is remembered, unless it was before."""
        if signal is None or self._known(signal):
            return None
        self._undurable.add(signal.id)
        self._seen.pop(signal.id, None)  # the oldest stand first
        self._seen[signal.id] = received = signal.received_at.timestamp()
        return signal.id, received

    def _undo(self) -> None:
        """After a failed decision the state is folded anew from the journal, which has only whole entries.

        Entries decided in the same batch are not on disk yet: they are kept aside and applied again.
        """
        self._load()
        for entry in self._pending:
            fold.apply(self._state, entry)

    def _render(self, recipient: str, seq: int, subject: str, world: World) -> KeptFrame:
        body: dict[str, Any]
        orders: tuple[str, ...] = ()
        if subject in self._state.orders:
            one = view.order(self._state, world.registry, self._state.orders[subject])
            body, orders = {"type": "order", "seq": seq, "order": one}, (subject,)
        else:
            found = view.incident(self._state, world.registry, self._state.incidents[subject])
            body = {"type": "incident", "seq": seq, "incident": found}
        return KeptFrame(recipient, seq, msgspec.json.encode(body), orders)

    async def _keep(self, decided: Sequence[_Decided]) -> None:
        batch = Batch(
            entries=[one.entry for one in decided if one.entry is not None],
            frames=[frame for one in decided for frame in one.frames],
            seen=[one.seen for one in decided if one.seen is not None],
            notes=[note for one in decided if one.entry is not None for note in one.cause.notes],
            at=self._now(),
        )
        if batch.entries or batch.seen:
            async with self._writing:
                await asyncio.to_thread(self._journal.append, batch)
        self._pending.clear()
        self._undurable.clear()

    def _drain(self, decided: Sequence[_Decided]) -> None:
        """The database is to follow. Only what is on disk gets here, so the rows are of no later state than that."""
        entries = [one.entry for one in decided if one.entry is not None]
        if not entries or not self.drain.following():
            return
        notes = [note for one in decided if one.entry is not None for note in one.cause.notes]
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
                    await self.drain.reached(one.entry.content.n, journaled + DATABASE_WAIT_S - monotonic())
                for frame in one.frames:
                    self._out[frame.recipient] = frame.seq
                    for deliver in self._listeners:
                        deliver(frame.recipient, frame.seq, frame.data, frame.orders)
                _answer(one)

    async def _ticks(self) -> None:
        kept = monotonic()
        while True:
            await asyncio.sleep(TICK_S)
            self._tick()
            if monotonic() - kept > TIDY_S:
                kept = monotonic()
                await self._tidy()

    def _tick(self) -> None:
        """What time alone brings about is submitted; each is decided again when its turn comes."""
        state, now = self._state, self._now()
        for order in escalation.lapsed(state, now):
            self._later(order.id, "lapse", {"order": order.id}, partial(_lapse, id=order.id))
        for drill in escalation.drills_over(state, now):
            self._later(drill.id, "drill_over", {"drill": drill.id}, partial(_end_drill, id=drill.id))
        for alarm in escalation.shelvings_over(state, now):
            self._later(alarm.id, "unshelve", {"alarm": alarm.id}, partial(_unshelve, id=alarm.id))
        if escalation.frames_owed(state, self._world().policy, now):
            self._later("frames", "frames", {}, lambda _turn: None)

    async def _tidy(self) -> None:
        """A snapshot is kept, and what ended long ago is forgotten once the database has it."""
        state, policy, now = self._state, self._world().policy, self._now()
        metrics.undrained.set(state.last_entry - self.drain.position)
        metrics.open_alarms.set(len(state.on))
        metrics.open_incidents.set(len(self._open_incidents()))
        _gauge_orders(state)
        if self.drain.connected and self.drain.position == state.last_entry:
            limit = now - policy.keep_closed
            fold.forget(
                state,
                lambda one: one.closed_at is not None and one.closed_at < limit,
                now - policy.keep_refs,
                now - policy.keep_signals,
            )
        self._failed = {key: at for key, at in self._failed.items() if monotonic() - at < AGAIN_S}
        oldest = self._forget_seen((now - policy.keep_signals).timestamp())
        async with self._writing:
            await asyncio.to_thread(self._journal.forget, now - policy.keep_frames, oldest)
            if self._state.last_entry - self._snapshot_at < SNAPSHOT_EVERY or self._pending:
                return
            n, data = self._state.last_entry, msgspec.msgpack.encode(self._state)
            await asyncio.to_thread(self._journal.keep_snapshot, n, data, drained=self.drain.position)
            self._snapshot_at = n

    def _forget_seen(self, oldest: float) -> float:
        """Signals received before `oldest` (epoch s), and those too many, are forgotten; up to when that was."""
        while self._seen:
            signal = next(iter(self._seen))
            if len(self._seen) <= SEEN_KEPT and self._seen[signal] >= oldest:
                break
            oldest = max(oldest, self._seen.pop(signal))
        return oldest

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

    async def signal(self, one: Signal, came_by: str) -> None:
        """The signal is decided and durable; a repeat changes nothing. `came_by`: `message` or `sweep`.

        What cannot be decided is neither: the sweep brings it again, and it is tried again after a rest.
        """
        if self._rests(one.id):
            metrics.signals.labels(came_by, "failed").inc()
            return
        if one.id not in self._undurable and self._known(one):
            self.drain.mark([one.id])
            metrics.signals.labels(came_by, "repeat").inc()
            return
        cause = _Cause("signal", _signal_cause(one), lambda turn: self._sense(turn, one), _future())
        cause.signal, cause.key, cause.at_once = one, one.id, True
        outcome = await self._submit(cause)
        metrics.signals.labels(came_by, outcome if isinstance(outcome, str) else "failed").inc()

    def _known(self, one: Signal) -> bool:
        repeat_within = self._world().policy.undated_repeat
        before = self._seen.get(one.id)
        if before is not None and sensing.repeats(one, datetime.fromtimestamp(before, UTC), repeat_within):
            return True
        return sensing.seen(self._state, one, repeat_within)

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
            await self._about("sent", {"recipient": recipient}, lambda turn: _step(turn, fresh, OrderEvent.SEND))

    async def received(self, recipient: str, seq: int) -> None:
        """A screen of the recipient has this frame and all before: their orders are delivered."""
        reached = [
            one.id
            for one in self._state.open_orders(recipient)
            if one.state in (OrderState.DRAFTED, OrderState.SENT) and 0 < one.frame <= seq
        ]
        if reached:
            await self._about(
                "delivered", {"recipient": recipient, "seq": seq}, lambda turn: _step(turn, reached, OrderEvent.DELIVER)
            )

    def _is(self, order: str, recipient: str, state: OrderState) -> bool:
        found = self._state.orders.get(order)
        return found is not None and found.drafted.recipient == recipient and found.state is state

    # ---- what persons do

    async def act(
        self,
        actor: Actor,
        order: str,
        action: str,
        ref: str,
        note: str | None,
        value: Mapping[str, Any] | None,
    ) -> Outcome:
        """The press is counted once per `ref` of its recipient; the body is the ORDER after it."""
        kept, ref = _note(note), _code(ref)

        def decide(turn: Turn) -> Outcome:
            return self._pressed(turn, actor, order, action, ref, kept, value)

        return await self._outcome("action", {"by": actor.recipient, "order": order[:64], "ref": ref}, decide, kept)

    def _pressed(
        self,
        turn: Turn,
        actor: Actor,
        order: str,
        action: str,
        ref: str,
        note: Note | None,
        value: Mapping[str, Any] | None,
    ) -> Outcome:
        state, registry, key = turn.state, turn.world.registry, f"{actor.recipient} {ref}"
        if (before := state.refs.get(key)) is not None:
            again = state.orders.get(before.order)
            return Outcome(ok=True, body=view.order(state, registry, again) if again is not None else None)
        if (refused := self._refused.get(key)) is not None:
            return Outcome(ok=False, error=refused)
        one = state.orders.get(order)
        if one is None or one.drafted.recipient != actor.recipient:
            return Outcome(ok=False, error=f"no order {order[:64]!r} of {actor.recipient}", missing=True)
        error = pressing.press(turn, actor, one, action, ref, note.digest if note is not None else None, value)
        if error is not None:
            self._refused[key] = error
            while len(self._refused) > REFUSED_KEPT:
                self._refused.popitem(last=False)
            return Outcome(ok=False, error=error)
        return Outcome(ok=True, body=view.order(state, registry, state.orders[order]))

    async def open_incident(self, actor: Actor, request: Mapping[str, Any]) -> Outcome:
        """An incident opened by hand; the body is the INCIDENT."""
        note = _note(request.get("note"))

        def decide(turn: Turn) -> Outcome:
            error = pressing.open_by_hand(turn, actor, request, note.digest if note is not None else None)
            opened = next((one.incident for one in turn.facts if isinstance(one, IncidentOpened)), None)
            return self._incident_outcome(turn, opened, error)

        return await self._outcome("opened_by_hand", {"by": actor.recipient}, decide, note)

    async def verdict(self, actor: Actor, incident: str, request: Mapping[str, Any]) -> Outcome:
        """The incident has its verdict; the body is the INCIDENT."""
        note = _note(request.get("note"))

        def decide(turn: Turn) -> Outcome:
            about = turn.state.incidents.get(incident)
            if about is None:
                return _missing("incident", incident)
            digest = note.digest if note is not None else None
            return self._incident_outcome(turn, incident, pressing.give_verdict(turn, actor, about, request, digest))

        return await self._outcome("verdict", {"by": actor.recipient, "incident": incident[:64]}, decide, note)

    async def call(self, actor: Actor, incident: str, recipient: str) -> Outcome:
        """The recipient is ordered to the incident; the body is the INCIDENT."""

        def decide(turn: Turn) -> Outcome:
            about = turn.state.incidents.get(incident)
            if about is None:
                return _missing("incident", incident)
            return self._incident_outcome(turn, incident, pressing.call(turn, about, recipient))

        return await self._outcome("call", {"by": actor.recipient, "incident": incident[:64]}, decide)

    async def stand_down(self, actor: Actor, incident: str) -> Outcome:
        """The incident's open orders are cancelled; the body is the INCIDENT."""

        def decide(turn: Turn) -> Outcome:
            about = turn.state.incidents.get(incident)
            if about is None:
                return _missing("incident", incident)
            return self._incident_outcome(turn, incident, pressing.stand_down(turn, actor, about))

        return await self._outcome("stand_down", {"by": actor.recipient, "incident": incident[:64]}, decide)

    async def act_on_alarm(self, actor: Actor, alarm: str, action: str, until: datetime | None) -> Outcome:
        """The alarm is acknowledged, shelved or reset; the body is the ALARM."""

        def decide(turn: Turn) -> Outcome:
            one = turn.state.alarms.get(alarm)
            if one is None:
                return _missing("alarm", alarm)
            error = pressing.act_on_alarm(turn, actor, one, action, until)
            if error is not None:
                return Outcome(ok=False, error=error)
            return Outcome(ok=True, body=view.alarm(turn.world.registry, turn.state.alarms[alarm]))

        return await self._outcome("alarm_action", {"by": actor.recipient, "alarm": alarm[:64]}, decide)

    async def open_drill(self, actor: Actor, request: Mapping[str, Any]) -> Outcome:
        """The drill is open; the body says its id, devices and end."""

        def decide(turn: Turn) -> Outcome:
            error = pressing.open_drill(turn, actor, request)
            if error is not None:
                return Outcome(ok=False, error=error)
            return Outcome(ok=True, body=view.drill(turn.state.drills[f"D-{turn.state.counters['D']:06d}"]))

        return await self._outcome("drill", {"by": actor.recipient}, decide)

    async def close_drill(self, actor: Actor, drill: str) -> Outcome:
        """The drill is closed; the body is the drill."""

        def decide(turn: Turn) -> Outcome:
            one = turn.state.drills.get(drill)
            if one is None:
                return _missing("drill", drill)
            error = pressing.close_drill(turn, actor.recipient, one)
            if error is not None:
                return Outcome(ok=False, error=error)
            return Outcome(ok=True, body=view.drill(turn.state.drills[drill]))

        return await self._outcome("drill", {"by": actor.recipient}, decide)

    def _incident_outcome(self, turn: Turn, incident: str | None, error: str | None) -> Outcome:
        if error is not None or incident is None:
            return Outcome(ok=False, error=error)
        body = view.incident(turn.state, turn.world.registry, turn.state.incidents[incident])
        return Outcome(ok=True, body=body)

    async def _outcome(
        self, kind: str, about: dict[str, Any], decide: Callable[[Turn], Outcome], note: Note | None = None
    ) -> Outcome:
        cause = _Cause(kind, about, decide, _future(), notes=(note,) if note is not None else ())
        outcome: Outcome = await self._submit(cause)
        return outcome

    async def _about(self, kind: str, about: dict[str, Any], decide: Callable[[Turn], Any]) -> None:
        await self._submit(_Cause(kind, about, decide, _future()))

    def _later(self, key: str, kind: str, about: dict[str, Any], decide: Callable[[Turn], Any]) -> None:
        """Submitted, unless it waits already or has just failed; nobody waits for the answer."""
        if key not in self._due and not self._rests(key):
            self._due.add(key)
            self._inbox.put_nowait(_Cause(kind, about, decide, _future(), key))

    async def _submit(self, cause: _Cause) -> Any:  # noqa: ANN401 - whatever the cause's decision answers
        self._inbox.put_nowait(cause)
        return await cause.answer

    # ---- what can be read

    def listen(self, deliver: Deliver) -> None:
        """`deliver` is called on the loop's thread for each frame as it takes effect, in order."""
        self._listeners.append(deliver)

    def last_seq(self, recipient: str) -> int:
        """The number of the recipient's last frame that has taken effect; 0 for none."""
        return self._out.get(recipient, 0)

    def frames_after(self, recipient: str, after: int) -> list[tuple[int, bytes]] | None:
        """The recipient's frames above `after` that have taken effect; None when `after` is ahead or too old."""
        last = self.last_seq(recipient)
        if not 0 <= after <= last:
            return None
        kept = [(one.seq, one.data) for one in self._journal.frames_after(recipient, after) if one.seq <= last]
        return kept if len(kept) == last - after else None

    def open_orders(self, recipient: str) -> list[dict[str, Any]]:
        """The recipient's ORDERs that have not ended, most urgent first."""
        registry = self._world().registry
        return [view.order(self._state, registry, one) for one in self._state.open_orders(recipient)]

    def incidents(self) -> list[dict[str, Any]]:
        """The INCIDENTs in memory: all open ones and some lately closed, oldest first."""
        registry = self._world().registry
        return [view.incident(self._state, registry, one) for one in self._state.incidents.values()]

    def incident(self, id: str) -> dict[str, Any] | None:
        """The INCIDENT, if it is in memory."""
        one = self._state.incidents.get(id)
        return view.incident(self._state, self._world().registry, one) if one is not None else None

    def orders(self) -> list[dict[str, Any]]:
        """The ORDERs in memory, oldest first."""
        registry = self._world().registry
        return [view.order(self._state, registry, one) for one in self._state.orders.values()]

    def order(self, id: str) -> dict[str, Any] | None:
        """The ORDER, if it is in memory."""
        one = self._state.orders.get(id)
        return view.order(self._state, self._world().registry, one) if one is not None else None

    def alarms(self) -> list[dict[str, Any]]:
        """The ALARMs in memory: all that have not cleared and some that have, oldest first."""
        registry = self._world().registry
        return [view.alarm(registry, one) for one in self._state.alarms.values()]

    def alarm(self, id: str) -> dict[str, Any] | None:
        """The ALARM, if it is in memory."""
        one = self._state.alarms.get(id)
        return view.alarm(self._world().registry, one) if one is not None else None

    def engaged(self, station: str) -> int:
        """How many incidents the station has an open `respond` order for."""
        return self._state.engagements(drills=True).get(station, 0)

    def watched(self) -> set[str]:
        """Devices whose every reading is a signal."""
        return self._state.watched()

    def _open_incidents(self) -> list[str]:
        return [one.id for one in self._state.incidents.values() if one.open]


def _future() -> "asyncio.Future[Any]":
    return asyncio.get_running_loop().create_future()


def _answer(one: _Decided) -> None:
    if not one.cause.answer.done():
        one.cause.answer.set_result(one.answer)


def _id(cause: _Cause) -> str | None:
    return cause.signal.id if cause.signal is not None else None


def _signal_cause(one: Signal) -> dict[str, Any]:
    about: dict[str, Any] = {"signal": one.id, "device": one.device, "gateway": one.gateway, "ts": one.ts}
    if one.event is not None:
        about["event"] = one.event
    return about | {"received_at": one.received_at}


def _note(text: object) -> Note | None:
    if not isinstance(text, str) or not text:
        return None
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL takes any character but this one
    salt = secrets.token_bytes(16)
    return Note(hashlib.sha256(salt + text.encode()).hexdigest(), salt, text)


def _code(ref: str) -> str:
    """`ref` if it is a code, else its digest: a screen may choose any words, and the ledger holds none."""
    return ref if CODE.fullmatch(ref) else hashlib.sha256(ref.encode()).hexdigest()


def _missing(noun: str, id: str) -> Outcome:
    return Outcome(ok=False, error=f"no {noun} {id[:64]!r}", missing=True)


def _step(turn: Turn, orders: Sequence[str], event: OrderEvent) -> None:
    for id in orders:
        one = turn.state.orders.get(id)
        if one is not None and one.state in UNANSWERED and one.state is not OrderState.DELIVERED:
            if event is OrderEvent.SEND and one.state is OrderState.SENT:
                continue
            turn.change(one, event)


def _lapse(turn: Turn, id: str) -> None:
    one = turn.state.orders.get(id)
    if one is not None and one.state in UNANSWERED and one.drafted.acknowledge_by <= turn.now:
        pressing.lapse(turn, one)


def _end_drill(turn: Turn, id: str) -> None:
    one = turn.state.drills.get(id)
    if one is not None and one.until <= turn.now:
        pressing.close_drill(turn, "clock", one)


def _unshelve(turn: Turn, id: str) -> None:
    one = turn.state.alarms.get(id)
    if one is not None and one.shelved_until is not None and one.shelved_until <= turn.now:
        sensing.unshelve(turn, one)


def _count_orders(entry: Entry) -> None:
    for one in entry.content.facts:
        if isinstance(one, OrderDrafted):
            metrics.orders.labels(one.kind.value, one.reason).inc()


def _gauge_orders(state: State) -> None:
    counts: dict[str, int] = {}
    for one in state.open_orders():
        counts[one.drafted.kind.value] = counts.get(one.drafted.kind.value, 0) + 1
    for kind in ("respond", "attend", "inform", "rectify", "verify"):
        metrics.open_orders.labels(kind).set(counts.get(kind, 0))
