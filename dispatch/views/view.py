"""Alarms, orders and incidents as the outside sees them (CONTRACT sections 3 and 4): JSON-ready dicts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from devices import instant
from devices.model import Mode
from devices.registry import Registry
from dispatch.calling import brigade, crew, presence
from dispatch.choosing import obstacle
from dispatch.facts.alarm import Held
from dispatch.facts.order import NOT_YET_THERE, OrderKind
from dispatch.state import finding
from dispatch.state.state import FLOOD, Alarm, Blackout, Call, Drill, Incident, Order, Photo, State, Step
from dispatch.views import placefile, summary
from dispatch.ways.way import Way


def alarm(registry: Registry, one: Alarm) -> dict[str, Any]:
    """ALARM: with its place's grids, small to large."""
    return _alarm(one, _grids_of(registry, one.place))


def _alarm(one: Alarm, grids: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        **_brief(one),
        "id": one.id,
        "place": one.place,
        "grid": grids,
        "raised_at": instant.text(one.raised_at),
        "restored_at": _text(one.restored_ts),
        "cleared_at": _text(one.cleared_at),
        "shelved_until": _text(one.shelved_until),
        "incident": one.incident,
        "acknowledged_by": one.acknowledged_by,
        "drill": one.drill is not None,
        "drill_id": one.drill,
        "latching": one.latches,
        "active_at": _text(one.active_at),
        "held": one.held.value if one.held is not None else None,
        "held_until": _text(one.held_until),
        "escalated_from": one.escalated_from,
        "blackout": one.blackout,
    }


CONTROL_ROOM = "control_room:"
"""How its recipients begin."""


Scenes = dict[str, tuple[dict[str, Any], dict[str, Any] | None]]
"""What all orders of an incident say alike, and its report to the brigade, by incident: of one state that does not
change meanwhile.
"""


def order(state: State, registry: Registry, one: Order, scenes: Scenes | None = None) -> dict[str, Any]:
    """ORDER, as CONTRACT section 3 shapes it, as anybody may read it who may read orders."""
    return _order(registry, one, *_told(state, registry, state.incidents[one.drafted.incident], scenes))


