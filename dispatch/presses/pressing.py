"""A person's act is decided: on an order, an incident, an alarm or a drill. Refusals are sentences, not exceptions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from devices.model import CODE, StationKind
from dispatch.choosing.choice import Reason
from dispatch.facts import alarm, order
from dispatch.facts.actor import Actor
from dispatch.facts.alarm import AlarmEvent, AlarmState
from dispatch.facts.fact import (
    AlarmAcknowledged,
    AlarmChanged,
    DrillClosed,
    DrillOpened,
    Fact,
    IncidentOpened,
    IncidentVerified,
    OrderDrafted,
    OutcomeReported,
    StoodDown,
    VerdictGiven,
)
from dispatch.facts.kind import ELECTRICAL_DANGER, FIRE, MANUAL, REAL, SOURCES
from dispatch.facts.order import NOT_YET_THERE, OrderEvent, OrderKind, OrderState
from dispatch.facts.refused import Refused, Why
from dispatch.presses import arrival, refusal, sequel, verification
from dispatch.state import checklist, finding, incident
from dispatch.state.state import Alarm, Drill, Incident, Order
from dispatch.turn import Turn

SEEN_BY = ("119", "patrol", "leader")
"""Sources whose report may say that the fire is confirmed: they have seen it, or the brigade has been told of it."""
KINDS = (FIRE, ELECTRICAL_DANGER, MANUAL)
LATE_PRESS = timedelta(seconds=5)
"""A press that comes so much later than it was made waited for a lost line (assumption)."""
VERDICTS = ("real", "false", "test", "unfounded")


def press(
    turn: Turn,
    actor: Actor,
    one: Order,
    action: str,
    ref: str,
    note: str | None,
    value: Mapping[str, Any] | None,
    pressed_at: datetime | None = None,
) -> str | None:
    """The turn holds what the press changes, or the answer says why it changes nothing (`note`: a digest).

    `pressed_at`: when the screen says that it was pressed.
    """
    if action not in order.ACTIONS:
        return f"unknown action {action[:40]!r}: use one of {', '.join(sorted(order.ACTIONS))}"
    event = OrderEvent(action)
    about = turn.state.incidents[one.drafted.incident]
    refused = _refusal(turn, about, one, event, value)
    if refused is not None:
        return refused
    by = _presser(turn, actor, value)
    if one.state is OrderState.DRAFTED:
        turn.change(one, OrderEvent.SEND, by=actor.recipient)
        one = turn.state.orders[one.id]
    before = one.state
    after = order.advance(one.drafted.kind, before, event)
    if after is None:
        raise ValueError(f"{action} was allowed before it was sent")
    turn.change(
        one,
        event,
        by=by,
        ref=ref,
        actor=actor.recipient,
        note=note,
        value=_codes_only(value),
        done=tuple(dict.fromkeys((value or {})["checklist"])) if event is OrderEvent.CHECKLIST else (),
        skipped=tuple(step.value for step in order.skipped(before, after)) if after is not before else (),
        turn_out_by=_turn_out_by(turn, about, one, event),
        pressed_at=earlier(turn, one, pressed_at),
    )
    arrival.revise(turn, one.id, event, value, by)
    sequel.follow(turn, about, turn.state.orders[one.id], event, by, value, note)
    turn.close_if_done(about.id)
    return None


def earlier(turn: Turn, one: Order, pressed_at: datetime | None) -> datetime | None:
    """When it was pressed, as the screen says, where that is worth a word: some seconds ago, and since the order."""
    if pressed_at is None or not one.drafted_at <= pressed_at <= turn.now - LATE_PRESS:
        return None
    return pressed_at


def _turn_out_by(turn: Turn, about: Incident, one: Order, event: OrderEvent) -> datetime | None:
    """A crew that says it goes is given so long to leave."""
    if event is not OrderEvent.ACKNOWLEDGE or one.drafted.kind is not OrderKind.RESPOND:
        return None
    return turn.now + turn.drafter(about).plan.policy.turn_out_within


def _refusal(turn: Turn, about: Incident, one: Order, event: OrderEvent, value: Mapping[str, Any] | None) -> str | None:
    if one.state is OrderState.LAPSED and not about.open:
        return Refused(Why.INCIDENT_CLOSED, "the incident is closed")
    if one.state is OrderState.LAPSED and incident.harmless(about):
        judged = about.verdict or about.verification
        said = f"nobody needs to come any more: the incident was judged {judged}"
        return Refused(Why.NOT_NEEDED, said, judged=judged)
    if event is OrderEvent.CHECKLIST and (wrong := _checklist_wrong(one, value)) is not None:
        return wrong
    if (wrong := refusal.of(one, event, turn.world.local)) is not None:
        return wrong
    if event is OrderEvent.DECLINE:
        reason = (value or {}).get("reason")
        if not isinstance(reason, str) or CODE.fullmatch(reason) is None:
            return 'decline needs a reason code: {"reason": "…"}, such as ' + ", ".join(sorted(order.DECLINE_REASONS))
    return None


def _checklist_wrong(one: Order, value: Mapping[str, Any] | None) -> str | None:
    tasks = checklist.tasks(one)
    if not tasks:
        return "only an order to attend, or a control room's to verify, has a checklist"
    done = (value or {}).get("checklist")
    if not isinstance(done, list) or not all(isinstance(task, str) and task in tasks for task in done):
        return 'checklist needs all that is ticked off: {"checklist": […]} of ' + ", ".join(tasks)
    return None


def _presser(turn: Turn, actor: Actor, value: Mapping[str, Any] | None) -> str:
    person = (value or {}).get("person")
    if isinstance(person, str) and person in turn.world.registry.people:
        return f"person:{person}"
    return actor.recipient


def _codes_only(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What of `value` may stand in the ledger: numbers, truths and codes. Free text belongs into the note."""
    kept = {key: item for key, item in (value or {}).items() if CODE.fullmatch(key) and finding.plain(item)}
    return kept or None


