"""The fold: an entry applied to the state. The only place where state changes."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, assert_never

from msgspec.structs import replace

from dispatch.facts import fact
from dispatch.facts.entry import Content, Entry
from dispatch.facts.order import ACTIONS, TOLD_AS, UNANSWERED, UNDELIVERED, OrderEvent, OrderKind, OrderState
from dispatch.state import alarm_fold, blackout_fold, mark, upkeep
from dispatch.state.mark import count as _count
from dispatch.state.mark import wait as _await
from dispatch.state.state import (
    FLOOD,
    NOWHERE,
    Alarm,
    Brigade,
    Call,
    Check,
    Drill,
    FalseAlarm,
    Incident,
    Member,
    Order,
    Photo,
    Post,
    Pressed,
    State,
    Step,
    Watch,
    call_key,
)

SHOWN = timedelta(seconds=10)
"""So long it is remembered when incidents were told of; longer than any period a policy counts their frames in."""

JOINED_KEPT = 20
"""Of the incidents an alarm has belonged to, so many are known: one that is never reset may raise again for years."""


FALSE_KEPT, FALSE_MOST = timedelta(days=92), 50
"""How long, and how many at most, false alarms are counted for one device or place."""


def apply(state: State, entry: Entry) -> None:
    """The state has taken the entry in.

    Raises ValueError when the entry is not the one that follows.
    """
    content = entry.content
    if content.n != state.last_entry + 1 or entry.prev != state.last_digest:
        raise ValueError(f"entry {content.n} does not follow entry {state.last_entry}")
    for one in content.facts:
        take(state, one, content.at)
    finish(state, entry)


def finish(state: State, entry: Entry) -> None:
    """The state has taken in what an entry says besides its facts, which it has taken already."""
    content = entry.content
    for frame in content.frames:
        if frame.seq:
            state.seqs[frame.recipient] = frame.seq
        order = state.orders.get(frame.subject)
        if order is not None and order.frame == 0 and order.drafted.recipient == frame.recipient:
            state.orders[order.id] = replace(order, frame=frame.seq)
        state.told[frame.subject] = content.at
        state.untold.pop(frame.subject, None)
        if frame.subject in state.incidents:
            state.shown.append(content.at)
            mark.flooded(state, content.at)
    if content.frames:
        del state.shown[: bisect_right(state.shown, content.at - SHOWN)]
    if (signal := content.cause.get("signal")) is not None:
        state.signals[signal] = _received_at(content)
    state.last_entry, state.last_digest, state.last_at = content.n, entry.digest, content.at


def _received_at(content: Content) -> datetime:
    """When the signal that caused the entry was received: as the desk gave it, or as text from the ledger."""
    told = content.cause.get("received_at", content.at)
    return told if isinstance(told, datetime) else datetime.fromisoformat(told)


def take(state: State, one: fact.Fact, at: datetime) -> None:  # noqa: C901, PLR0912, PLR0915 - one case per fact
    """The state has taken one fact in, which became true at `at`."""
    match one:
        case (
            fact.AlarmRaised()
            | fact.AlarmChanged()
            | fact.AlarmAcknowledged()
            | fact.AlarmHeld()
            | fact.AlarmGraded()
            | fact.AlarmTracked()
            | fact.AlarmStale()
            | fact.AlarmBlackout()
        ):
            alarm_fold.take(state, one, at)
            if (
                isinstance(one, fact.AlarmBlackout)
                and one.again
                and (of := state.alarms[one.alarm].incident) is not None
            ):
                _change_incident(state, of, at, stood_down=False)
        case fact.BlackoutOpened() | fact.BlackoutEnded():
            blackout_fold.take(state, one, at)
        case fact.IncidentOpened():
            _incident_opened(state, one, at)
        case fact.AlarmJoined():
            _alarm_joined(state, one, at)
        case fact.IncidentSplit():
            _incident_split(state, one, at)
        case fact.IncidentMerged():
            _incident_merged(state, one, at)
        case fact.IncidentVerified():
            _incident_verified(state, one, at)
        case fact.Warned():
            told = state.incidents[one.incident].warnings
            _change_incident(state, one.incident, at, warnings=(*told, one))
        case fact.OrderDrafted():
            _order_drafted(state, one, at)
        case fact.OrderChanged():
            _order_changed(state, one, at)
        case fact.MemberAnswered():
            _member_answered(state, one, at)
        case fact.PhotoTaken():
            kept = Photo(one.photo, at, one.by, one.digest, one.order, one.note, one.taken_at)
            _change_incident(state, one.incident, at, photos=(*state.incidents[one.incident].photos, kept))
        case fact.CallPlanned():
            _call_planned(state, one, at)
        case fact.CallTried():
            call = state.calls[one.call]
            state.calls[one.call] = replace(
                call, attempts=one.attempt, again_at=one.again_at, status=one.status, reason=one.reason
            )
        case fact.CallEnded():
            _call_ended(state, one, at)
        case fact.EtaRevised():
            revised = replace(state.orders[one.order], arrive_at=one.arrive_at, arrive_method=one.method)
            state.orders[one.order] = revised
            state.untold.setdefault(revised.drafted.incident, at)
        case fact.HandedOver():
            _handed_over(state, one, at)
        case fact.DutyCheckSent():
            _count(state, one.check)
            state.checks[one.check] = Check(sent=one, sent_at=at)
            _change_post(state, one.station, check=one.check)
            _await(state, "duty_check_over", one.check, one.answer_by)
        case fact.DutyCheckAnswered():
            _duty_check_answered(state, one, at)
        case fact.DutyCheckMissed():
            state.checks[one.check] = replace(state.checks[one.check], state="missed")
            _change_post(state, one.station, demoted_since=at)
            _await(state, "duty_check_over", one.check, None)
        case fact.VerdictGiven():
            judged: dict[str, Any] = {"verdict": one.verdict, "cause": one.cause, "outcome": one.outcome}
            _change_incident(state, one.incident, at, **judged, judged_at=at)
            _count_press(state, one.by, one.ref, one.incident, at)
        case fact.IncidentClosed():
            _change_incident(state, one.incident, at, closed_at=at)
            _leave(state, state.incidents[one.incident])
            _count_false(state, state.incidents[one.incident], at)
        case fact.OutcomeReported():
            before = state.incidents[one.incident]
            said = {**(before.outcome or {}), **(one.outcome or {})} or None
            _change_incident(state, one.incident, at, outcome=said, cause=one.cause or before.cause)
        case fact.DrillOpened():
            _count(state, one.drill)
            state.drills[one.drill] = Drill(
                id=one.drill, scenario=one.scenario, devices=one.devices, opened_at=at, until=one.until
            )
            _await(state, "drill_over", one.drill, one.until)
        case fact.DrillClosed():
            state.drills[one.drill] = replace(state.drills[one.drill], closed_at=at)
            _await(state, "drill_over", one.drill, None)
        case fact.FloodBegan() | fact.FloodEnded():
            state.flood = at if isinstance(one, fact.FloodBegan) else None
            state.untold.setdefault(FLOOD, at)
        case fact.Led():
            _led(state, one, at)
        case fact.Imported():
            state.imported[one.digest] = at
        case fact.Awaited():
            _await(state, one.kind, one.subject, one.at)
        case fact.StrengthRaised():
            _change_incident(state, one.incident, at, people_wanted=one.people, stood_down=False)
        case fact.CallingPlanned():
            _change_incident(state, one.incident, at, calling=one)
            _await(state, "calling", one.incident, one.look_at)
        case fact.BrigadeDue():
            _brigade(state, one.incident, at, due_since=at, reason=one.reason)
        case fact.BrigadeReported():
            _brigade(state, one.incident, at, reported_at=at, reported_by=one.by, case_number=one.case_number)
        case fact.StoodDown():
            _change_incident(state, one.incident, at, stood_down=True)
        case fact.PolicyInForce():
            state.policy = one.digest
        case _:
            assert_never(one)


def _brigade(state: State, incident: str, at: datetime, **changes: object) -> None:
    before = state.incidents[incident].brigade or Brigade()
    _change_incident(state, incident, at, brigade=replace(before, **changes))
    for order in state.orders_of(state.incidents[incident]):
        if order.open and order.drafted.kind is OrderKind.VERIFY:
            state.untold.setdefault(order.id, at)


def _incident_opened(state: State, one: fact.IncidentOpened, at: datetime) -> None:
    _count(state, one.incident)
    state.incidents[one.incident] = Incident(
        id=one.incident,
        kind=one.kind,
        source=one.source,
        severity=one.severity,
        place=one.place,
        lon=one.lon,
        lat=one.lat,
        grid=one.grid,
        opened_at=at,
        last_alarm_at=at,
        drill=one.drill,
        case_number=one.case_number,
        grids=one.grids,
        category=one.category,
        upkeep=one.upkeep,
        opened_by=one.by,
        floor=one.floor,
        room=one.room,
    )
    if one.upkeep is not None and one.place is not None:
        device = one.upkeep.device
        state.maintained[upkeep.of_device(device) if device is not None else upkeep.of_place(one.place)] = at
    _enter(state, state.incidents[one.incident])
    _count_press(state, one.by, one.ref, one.incident, at)
    state.untold.setdefault(one.incident, at)


def _count_press(state: State, by: str | None, ref: str | None, subject: str, at: datetime) -> None:
    """A press that names itself is known when it comes again."""
    if by is not None and ref is not None:
        state.refs[f"{by} {ref}"] = Pressed(subject, at)


def _count_false(state: State, about: Incident, at: datetime) -> None:
    if not upkeep.counts(about):
        return
    devices = dict.fromkeys(upkeep.of_device(one.device) for one in state.alarms_of(about))
    for key in (*devices, *map(upkeep.of_place, state.places_of(about))):
        kept = [one for one in state.false_alarms.get(key, ()) if at - one.at < FALSE_KEPT]
        mark = FalseAlarm(at, about.id, about.cause)
        state.false_alarms[key] = (*kept[1 - FALSE_MOST :], mark)


def _incident_verified(state: State, one: fact.IncidentVerified, at: datetime) -> None:
    about = state.incidents[one.incident]
    changes: dict[str, Any] = {"verification": one.verification, "severity": one.severity}
    if one.verification == "confirmed":
        changes |= {"confirmed_at": about.confirmed_at or at, "denied_at": None, "stood_down": False}
    else:
        changes["denied_at"] = about.denied_at or at
    if one.unjudged:
        changes |= {"verdict": None, "cause": None, "outcome": None, "judged_at": None}
    _change_incident(state, one.incident, at, **changes)


def _led(state: State, one: fact.Led, at: datetime) -> None:
    """Frames are numbered anew, so each open order is to be sent once more: nobody has it by a number that counts."""
    state.epoch, state.stream = one.epoch, one.stream
    state.seqs.clear()
    state.told.clear()
    for order in state.open_orders():
        state.orders[order.id] = replace(order, frame=0)
        state.untold.setdefault(order.id, at)


def _alarm_joined(state: State, one: fact.AlarmJoined, at: datetime) -> None:
    joined = state.alarms[one.alarm]
    before = state.incidents[one.incident]
    kept = [id for id in before.alarms if not _replaced(state, id, joined)]
    if any(state.alarms[id].place != joined.place for id in before.alarms if id in state.alarms and id not in kept):
        _leave(state, before)  # the device has been registered at another place meanwhile
    changes: dict[str, Any] = {"severity": one.severity, "last_alarm_at": at}
    changes["stood_down"] = before.stood_down and one.quiet
    _change_incident(state, one.incident, at, alarms=(*kept, one.alarm), **changes)
    _move(state, one.alarm, one.incident)
    _enter(state, state.incidents[one.incident], [joined.place] if len(kept) == len(before.alarms) else None)
    for order in state.orders_of(state.incidents[one.incident]):
        if order.open:
            state.untold.setdefault(order.id, at)


def _incident_split(state: State, one: fact.IncidentSplit, at: datetime) -> None:
    before, into = state.incidents[one.incident], state.incidents[one.into]
    kept = tuple(id for id in before.alarms if id not in one.alarms)
    _leave(state, before)
    _change_incident(state, one.incident, at, alarms=kept, severity=one.left_severity)
    _enter(state, state.incidents[one.incident])
    _take_in(state, into, one.alarms, at, severity=one.severity, split_from=one.incident)


def _incident_merged(state: State, one: fact.IncidentMerged, at: datetime) -> None:
    before, into = state.incidents[one.incident], state.incidents[one.into]
    _leave(state, before)
    _change_incident(
        state,
        one.incident,
        at,
        alarms=tuple(id for id in before.alarms if id not in one.alarms),
        orders=tuple(id for id in before.orders if id not in one.orders),
        closed_at=at,
        merged_into=one.into,
    )
    for id in one.orders:
        moved = state.orders[id]
        joined = (*(moved.joined or ((0, moved.drafted.incident),)), (state.last_entry + 1, one.into))
        state.orders[id] = replace(moved, drafted=replace(moved.drafted, incident=one.into), joined=joined)
        engage(state, moved.drafted.recipient)
    _take_in(
        state,
        into,
        one.alarms,
        at,
        severity=one.severity,
        orders=(*into.orders, *one.orders),
        people_wanted=max(into.people_wanted, before.people_wanted),
        brigade=before.brigade if _reported(before) and not _reported(into) else into.brigade or before.brigade,
        photos=(*into.photos, *before.photos),
    )
    for call in state.calls_of(before):
        state.calls[call.id] = replace(call, planned=replace(call.planned, incident=one.into))
    if before.calls:
        _change_incident(state, one.incident, at, calls=())
        _change_incident(state, one.into, at, calls=(*into.calls, *before.calls))
    for key in [key for key in state.timers if key.partition(" ")[2] == one.incident]:
        del state.timers[key]


def _reported(about: Incident) -> bool:
    return about.brigade is not None and about.brigade.reported_at is not None


def _take_in(state: State, into: Incident, alarms: tuple[str, ...], at: datetime, **changes: object) -> None:
    for id in (*alarms, *_earlier(state, alarms)):
        _move(state, id, into.id)
    came = max([into.last_alarm_at, *(state.alarms[id].raised_at for id in alarms)])
    held = dict.fromkeys((*into.alarms, *alarms))
    _change_incident(state, into.id, at, alarms=tuple(held), last_alarm_at=came, **changes)
    _enter(state, state.incidents[into.id])


def _move(state: State, alarm: str, incident: str) -> None:
    """The alarm belongs to the incident from this entry on."""
    one = state.alarms[alarm]
    before = one.joined or (((0, one.incident),) if one.incident is not None else ())
    joined = (*before[1 - JOINED_KEPT :], (state.last_entry + 1, incident))
    state.alarms[alarm] = replace(one, incident=incident, joined=joined)


def _earlier(state: State, alarms: tuple[str, ...]) -> list[str]:
    """Alarms that stand in no list since the same device has raised one of these after them: they go with it."""
    moved = {(one.incident, one.device, one.kind) for one in (state.alarms[id] for id in alarms)}
    listed = {id for incident, *_ in moved if incident in state.incidents for id in state.incidents[incident].alarms}
    return [
        id
        for id, one in state.alarms.items()
        if (one.incident, one.device, one.kind) in moved and id not in listed and id not in alarms
    ]


def _enter(state: State, about: Incident, places: list[str] | None = None) -> None:
    """An open incident is found at these of its places, or at each."""
    if about.open:
        for place in places or [about.place or NOWHERE, *state.places_of(about)]:
            state.open_at.setdefault(place, set()).add(about.id)


def _leave(state: State, about: Incident) -> None:
    """The incident is found at no place."""
    for place in {about.place or NOWHERE, *state.places_of(about)}:
        found = state.open_at.get(place, set())
        found.discard(about.id)
        if not found:
            state.open_at.pop(place, None)


def _replaced(state: State, id: str, by: Alarm) -> bool:
    """True for an earlier alarm of the same kind at the same device: a chattering one stands once in its incident."""
    one = state.alarms.get(id)
    return one is not None and (one.device, one.kind) == (by.device, by.kind)


def _change_incident(folded: State, incident: str, at: datetime, **changes: object) -> None:
    folded.incidents[incident] = replace(folded.incidents[incident], **changes)
    folded.untold.setdefault(incident, at)


def _order_drafted(state: State, one: fact.OrderDrafted, at: datetime) -> None:
    _count(state, one.order)
    state.orders[one.order] = Order(
        drafted=one,
        state=OrderState.DRAFTED,
        drafted_at=at,
        history=(Step("drafted", at),),
        arrive_at=at + timedelta(seconds=one.eta_s) if one.eta_s is not None else None,
        arrive_method=one.eta_method,
    )
    index(state, state.orders[one.order])
    _await(state, "undelivered", one.order, one.deliver_by)
    incident = state.incidents[one.incident]
    _change_incident(state, one.incident, at, orders=(*incident.orders, one.order))


def _order_changed(state: State, one: fact.OrderChanged, at: datetime) -> None:
    order = state.orders[one.order]
    steps = [Step(f"{step}_skipped", at) for step in one.skipped]
    history = (*order.history, *steps, Step(TOLD_AS[one.event], at, one.by, one.done, one.pressed_at))
    changed = replace(order, state=one.state, history=history, turn_out_by=one.turn_out_by or order.turn_out_by)
    if one.event is OrderEvent.DECLINE:
        changed = replace(changed, decline_reason=(one.value or {}).get("reason"))
    if changed.open != order.open:
        changed = replace(changed, ended_at=None if changed.open else at)
    state.orders[one.order] = changed
    index(state, changed)
    if one.state not in UNDELIVERED:
        _await(state, "undelivered", one.order, None)
    _count_press(state, one.actor, one.ref, one.order, at)
    if one.event in ACTIONS and order.drafted.recipient.startswith("station:"):
        _show_presence(state, order.drafted.recipient.removeprefix("station:"), at)
    state.untold.setdefault(order.drafted.incident, at)


def _member_answered(state: State, one: fact.MemberAnswered, at: datetime) -> None:
    order = state.orders[one.order]
    said = Member(one.person, one.answer, at)
    others = [each for each in order.members if each.person != one.person]
    state.orders[one.order] = replace(order, members=(*others, said))
    _count_press(state, one.by, one.ref, one.order, at)
    state.untold.setdefault(order.drafted.incident, at)


def _call_planned(state: State, one: fact.CallPlanned, at: datetime) -> None:
    _count(state, one.call)
    state.calls[one.call] = Call(planned=one, planned_at=at, entry=state.last_entry + 1)
    state.ringing.add(one.call)
    state.called[call_key(one.kind, one.subject, one.recipient)] = one.call
    _note_in_history(state, one.subject, Step("fallback_called", at, one.recipient))
    if one.incident is not None:
        calls = state.incidents[one.incident].calls
        _change_incident(state, one.incident, at, calls=(*calls, one.call))


_CALL_HISTORY = {"delivered": "fallback_answered", "failed": "fallback_failed"}


def _call_ended(state: State, one: fact.CallEnded, at: datetime) -> None:
    call = state.calls[one.call]
    state.calls[one.call] = replace(
        call,
        attempts=one.attempts,
        again_at=None,
        outcome=one.outcome,
        status=one.status,
        reason=one.reason,
        ended_at=at,
    )
    state.ringing.discard(one.call)
    if (step := _CALL_HISTORY.get(one.outcome)) is not None:
        _note_in_history(state, call.planned.subject, Step(step, at, call.planned.recipient))
    if call.planned.incident in state.incidents:
        state.untold.setdefault(call.planned.incident, at)


def _note_in_history(state: State, subject: str, step: Step) -> None:
    if (order := state.orders.get(subject)) is not None:
        state.orders[subject] = replace(order, history=(*order.history, step))


def _change_post(folded: State, station: str, **changes: object) -> None:
    folded.posts[station] = replace(folded.posts.get(station, Post()), **changes)


def _handed_over(state: State, one: fact.HandedOver, at: datetime) -> None:
    watch = Watch(people=one.people, since=at, until=one.until, by=one.by, handed_by=one.handed_by, items=one.items)
    _change_post(state, one.station, watch=watch)
    if one.by == f"station:{one.station}":
        _show_presence(state, one.station, at)
    if one.ref is not None:
        state.refs[f"{one.by} {one.ref}"] = Pressed(one.station, at)


def _duty_check_answered(state: State, one: fact.DutyCheckAnswered, at: datetime) -> None:
    check = state.checks[one.check]
    kept = "missed" if one.late else "answered"
    state.checks[one.check] = replace(check, state=kept, answered_at=at, answered_by=one.by, via=one.via)
    _show_presence(state, one.station, at)
    if not one.late:
        _change_post(state, one.station, answered_at=at)
    _await(state, "duty_check_over", one.check, None)
    if one.ref is not None and one.actor is not None:
        state.refs[f"{one.actor} {one.ref}"] = Pressed(one.check, at)


def _show_presence(state: State, station: str, at: datetime) -> None:
    """Somebody there has pressed something: whatever it was, the post is not empty."""
    _change_post(state, station, present_at=at, demoted_since=None)


def index(state: State, order: Order) -> None:
    """The order is found among its recipient's open ones, or is not, and awaited while it is unanswered."""
    recipient = order.drafted.recipient
    _await(state, "lapse", order.id, order.drafted.acknowledge_by if order.state in UNANSWERED else None)
    _await(state, "turn_out", order.id, order.turn_out_by if order.state is OrderState.ACKNOWLEDGED else None)
    held = state.open_by.setdefault(recipient, set())
    if (order.id in held) != order.open:
        held.symmetric_difference_update((order.id,))
        if order.drafted.kind is OrderKind.RESPOND:
            engage(state, recipient)
    if not held:
        del state.open_by[recipient]


