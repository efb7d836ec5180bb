"""What an entry changes in the database's projections: rows of alarms, incidents and orders as they stand now."""

from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from devices.registry import Registry
from dispatch import fact, view
from dispatch.entry import Content, Entry
from dispatch.journal import Note
from dispatch.state import State

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drop:
    """One entry on its way into the database, with all that its transaction writes."""

    entry: Entry
    alarms: tuple[Row, ...]
    incidents: tuple[Row, ...]
    orders: tuple[Row, ...]
    touched: tuple[str, ...]
    signal: str | None
    notes: tuple[Note, ...]


def project(state: State, registry: Registry, entry: Entry, notes: tuple[Note, ...]) -> Drop:
    """The rows that `entry` touches, as `state` has them; what the state no longer holds is in the database already."""
    alarms, incidents, orders = _touched(state, entry.content)
    return Drop(
        entry=entry,
        alarms=tuple(_alarm(state, registry, one) for one in alarms if one in state.alarms),
        incidents=tuple(_incident(state, registry, one) for one in incidents if one in state.incidents),
        orders=tuple(_order(state, registry, one) for one in orders if one in state.orders),
        touched=tuple(incidents) if entry.content.facts else (),
        signal=entry.content.cause.get("signal"),
        notes=notes,
    )


def notes_named(content: Content) -> list[str]:
    """Digests of the notes that the entry names."""
    return [one.note for one in content.facts if isinstance(one, _NOTED) and one.note is not None]


_NOTED = (fact.OrderChanged, fact.VerdictGiven, fact.IncidentOpened)


def _touched(state: State, content: Content) -> tuple[dict[str, None], dict[str, None], dict[str, None]]:
    alarms: dict[str, None] = {}
    incidents: dict[str, None] = {}
    orders: dict[str, None] = {}
    for one in content.facts:
        match one:
            case fact.AlarmRaised() | fact.AlarmChanged() | fact.AlarmAcknowledged() | fact.AlarmJoined():
                alarms[one.alarm] = None
            case fact.OrderDrafted() | fact.OrderChanged():
                orders[one.order] = None
            case _:
                pass
        if (about := _incident_of(state, one)) is not None:
            incidents[about] = None
    return alarms, incidents, orders


def _incident_of(state: State, one: fact.Fact) -> str | None:
    match one:
        case fact.AlarmRaised() | fact.AlarmChanged() | fact.AlarmAcknowledged():
            alarm = state.alarms.get(one.alarm)
            return alarm.incident if alarm is not None else None
        case fact.OrderChanged():
            order = state.orders.get(one.order)
            return order.drafted.incident if order is not None else None
        case fact.DrillOpened() | fact.DrillClosed():
            return None
        case _:
            return one.incident


def _alarm(state: State, registry: Registry, id: str) -> Row:
    one = state.alarms[id]
    return {
        "id": id,
        "device": one.device,
        "kind": one.kind.value,
        "place": one.place,
        "state": one.state.value,
        "drill": one.drill,
        "incident": one.incident,
        "raised_at": one.raised_at,
        "cleared_at": one.cleared_at,
        "body": Jsonb(view.alarm(registry, one)),
    }


def _incident(state: State, registry: Registry, id: str) -> Row:
    one = state.incidents[id]
    return {
        "id": id,
        "place": one.place,
        "kind": one.kind,
        "state": "open" if one.open else "closed",
        "severity": one.severity,
        "drill": one.drill,
        "verdict": one.verdict,
        "opened_at": one.opened_at,
        "closed_at": one.closed_at,
        "body": Jsonb(view.incident(state, registry, one)),
    }


def _order(state: State, registry: Registry, id: str) -> Row:
    one = state.orders[id]
    return {
        "id": id,
        "incident": one.drafted.incident,
        "recipient": one.drafted.recipient,
        "kind": one.drafted.kind.value,
        "state": one.state.value,
        "priority": one.drafted.priority,
        "drill": one.drafted.drill,
        "reason": one.drafted.reason,
        "drafted_at": one.drafted_at,
        "ended_at": one.ended_at,
        "body": Jsonb(view.order(state, registry, one)),
    }