def sent(turn: Turn, orders: Sequence[str]) -> None:
    """Those of the orders that were only drafted are sent."""
    for one in _known(turn, orders):
        if one.state is OrderState.DRAFTED:
            turn.change(one, OrderEvent.SEND)


def delivered(turn: Turn, orders: Sequence[str]) -> None:
    """Those of the orders that no screen had yet are delivered."""
    for one in _known(turn, orders):
        if one.state in (OrderState.DRAFTED, OrderState.SENT):
            turn.change(one, OrderEvent.DELIVER)


def _known(turn: Turn, orders: Sequence[str]) -> Iterator[Order]:
    return (turn.state.orders[id] for id in orders if id in turn.state.orders)


LOWEST, HIGHEST, ROOM_LETTERS = -9, 200, 12
"""Floors there are, and the letters of a room's number: the ledger keeps no free text."""


def open_by_hand(
    turn: Turn, actor: Actor, request: Mapping[str, Any], note: str | None, ref: str | None = None
) -> str | None:
    """An incident that a person reports is open, with its first orders; or why not."""
    if (wrong := _wrongly_told(request)) is not None:
        return wrong
    kind, source, case_number = request["kind"], request["source"], request.get("case_number")
    confirmed = request.get("confirmed") is True
    if confirmed and source not in SEEN_BY:
        return Refused(
            Why.NOT_SEEN, f"only {', '.join(SEEN_BY)} may say that it is confirmed: who calls has to be on the spot"
        )
    spot = _spot(turn, request)
    if isinstance(spot, str):
        return spot
    place = turn.world.registry.places.get(spot[0]) if spot[0] is not None else None
    opened = IncidentOpened(
        incident=turn.number("I"),
        kind=kind,
        source=source,
        severity=incident.severity(kind, [], confirmed=confirmed, by_hand=True),
        place=spot[0],
        lon=spot[1],
        lat=spot[2],
        grid=spot[3],
        by=actor.recipient,
        case_number=case_number,
        note=note,
        grids=turn.world.grids_of(spot[3]),
        category=place.category if place is not None else None,
        ref=ref,
        floor=request.get("floor"),
        room=request.get("room"),
    )
    turn.add(opened)
    if confirmed:
        severity, by = opened.severity, actor.recipient
        turn.add(IncidentVerified(incident=opened.incident, verification="confirmed", severity=severity, by=by))
    turn.first_orders(opened.incident)
    return None


def _wrongly_told(request: Mapping[str, Any]) -> str | None:
    if request.get("kind") not in KINDS:
        return f"kind must be one of {', '.join(KINDS)}"
    if request.get("source") not in SOURCES:
        return f"source must be one of {', '.join(SOURCES)}"
    case_number, floor, room = (request.get(name) for name in ("case_number", "floor", "room"))
    if case_number is not None and (not isinstance(case_number, str) or CODE.fullmatch(case_number) is None):
        return Refused(Why.CASE_NUMBER, "case_number must be 1 to 64 letters, digits, dots, dashes or underscores")
    if floor is not None and not (type(floor) is int and LOWEST <= floor <= HIGHEST):
        return Refused(Why.FLOOR_OR_ROOM, f"floor must be a whole number, {LOWEST} to {HIGHEST}")
    if room is not None and not (isinstance(room, str) and len(room) <= ROOM_LETTERS and CODE.fullmatch(room)):
        return Refused(Why.FLOOR_OR_ROOM, f"room must be 1 to {ROOM_LETTERS} letters, digits, dots or dashes")
    return None