def engage(state: State, recipient: str) -> None:
    """It is known how many incidents the recipient's open `respond` orders belong to."""
    drafted = [state.orders[id].drafted for id in state.open_by.get(recipient, ())]
    called = {(one.incident, one.drill is None) for one in drafted if one.kind is OrderKind.RESPOND}
    station = recipient.removeprefix("station:")
    state.engaged[station] = (len(called), sum(real for _, real in called))
    if not called:
        del state.engaged[station]


def rearm(state: State) -> None:
    """What a snapshot of an earlier version lacks is made from what it has: indexes, and timers of orders, drills and
    shelvings.
    """
    for order in state.orders.values():
        index(state, order)
    for recipient in state.open_by:
        engage(state, recipient)
    for about in state.incidents.values():
        _enter(state, about)
    for drill in state.drills.values():
        _await(state, "drill_over", drill.id, drill.until if drill.closed_at is None else None)
    for id in state.on.values():
        _await(state, "unshelve", id, state.alarms[id].shelved_until)
    for incident in state.incidents.values():
        if incident.calling is not None:
            _await(state, "calling", incident.id, incident.calling.look_at if incident.open else None)


def forget(state: State, ended: Callable[[Incident], bool], refs_before: datetime, signals_before: datetime) -> None:
    """What ended long ago is no longer held; the projections keep it. Counters and the chain are untouched."""
    for incident in [one for one in state.incidents.values() if not one.open and ended(one)]:
        for order in incident.orders:
            state.orders.pop(order, None)
        for call in incident.calls:
            _forget_call(state, call)
        del state.incidents[incident.id]
        for subject in (incident.id, *incident.orders):
            state.told.pop(subject, None)
            state.untold.pop(subject, None)
    kept = {alarm for incident in state.incidents.values() for alarm in incident.alarms}
    for alarm in [id for id, one in state.alarms.items() if id not in kept and _before(one.cleared_at, refs_before)]:
        del state.alarms[alarm]
    for call in [id for id, one in state.calls.items() if one.planned.incident is None]:
        if _before(state.calls[call].ended_at, refs_before):
            _forget_call(state, call)
    _forget_checks(state, refs_before)
    state.refs = {ref: pressed for ref, pressed in state.refs.items() if pressed.at >= refs_before}
    state.signals = {id: at for id, at in state.signals.items() if at >= signals_before}
    state.imported = {digest: at for digest, at in state.imported.items() if at >= signals_before}
    for drill in [id for id, one in state.drills.items() if _before(one.closed_at, refs_before)]:
        del state.drills[drill]
    alarm_fold.forget(state, refs_before)
    blackout_fold.forget(state, refs_before)


def _forget_checks(state: State, before: datetime) -> None:
    """Each station's last check is kept, and what waits for an answer."""
    last = {one.check for one in state.posts.values()}
    for check in [id for id, one in state.checks.items() if id not in last and one.sent_at < before]:
        if state.checks[check].state != "open":
            del state.checks[check]
            state.told.pop(check, None)


def _forget_call(state: State, call: str) -> None:
    if (known := state.calls.pop(call, None)) is not None:
        state.ringing.discard(call)
        state.called.pop(call_key(known.planned.kind, known.planned.subject, known.planned.recipient), None)


def _before(at: datetime | None, limit: datetime) -> bool:
    return at is not None and at < limit
