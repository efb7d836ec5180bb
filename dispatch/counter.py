"""The desk's counter: what persons ask for, each answered once it has taken effect or been refused."""

import hashlib
import secrets
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from devices.model import CODE
from dispatch import recall
from dispatch.alarms import joining, maintenance
from dispatch.calling import presence
from dispatch.duty import duty, outcall
from dispatch.facts.actor import Actor, Outcome
from dispatch.facts.fact import IncidentOpened
from dispatch.facts.refused import Refused, Why
from dispatch.inlet.cause import Cause, Rank
from dispatch.ledger.journal import Note
from dispatch.presses import handover, member, pressing, verification
from dispatch.turn import Turn
from dispatch.views import view

REFUSED_KEPT = 10_000


class Counter(ABC):
    """Presses, reports, verdicts, calls and drills become causes."""

    def __init__(self) -> None:
        self._refused: OrderedDict[str, str] = OrderedDict()

    @abstractmethod
    async def _submit(self, cause: Cause) -> Any:  # noqa: ANN401 - whatever the cause's decision answers
        """The cause's answer."""

    async def act(
        self,
        actor: Actor,
        order: str,
        action: str,
        ref: str,
        note: str | None,
        value: Mapping[str, Any] | None,
        pressed_at: datetime | None = None,
    ) -> Outcome:
        """The press is counted once per `ref` of its recipient; the body is the ORDER after it."""
        kept, ref = _note(note), _code(ref)

        def decide(turn: Turn) -> Outcome:
            return self._pressed(turn, actor, order, action, ref, kept, value, pressed_at)

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
        pressed_at: datetime | None,
    ) -> Outcome:
        state, registry, key = turn.state, turn.world.registry, f"{actor.recipient} {ref}"
        if (before := state.refs.get(key)) is not None:
            again = state.orders.get(before.order)
            return Outcome(ok=True, body=recall.own(state, registry, again) if again is not None else None)
        if (refused := self._refused.get(key)) is not None:
            return Outcome(ok=False, error=refused)
        one = state.orders.get(order)
        if one is None or one.drafted.recipient != actor.recipient:
            said = f"no order {order[:64]!r} of {actor.recipient}"
            missing = Refused(Why.NOT_FOUND, said, noun="order", named=order[:64])
            return Outcome(ok=False, error=missing, missing=True)
        digest = note.digest if note is not None else None
        error = pressing.press(turn, actor, one, action, ref, digest, value, pressed_at)
        if error is not None:
            self._refused[key] = error
            while len(self._refused) > REFUSED_KEPT:
                self._refused.popitem(last=False)
            return Outcome(ok=False, error=error)
        return Outcome(ok=True, body=recall.own(state, registry, state.orders[order]))

    async def answer(
        self, actor: Actor, order: str, person: str, said: str, ref: str, pressed_at: datetime | None
    ) -> Outcome:
        """A person of the ordered station says whether they go, once per `ref`; the body is the ORDER."""
        ref = _code(ref)

        def decide(turn: Turn) -> Outcome:
            one = turn.state.orders.get(order)
            if one is None:
                return _missing("order", order)
            if f"{actor.recipient} {ref}" not in turn.state.refs:
                error = member.answer(turn, actor, one, person, said, ref, pressed_at)
                if error is not None:
                    return Outcome(ok=False, error=error)
            return Outcome(ok=True, body=view.order(turn.state, turn.world.registry, turn.state.orders[order]))

        return await self._outcome("member", {"by": actor.recipient, "order": order[:64], "ref": ref}, decide)

    async def take_photo(self, actor: Actor, incident: str, request: Mapping[str, Any]) -> Outcome:
        """A picture is part of the incident, once per its id. `request`: `photo`, `digest`, `order`, `note`,
        `taken_at`; the body is the INCIDENT.
        """
        note = _note(request.get("note"))

        def decide(turn: Turn) -> Outcome:
            about = turn.state.incidents.get(incident)
            if about is None:
                said = "the incident ended too long ago: no photo can be added to it any more"
                return Outcome(ok=False, error=Refused(Why.INCIDENT_FORGOTTEN, said))
            if any(one.id == request["photo"] for one in about.photos):
                return self._incident_outcome(turn, incident, None)
            digest = note.digest if note is not None else None
            photo, of, taken_at = request["photo"], request["digest"], request.get("taken_at")
            error = member.take_photo(turn, actor, about, request.get("order"), photo, of, digest, taken_at)
            return self._incident_outcome(turn, incident, error)

        return await self._outcome("photo", {"by": actor.recipient, "incident": incident[:64]}, decide, note)

    async def open_incident(self, actor: Actor, request: Mapping[str, Any]) -> Outcome:
        """An incident opened by hand, once per its `ref` where it has one; the body is the INCIDENT."""
        note, ref = _note(request.get("note")), _code(request["ref"]) if request.get("ref") else None

        def decide(turn: Turn) -> Outcome:
            before = turn.state.refs.get(f"{actor.recipient} {ref}")
            if before is not None:
                return self._again(turn, before.order)
            error = pressing.open_by_hand(turn, actor, request, note.digest if note is not None else None, ref)
            opened = next((one.incident for one in turn.facts if isinstance(one, IncidentOpened)), None)
            return self._incident_outcome(turn, opened, error)

        return await self._outcome("opened_by_hand", {"by": actor.recipient}, decide, note)

    async def verdict(self, actor: Actor, incident: str, request: Mapping[str, Any]) -> Outcome:
        """The incident has its verdict, once per its `ref` where it has one; the body is the INCIDENT."""
        note, ref = _note(request.get("note")), _code(request["ref"]) if request.get("ref") else None

        def decide(turn: Turn) -> Outcome:
            about = turn.state.incidents.get(incident)
            if about is None:
                return _missing("incident", incident)
            if f"{actor.recipient} {ref}" in turn.state.refs:
                return self._incident_outcome(turn, incident, None)
            digest = note.digest if note is not None else None
            error = pressing.give_verdict(turn, actor, about, request, digest, ref)
            return self._incident_outcome(turn, incident, error)

        return await self._outcome("verdict", {"by": actor.recipient, "incident": incident[:64]}, decide, note)

    async def outcome(self, actor: Actor, incident: str, request: Mapping[str, Any]) -> Outcome:
        """The report of a real fire says more; the body is the INCIDENT."""
        note = _note(request.get("note"))

        def decide(turn: Turn) -> Outcome:
            about = turn.state.incidents.get(incident)
            if about is None:
                said = "the incident ended too long ago: its report can no longer be completed"
                return Outcome(ok=False, error=Refused(Why.INCIDENT_FORGOTTEN, said))
            digest = note.digest if note is not None else None
            return self._incident_outcome(turn, incident, pressing.report_outcome(turn, actor, about, request, digest))

        return await self._outcome("outcome", {"by": actor.recipient, "incident": incident[:64]}, decide, note)

    async def split(self, actor: Actor, incident: str, alarms: Sequence[str], note: str | None) -> Outcome:
        """These alarms are an incident of their own; the body is that INCIDENT."""
        kept = _note(note)
        digest = kept.digest if kept is not None else None

        def decide(turn: Turn) -> Outcome:
            about = turn.state.incidents.get(incident)
            if about is None:
                return _missing("incident", incident)
            error = joining.split(turn, actor, about, alarms, digest)
            opened = next((one.incident for one in turn.facts if isinstance(one, IncidentOpened)), None)
            return self._incident_outcome(turn, opened, error)

        return await self._outcome("split", {"by": actor.recipient, "incident": incident[:64]}, decide, kept)

    async def merge(self, actor: Actor, incident: str, into: str, note: str | None) -> Outcome:
        """The incident is closed as merged into the other; the body is the other INCIDENT."""
        kept = _note(note)
        digest = kept.digest if kept is not None else None

        def decide(turn: Turn) -> Outcome:
            found = {id: turn.state.incidents.get(id) for id in (incident, into)}
            about, other = found[incident], found[into]
            if about is None:
                return _missing("incident", incident)
            if other is None:
                said = f"no open incident {into[:64]!r} to merge into"
                return Outcome(ok=False, error=Refused(Why.NOT_FOUND, said, noun="incident", named=into[:64]))
            return self._incident_outcome(turn, into, joining.merge(turn, actor, about, other, digest))

        return await self._outcome("merge", {"by": actor.recipient, "incident": incident[:64]}, decide, kept)

    async def call(self, actor: Actor, incident: str, recipient: str, note: str | None) -> Outcome:
        """The recipient is ordered to the incident; the body is the INCIDENT."""
        kept = _note(note)
        digest = kept.digest if kept is not None else None

        def decide(turn: Turn) -> Outcome:
            about = turn.state.incidents.get(incident)
            if about is None:
                return _missing("incident", incident)
            return self._incident_outcome(turn, incident, pressing.call(turn, actor, about, recipient, digest))

        return await self._outcome("call", {"by": actor.recipient, "incident": incident[:64]}, decide, kept)

    async def report_brigade(self, actor: Actor, incident: str, request: Mapping[str, Any]) -> Outcome:
        """That 119 was called is recorded, with who says so; the body is the INCIDENT."""
        note = _note(request.get("note"))

        def decide(turn: Turn) -> Outcome:
            about = turn.state.incidents.get(incident)
            if about is None:
                return _missing("incident", incident)
            digest = note.digest if note is not None else None
            error = verification.tell_brigade(turn, about, actor.recipient, request.get("case_number"), digest)
            return self._incident_outcome(turn, incident, error)

        return await self._outcome("brigade_report", {"by": actor.recipient, "incident": incident[:64]}, decide, note)

    async def stand_down(self, actor: Actor, incident: str, note: str | None) -> Outcome:
        """The incident's open orders are cancelled; the body is the INCIDENT."""
        kept = _note(note)
        digest = kept.digest if kept is not None else None

        def decide(turn: Turn) -> Outcome:
            about = turn.state.incidents.get(incident)
            if about is None:
                return _missing("incident", incident)
            return self._incident_outcome(turn, incident, pressing.stand_down(turn, actor, about, digest))

        return await self._outcome("stand_down", {"by": actor.recipient, "incident": incident[:64]}, decide, kept)

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

    async def black_out(self, actor: Actor, request: Mapping[str, Any]) -> Outcome:
        """The blackout is entered; the body is the blackout. `request` as `maintenance.begin` has it, and a `note`."""
        note = _note(request.get("note"))

        def decide(turn: Turn) -> Outcome:
            error = maintenance.begin(turn, actor, request, note.digest if note is not None else None)
            if error is not None:
                return Outcome(ok=False, error=error)
            entered = turn.state.blackouts[f"B-{turn.state.counters['B']:06d}"]
            return Outcome(ok=True, body=view.blackout(entered, turn.now))

        return await self._outcome("blackout", {"by": actor.recipient}, decide, note)

    async def end_blackout(self, actor: Actor, blackout: str) -> Outcome:
        """The blackout is over; the body is the blackout."""

        def decide(turn: Turn) -> Outcome:
            one = turn.state.blackouts.get(blackout)
            if one is None:
                return _missing("blackout", blackout)
            error = maintenance.end(turn, actor.recipient, one)
            if error is not None:
                return Outcome(ok=False, error=error)
            return Outcome(ok=True, body=view.blackout(turn.state.blackouts[blackout], turn.now))

        return await self._outcome("blackout", {"by": actor.recipient, "blackout": blackout[:64]}, decide)

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

    async def rung(self, call: str, status: int | None, reason: str | None) -> bool:
        """What came of an attempt at an outgoing call is durable; False when it could not be decided."""

        def decide(turn: Turn) -> Outcome:
            outcall.rung(turn, call, status, reason)
            return Outcome(ok=True)

        outcome: Outcome = await self._submit(Cause("rung", {"call": call}, decide, rank=Rank.DUE))
        return outcome.ok

    async def hand_over(self, actor: Actor, station: str, request: Mapping[str, Any], ref: str) -> Outcome:
        """The station is handed over, once per `ref`; the body is its WATCH."""
        note, ref = _note(request.get("note")), _code(ref)

        def decide(turn: Turn) -> Outcome:
            one = turn.world.registry.stations.get(station)
            if one is None:
                return _missing("station", station)
            if f"{actor.recipient} {ref}" not in turn.state.refs:
                digest = note.digest if note is not None else None
                error = handover.hand_over(turn, actor, one, request, ref, digest)
                if error is not None:
                    return Outcome(ok=False, error=error)
            return Outcome(ok=True, body=presence.watch(turn.world, turn.state, one, turn.now))

        return await self._outcome(
            "handover", {"by": actor.recipient, "station": station[:64], "ref": ref}, decide, note
        )

    async def check_duty(self, actor: Actor, station: str) -> Outcome:
        """The station is asked whether somebody is there; the body is the CHECK."""

        def decide(turn: Turn) -> Outcome:
            one = turn.world.registry.stations.get(station)
            if one is None:
                return _missing("station", station)
            error = duty.send(turn, one, "asked", actor.recipient)
            if error is not None:
                return Outcome(ok=False, error=error)
            sent = duty.open_at(turn.state, station)
            return Outcome(ok=True, body=presence.check(sent) if sent is not None else None)

        return await self._outcome("duty_check", {"by": actor.recipient, "station": station[:64]}, decide)

    async def answer_check(self, actor: Actor, check: str, person: object, ref: str) -> Outcome:
        """The duty check is answered, once per `ref`, by a person of the station; the body is the CHECK."""
        ref = _code(ref)

        def decide(turn: Turn) -> Outcome:
            one = turn.state.checks.get(check)
            if one is None or f"station:{one.sent.station}" != actor.recipient:
                return Outcome(ok=False, error=f"no duty check {check[:64]!r} of {actor.recipient}", missing=True)
            if f"{actor.recipient} {ref}" not in turn.state.refs:
                error = duty.answer(turn, actor, one, person, ref)
                if error is not None:
                    return Outcome(ok=False, error=error)
            return Outcome(ok=True, body=presence.check(turn.state.checks[check]))

        return await self._outcome("duty_answer", {"by": actor.recipient, "check": check[:64], "ref": ref}, decide)

    def _again(self, turn: Turn, incident: str) -> Outcome:
        """What was opened by the same press before; it may have been forgotten meanwhile."""
        if incident not in turn.state.incidents:
            said = f"this was opened before, as {incident}, which has ended"
            return Outcome(ok=False, error=Refused(Why.OPENED_BEFORE, said, incident=incident))
        return self._incident_outcome(turn, incident, None)

    def _incident_outcome(self, turn: Turn, incident: str | None, error: str | None) -> Outcome:
        if error is not None or incident is None:
            return Outcome(ok=False, error=error)
        body = view.incident(turn.state, turn.world.registry, turn.state.incidents[incident])
        return Outcome(ok=True, body=body)

    async def _outcome(
        self, kind: str, about: dict[str, Any], decide: Callable[[Turn], Outcome], note: Note | None = None
    ) -> Outcome:
        cause = Cause(kind, about, decide, notes=(note,) if note is not None else (), line=about["by"])
        outcome: Outcome = await self._submit(cause)
        return outcome


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
    said = f"no {noun} {id[:64]!r}"
    return Outcome(ok=False, error=Refused(Why.NOT_FOUND, said, noun=noun, named=id[:64]), missing=True)
