"""Outgoing calls: who is told by webhook (SMS, voice, the fire brigade's centre), and when it is tried again."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from devices.model import DutyKind
from dispatch.calling import summons
from dispatch.choosing import standing
from dispatch.facts.fact import CallEnded, CallPlanned, CallTried, Warned
from dispatch.facts.order import UNDELIVERED, OrderKind, OrderState
from dispatch.state import incident
from dispatch.state.state import Call, State, call_key
from dispatch.turn import Turn
from dispatch.world import World

LONGEST_REST_S = 30
"""Seconds between two attempts: 1, 2, 4, … up to this (assumption)."""


class CallKind(StrEnum):
    """Why somebody is called."""

    FALLBACK = "fallback"
    BRIGADE = "brigade"
    DUTY_CHECK = "duty_check"
    OFF_POST = "off_post"


class Ended(StrEnum):
    """What came of a call."""

    DELIVERED = "delivered"
    FAILED = "failed"
    NOT_NEEDED = "not_needed"


NO_ADDRESS = "no_address"
"""Why an attempt failed that could not be made: the registry or the settings have lost the address."""


@dataclass(frozen=True, slots=True)
class Ring:
    """An attempt to be made now: `body` (JSON) is posted to `url`, where None: there is no such address any more.
    `wanted` is false for a call that is not needed any more; nothing is posted then.
    """

    call: str
    url: str | None
    body: bytes
    wanted: bool = True


def plan(turn: Turn, kind: str, subject: str, recipient: str | None = None) -> bool:
    """True when `recipient` is being called (or was) about `subject`, an order, incident or duty check; False where
    there is no address, or where an exercise calls nobody.
    """
    if call_key(kind, subject, recipient) in turn.state.called:
        return True
    if address(turn.world, kind, recipient) is None:
        return False
    found = _incident(turn.state, subject)
    drill = turn.state.incidents[found].drill if found is not None else None
    if drill is not None and not turn.world.policy.drill_calls:
        return False
    turn.add(
        CallPlanned(call=turn.number("C"), kind=kind, subject=subject, recipient=recipient, incident=found, drill=drill)
    )
    return True


def address(world: World, kind: str, recipient: str | None) -> str | None:
    """Where the call is posted to: the recipient's own webhook, else the district's."""
    if kind == CallKind.BRIGADE:
        return world.webhooks.brigade
    own = summons.entry(world.registry, recipient)
    return (own.fallback if own is not None else None) or world.webhooks.fallback


def undelivered(turn: Turn, order: str) -> None:
    """No screen has the order in time: its recipient is called, and for a station its officers on duty; where nobody
    can be, command is told once an incident.
    """
    one = turn.state.orders.get(order)
    if one is None or one.state not in UNDELIVERED:
        return
    reached = [plan(turn, CallKind.FALLBACK, order, each) for each in reach(turn, one.drafted.recipient)]
    if not any(reached) and one.drafted.kind is not OrderKind.INFORM:
        _warn(turn, one.drafted.incident, "no_fallback", order, one.drafted.recipient)


def reach(turn: Turn, recipient: str) -> Iterator[str]:
    """Whom to call in the recipient's stead: itself; of a station also chief and duty officers that are on duty; for a
    control room those who have its duty. Nobody off duty.
    """
    noun, _, code = recipient.partition(":")
    registry = turn.world.registry
    if noun == "control_room":
        yield from (f"person:{one}" for one in registry.holders(DutyKind.CONTROL_ROOM, code))
        return
    yield recipient
    station = registry.stations.get(code) if noun == "station" else None
    if station is not None:
        yield from (f"person:{one}" for one in standing.officers(turn.world, turn.state, station, turn.now))


def needed(state: State, call: Call) -> bool:
    """False once there is nothing left to tell: a screen has the order, nobody needs to come, the check is answered."""
    planned = call.planned
    found = state.incidents.get(planned.incident) if planned.incident is not None else None
    if planned.incident is not None and (found is None or not found.open or incident.harmless(found)):
        return False
    if (check := state.checks.get(planned.subject)) is not None:
        demoted = state.posts[check.sent.station].demoted_since is not None
        return demoted if planned.kind == CallKind.OFF_POST else check.state == "open"
    if (order := state.orders.get(planned.subject)) is not None:
        unheard = order.state is OrderState.LAPSED and not any(one.event == "delivered" for one in order.history)
        return order.state in UNDELIVERED or unheard
    return True


def due(state: State, now: datetime, effective: int, busy: Collection[str]) -> list[str]:
    """Ids of the calls to be tried at `now`, most urgent first. `effective`: the last ledger entry that has taken
    effect, `busy`: those being tried.
    """
    ripe = [
        call
        for id in state.ringing
        if id not in busy
        and (call := state.calls[id]).entry <= effective
        and (call.again_at is None or call.again_at <= now)
    ]
    return [call.id for call in sorted(ripe, key=lambda call: (_urgency(state, call), call.planned_at, call.id))]


def ring(world: World, state: State, call: Call) -> Ring:
    """The attempt as it is to be made now: phone and address are the registry's of this moment."""
    if not needed(state, call):
        return Ring(call.id, None, b"", wanted=False)
    url = address(world, call.planned.kind, call.planned.recipient)
    return Ring(call.id, url, summons.body(world, state, call))