def _spot(turn: Turn, request: Mapping[str, Any]) -> tuple[str | None, float, float, str | None] | str:
    code = request.get("place")
    if code is not None:
        place = turn.world.registry.places.get(code) if isinstance(code, str) else None
        if place is None:
            said = f"no place {str(code)[:64]!r}: give a registered place's code, or lon and lat"
            return Refused(Why.NOT_REGISTERED, said, noun="place", named=str(code)[:64])
        return place.code, place.lon, place.lat, place.grid
    lon, lat = request.get("lon"), request.get("lat")
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (lon, lat))
    if not numbers or not (-180 <= lon <= 180 and -90 <= lat <= 90):  # type: ignore[operator]
        return Refused(
            Why.POSITION_MISSING, "give a registered place's code as place, or lon and lat in WGS-84 degrees"
        )
    return None, float(lon), float(lat), turn.world.grid_at(float(lon), float(lat))  # type: ignore[arg-type]


def give_verdict(
    turn: Turn,
    actor: Actor,
    about: Incident,
    request: Mapping[str, Any],
    note: str | None,
    ref: str | None = None,
) -> str | None:
    """The incident has its verdict; found no fire, whoever is not there yet is stood down. Or why not."""
    verdict, cause, outcome = request.get("verdict"), request.get("cause"), request.get("outcome")
    if verdict not in VERDICTS:
        return f"verdict must be one of {', '.join(VERDICTS)}"
    if not about.open:
        return Refused(Why.INCIDENT_CLOSED, "the incident is closed")
    wrong = finding.cause_wrong(about.kind, verdict, cause)
    if wrong is not None:
        return wrong
    said = finding.read(outcome, about.opened_at, turn.now) if outcome is not None else {}
    if isinstance(said, str):
        return said
    if verdict == about.verdict:
        cause, said = cause or about.cause, {**(about.outcome or {}), **said}
    turn.add(
        VerdictGiven(
            incident=about.id,
            verdict=verdict,
            by=actor.recipient,
            cause=cause,
            outcome=said or None,
            note=note,
            ref=ref,
        )
    )
    if verdict != REAL:
        verification.stand_down(turn, about, actor.recipient, only=NOT_YET_THERE)
    verification.over(turn, about, actor.recipient)
    turn.call(about, Reason.STRENGTH)
    turn.close_if_done(about.id)
    return None


def report_outcome(
    turn: Turn, actor: Actor, about: Incident, request: Mapping[str, Any], note: str | None
) -> str | None:
    """The report of a real fire says more than before; what it says anew replaces what it said. Or why not."""
    cause = request.get("cause")
    if about.verdict != REAL:
        return Refused(Why.NOT_REAL, "only what was real has an outcome: give the verdict real first")
    wrong = finding.cause_wrong(about.kind, about.verdict, cause)
    if wrong is not None:
        return wrong
    said = finding.read(request.get("outcome", {}), about.opened_at, turn.now)
    if isinstance(said, str):
        return said
    if not said and cause is None:
        missing = ", ".join(finding.missing(turn.state, about)) or "nothing"
        return Refused(Why.OUTCOME_EMPTY, f"give outcome or cause; still missing: {missing}")
    turn.add(OutcomeReported(incident=about.id, by=actor.recipient, outcome=said or None, cause=cause, note=note))
    return None


def call(  # noqa: PLR0911 - one return per refusal
    turn: Turn, actor: Actor, about: Incident, recipient: str, note: str | None = None
) -> str | None:
    """The recipient is ordered because a person asked for it (`note`: a digest of why); or why not."""
    if not about.open:
        return Refused(Why.INCIDENT_CLOSED, "the incident is closed")
    if turn.played_out(about):
        return Refused(
            Why.DRILL_OVER, "the drill is over: open a new one, or report the incident by hand if it is real"
        )
    registry = turn.world.registry
    noun, _, code = recipient.partition(":")
    if noun == "station":
        station = registry.stations.get(code)
        if station is None:
            return Refused(Why.NOT_REGISTERED, f"no station {code[:64]!r}", noun="station", named=code[:64])
        if station.kind is StationKind.BRIGADE:
            return Refused(Why.BRIGADE_ORDERED, "a fire brigade is not ordered, it is reported to by 119")
        if about.lon is None:
            return Refused(Why.POSITION_MISSING, "the incident has no position: call the station by telephone")
    elif noun != "person" or code not in registry.people:
        return "recipient must be station:CODE or person:CODE of the registry"
    if any(one.open and one.drafted.recipient == recipient for one in turn.state.orders_of(about)):
        return Refused(
            Why.CALLED_ALREADY, f"{recipient} has an open order of this incident already", recipient=recipient
        )
    turn.extend(_asked(turn.drafter(about).called(recipient), actor, note))
    return None