def _told(
    state: State, registry: Registry, about: Incident, scenes: Scenes | None
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    if scenes is not None and about.id in scenes:
        return scenes[about.id]
    alarms = state.alarms_of(about)
    found = _scene(state, registry, about, alarms), brigade.shown(registry, about, alarms, household=False)
    if scenes is not None:
        scenes[about.id] = found
    return found


def own(state: State, registry: Registry, one: Order) -> dict[str, Any]:
    """ORDER as its recipient has it: with its `file`, while it is open. Nobody else may be shown this."""
    shown = order(state, registry, one) | {"file": placefile.of(state, registry, one)}
    if one.open and one.drafted.recipient.startswith(CONTROL_ROOM):
        # the control room of the place knows who lives there; others who verify need not
        about = state.incidents[one.drafted.incident]
        shown["brigade"] = brigade.shown(registry, about, state.alarms_of(about), household=True)
    return shown


def _scene(state: State, registry: Registry, about: Incident, alarms: list[Alarm]) -> dict[str, Any]:
    """What all orders of an incident say alike."""
    return {
        "place": _place(registry, about, alarms),
        "places": _places(registry, about, alarms),
        "grid": grids(registry, about.grid),
        "alarms": [_brief(found) for found in alarms],
        "maintenance": _maintenance(about),
        "closures": obstacle.told(registry, about, alarms, state.last_at or about.opened_at),
    }


def _maintenance(about: Incident) -> dict[str, Any] | None:
    """Why maintenance is asked for, where that is what the incident is."""
    asked = about.upkeep
    if asked is None:
        return None
    return {
        "device": asked.device,
        "count": asked.count,
        "since": instant.text(asked.since),
        "causes": asked.causes,
    }


def _order(registry: Registry, one: Order, scene: dict[str, Any], told: dict[str, Any] | None) -> dict[str, Any]:
    """The order; `told`, the report to the brigade, for who verifies."""
    drafted = one.drafted
    return {
        "id": one.id,
        "incident": drafted.incident,
        "recipient": drafted.recipient,
        "state": one.state.value,
        "kind": drafted.kind.value,
        "file": None,
        "priority": drafted.priority,
        "drill": drafted.drill is not None,
        "drill_id": drafted.drill,
        "late": drafted.late,
        **scene,
        **_eta(one),
        "reason": drafted.reason,
        "tier": drafted.tier,
        "rules": list(drafted.rules),
        "people": drafted.crew,
        "members": _members(registry, one),
        "brigade": told if drafted.kind is OrderKind.VERIFY else None,
        "deadlines": {
            "acknowledge_by": instant.text(drafted.acknowledge_by),
            "turn_out_by": _text(one.turn_out_by or drafted.turn_out_by),
            "arrive_by": _text(drafted.arrive_by),
            "support_by": _text(drafted.support_by),
        },
        "history": [_step(step) for step in one.history],
        "drafted_at": instant.text(one.drafted_at),
    }


def incident(state: State, registry: Registry, one: Incident, scenes: Scenes | None = None) -> dict[str, Any]:
    """INCIDENT, as CONTRACT section 4 shapes it, without its timeline. `warnings` tell command what needs a person."""
    alarms, orders = state.alarms_of(one), state.orders_of(one)
    scene, report = _told(state, registry, one, scenes)
    grids = {place: _grids_of(registry, place) for place in {found.place for found in alarms}}
    return {
        "id": one.id,
        "state": "open" if one.open else "closed",
        "severity": one.severity,
        "kind": one.kind,
        "source": one.source,
        "case_number": one.case_number,
        "place": scene["place"],
        "places": scene["places"],
        "grid": scene["grid"],
        "drill": one.drill is not None,
        "drill_id": one.drill,
        "verification": one.verification,
        "opened_at": instant.text(one.opened_at),
        "closed_at": _text(one.closed_at),
        "split_from": one.split_from,
        "merged_into": one.merged_into,
        "stood_down": one.stood_down,
        "verdict": one.verdict,
        "judged_at": _text(one.judged_at),
        "cause": one.cause,
        "outcome": one.outcome,
        "report_missing": finding.missing(state, one),
        "maintenance": scene["maintenance"],
        "alarms": [_alarm(found, grids[found.place]) for found in alarms],
        "calling": crew.calling(one, orders),
        "brigade": report,
        "orders": [_order(registry, found, scene, report) for found in orders],
        "calls": [call(found) for found in state.calls_of(one)],
        "warnings": [{"code": told.code, "order": told.order, "recipient": told.recipient} for told in one.warnings],
        "photos": [_photo(taken) for taken in one.photos],
    }


def _members(registry: Registry, one: Order) -> list[dict[str, Any]]:
    """What people of the ordered station said, each with the name they have now; who said it last comes last."""
    named = ((said, registry.people.get(said.person)) for said in one.members)
    return [
        {
            "person": said.person,
            "name": person.name if person is not None else None,
            "answer": said.answer,
            "at": instant.text(said.at),
        }
        for said, person in named
    ]


def _photo(one: Photo) -> dict[str, Any]:
    return {
        "id": one.id,
        "order": one.order,
        "at": instant.text(one.at),
        "by": one.by,
        "digest": one.digest,
        "note": one.note,
        "taken_at": _text(one.taken_at),
    }


def call(one: Call) -> dict[str, Any]:
    """An outgoing call and what has come of it."""
    return {
        "id": one.id,
        "kind": one.planned.kind,
        "recipient": one.planned.recipient,
        "order": one.planned.subject if one.planned.subject.startswith("O-") else None,
        "state": one.outcome or "open",
        "attempts": one.attempts,
        "status": one.status,
        "reason": one.reason,
        "planned_at": instant.text(one.planned_at),
        "ended_at": _text(one.ended_at),
    }


def frame(
    state: State, registry: Registry, subject: str, seq: int, scenes: Scenes | None = None
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The frame numbered `seq` about an order or incident, or without a number about a duty check or flood, and the ids
    of the orders it carries.
    """
    if subject in state.orders:
        return {"type": "order", "seq": seq, "order": order(state, registry, state.orders[subject], scenes)}, (subject,)
    if subject in state.checks:
        return {"type": "duty_check", "check": presence.check(state.checks[subject])}, ()
    if subject == FLOOD:
        return {"type": "flood", "flood": summary.flood(state)}, ()
    return {"type": "incident", "seq": seq, "incident": incident(state, registry, state.incidents[subject], scenes)}, ()


def way(one: Order, found: Way, mode: Mode) -> dict[str, Any]:
    """WAY: where to go along, to be drawn; points to the decimetre."""
    return {
        "order": one.id,
        "mode": mode.value,
        "method": found.method,
        "line": [[round(lon, 6), round(lat, 6)] for lon, lat in found.line],
        "length_m": round(found.length_m),
        "travel_s": round(found.travel_s),
    }


def drill(one: Drill) -> dict[str, Any]:
    """A drill: which devices' items count as exercise, and until when."""
    return {
        "id": one.id,
        "scenario": one.scenario,
        "devices": list(one.devices),
        "opened_at": instant.text(one.opened_at),
        "until": instant.text(one.until),
        "closed_at": _text(one.closed_at),
    }


def blackout(one: Blackout, now: datetime) -> dict[str, Any]:
    """A blackout: of what, from when until when, by whom and why. `state`: `planned`, `on` or `ended`."""
    state = "ended" if one.ended_at is not None else "on" if one.start <= now else "planned"
    return {
        "id": one.id,
        "noun": one.noun,
        "code": one.code,
        "from": instant.text(one.start),
        "until": instant.text(one.until),
        "by": one.by,
        "why": one.why,
        "fire": one.fire,
        "state": state,
        "opened_at": instant.text(one.opened_at),
        "ended_at": _text(one.ended_at),
        "ended_by": one.ended_by,
    }


def _brief(one: Alarm) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "device": one.device,
        "state": one.state.value,
        "since": instant.text(one.since),
        "value": one.value,
        "unit_of": one.column,
        "floor": one.floor,
        "room": one.room,
        "level": one.level,
        "flags": _flags(one),
    }


def _flags(one: Alarm) -> list[str]:
    also = {
        "chattering": one.held is Held.CHATTERING,
        "stale": one.stale,
        "blackout": one.blackout is not None,
    }
    return [*one.flags, *(flag for flag, there in also.items() if there)]


def _place(registry: Registry, about: Incident, alarms: list[Alarm]) -> dict[str, Any]:
    located = _located(one for one in alarms if about.place in (None, one.place)) or about
    return _spot(registry, about.place, located, about.lon, about.lat)


def _places(registry: Registry, about: Incident, alarms: list[Alarm]) -> list[dict[str, Any]]:
    """Where it began, and the further places that its alarms are at."""
    spots = [_place(registry, about, alarms)]
    for code in dict.fromkeys(one.place for one in alarms if one.place != about.place):
        place = registry.places.get(code)
        located = _located(one for one in alarms if one.place == code)
        lon, lat = (place.lon, place.lat) if place is not None else (None, None)
        spots.append(_spot(registry, code, located, lon, lat))
    return spots


def _located(alarms: Iterable[Alarm]) -> Alarm | None:
    return next((one for one in alarms if one.floor is not None or one.room is not None), None)


def _spot(
    registry: Registry, code: str | None, located: Alarm | Incident | None, lon: float | None, lat: float | None
) -> dict[str, Any]:
    place = registry.places.get(code) if code is not None else None
    return {
        "code": code,
        "name": place.name if place is not None else None,
        "address": place.address if place is not None else None,
        "category": place.category if place is not None else None,
        "floors": place.floors if place is not None else None,
        "floor": located.floor if located is not None else None,
        "room": located.room if located is not None else None,
        "lon": lon,
        "lat": lat,
    }


def grids(registry: Registry, grid: str | None) -> list[dict[str, Any]]:
    """The grid and those above it, small to large."""
    if grid is None:
        return []
    return [{"code": one.code, "name": one.name, "level": one.level} for one in registry.grid_chain(grid)]


def _grids_of(registry: Registry, place: str) -> list[dict[str, Any]]:
    found = registry.places.get(place)
    return grids(registry, found.grid if found is not None else None)


def _eta(one: Order) -> dict[str, Any]:
    """As last estimated; `eta_s` counts from the order, whenever that was. Nothing is expected of who has arrived."""
    if one.arrive_at is None:  # also an order of an earlier version's snapshot
        return {"eta_s": one.drafted.eta_s, "eta_at": None, "eta_method": one.drafted.eta_method}
    expected = one.state in NOT_YET_THERE
    return {
        "eta_s": round((one.arrive_at - one.drafted_at).total_seconds()),
        "eta_at": instant.text(one.arrive_at) if expected else None,
        "eta_method": one.arrive_method,
    }


def _step(step: Step) -> dict[str, Any]:
    told = {"event": step.event, "at": instant.text(step.at), "by": step.by}
    if step.pressed_at is not None:
        told["pressed_at"] = instant.text(step.pressed_at)
    return told | {"done": list(step.done)} if step.event == "checklist" else told


def _text(at: datetime | None) -> str | None:
    return instant.text(at) if at is not None else None