def rung(turn: Turn, id: str, status: int | None, reason: str | None) -> None:
    """An attempt was answered with HTTP `status`, or failed for `reason`; it is tried again while there is time."""
    call = turn.state.calls.get(id)
    if call is None or call.outcome is not None:
        return
    if reason == Ended.NOT_NEEDED:
        turn.add(CallEnded(call=id, outcome=Ended.NOT_NEEDED, attempts=call.attempts))
        return
    attempt = call.attempts + 1
    if status is not None and 200 <= status < 300:
        turn.add(CallEnded(call=id, outcome=Ended.DELIVERED, attempts=attempt, status=status))
        return
    given_up = turn.now - call.planned_at >= turn.world.policy.call_within or reason == NO_ADDRESS
    if not given_up:
        again = turn.now + timedelta(seconds=min(2**call.attempts, LONGEST_REST_S))
        turn.add(CallTried(call=id, attempt=attempt, again_at=again, status=status, reason=reason))
        return
    turn.add(CallEnded(call=id, outcome=Ended.FAILED, attempts=attempt, status=status, reason=reason))
    _failed(turn, call)


def _failed(turn: Turn, call: Call) -> None:
    """Command is told of what nobody hears of now."""
    planned = call.planned
    if planned.incident is None:
        return
    if planned.kind == CallKind.BRIGADE:
        told = turn.state.incidents[planned.incident].brigade
        if told is None or told.reported_at is None:  # else somebody has called 119
            _warn(turn, planned.incident, "brigade_not_told")
        return
    calls = turn.state.calls_of(turn.state.incidents[planned.incident])
    same = [one for one in calls if one.planned.subject == planned.subject]
    if all(one.outcome == Ended.FAILED for one in same) and needed(turn.state, call):
        _warn(turn, planned.incident, "no_fallback", planned.subject, planned.recipient)


def _warn(turn: Turn, incident: str, code: str, order: str | None = None, recipient: str | None = None) -> None:
    if not any(told.code == code for told in turn.state.incidents[incident].warnings):
        turn.add(Warned(incident=incident, code=code, order=order, recipient=recipient))


def _incident(state: State, subject: str) -> str | None:
    if subject in state.incidents:
        return subject
    order = state.orders.get(subject)
    return order.drafted.incident if order is not None else None


def _urgency(state: State, call: Call) -> int:
    if call.planned.kind == CallKind.BRIGADE:
        return 0
    order = state.orders.get(call.planned.subject)
    return order.drafted.priority if order is not None else 9