def _asked(facts: Iterable[Fact], actor: Actor, note: str | None) -> Iterator[Fact]:
    for one in facts:
        yield replace(one, by=actor.recipient, note=note) if isinstance(one, OrderDrafted) else one


def stand_down(turn: Turn, actor: Actor, about: Incident, note: str | None = None) -> str | None:
    """Every open order of the incident is cancelled (`note`: a digest of why); or why not."""
    if not about.open:
        return Refused(Why.INCIDENT_CLOSED, "the incident is closed")
    verification.stand_down(turn, about, actor.recipient, only=frozenset(OrderState))
    turn.add(StoodDown(incident=about.id, by=actor.recipient, note=note))
    turn.call(about, Reason.STRENGTH)
    turn.close_if_done(about.id)
    return None


def act_on_alarm(turn: Turn, actor: Actor, one: Alarm, action: str, until: datetime | None) -> str | None:
    """The alarm is acknowledged, shelved or reset; or why not. A fire is never shelved."""
    match action:
        case "acknowledge":
            turn.add(AlarmAcknowledged(alarm=one.id, by=actor.recipient))
            return None
        case "reset":
            event = AlarmEvent.RESET
        case "shelve":
            if one.kind in alarm.FIRE_LIKE:
                return Refused(
                    Why.ALARM_NOT_SHELVED,
                    "a fire or manual alarm cannot be shelved: reset it when the place has been checked",
                )
            if until is None or until <= turn.now:
                return Refused(Why.UNTIL_PAST, "shelve needs until, a time in the future")
            event = AlarmEvent.SHELVE
        case _:
            return f"unknown action {action[:40]!r}: use acknowledge, shelve or reset"
    after = one.after(event)
    if after is None:
        return Refused(
            Why.ALARM_STATE, f"{action} is not allowed while the alarm is {one.state}", state=one.state.value
        )
    turn.add(AlarmChanged(alarm=one.id, state=after, by=actor.recipient, until=until if action == "shelve" else None))
    return None


def open_drill(turn: Turn, actor: Actor, request: Mapping[str, Any]) -> str | None:
    """The drill is open for its devices; or why not."""
    scenario, devices, minutes = request.get("scenario"), request.get("devices"), request.get("minutes", 30)
    if not isinstance(scenario, str) or CODE.fullmatch(scenario) is None:
        return "scenario must be a code, such as kitchen-fire"
    if not isinstance(devices, list) or not devices or len(devices) > 1000:
        return "devices must be a list of 1 to 1000 device codes"
    known = turn.world.registry.devices
    unknown = [str(one)[:64] for one in devices if not isinstance(one, str) or one not in known]
    if unknown:
        return f"no device {', '.join(unknown[:5])}: name registered devices"
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 < minutes <= _minutes_at_most(turn):
        return f"minutes must be between 0 and {_minutes_at_most(turn):.0f}"
    turn.add(
        DrillOpened(
            drill=turn.number("D"),
            scenario=scenario,
            devices=tuple(devices),
            until=turn.now + timedelta(minutes=minutes),
            by=actor.recipient,
        )
    )
    return None


def _minutes_at_most(turn: Turn) -> float:
    return turn.world.policy.drill_at_most / timedelta(minutes=1)


def end_drill(turn: Turn, id: str) -> None:
    """The drill is closed, if its time is up."""
    one = turn.state.drills.get(id)
    if one is not None and one.until <= turn.now:
        close_drill(turn, "clock", one)


def close_drill(turn: Turn, by: str, one: Drill) -> str | None:
    """The drill is closed: items that still name it are real, and its alarms are off, since no device can clear them
    any more; or why not.
    """
    if one.closed_at is not None:
        return Refused(Why.DRILL_CLOSED, "the drill is closed already")
    turn.add(DrillClosed(drill=one.id, by=by))
    for played in [turn.state.alarms[id] for id in turn.state.on.values()]:
        if played.drill == one.id:
            turn.add(AlarmChanged(alarm=played.id, state=AlarmState.CLEARED, by=by))
    return None
