"""What an entry changes in the database's projections: rows of alarms, incidents and orders as they stand now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from devices.registry import Registry
from dispatch import fact, view
from dispatch.entry import Content, Entry
from dispatch.journal import Note
from dispatch.state import State, incident_of

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drop:
    """Entries on their way into the database together, with all that their transaction writes.

    `touched`: which incidents' timelines each entry belongs to.
    """

    entries: tuple[Entry, ...]
    alarms: tuple[Row, ...]
    incidents: tuple[Row, ...]
    orders: tuple[Row, ...]
    touched: tuple[tuple[str, int], ...]
    signals: tuple[str, ...]
    notes: tuple[Note, ...]

    @property
    def first(self) -> int:
        """The number of its first entry."""
        return self.entries[0].content.n

    @property
    def last(self) -> int:
        """The number of its last entry."""
        return self.entries[-1].content.n


def project(state: State, registry: Registry, entries: Sequence[Entry], notes: Iterable[Note]) -> Drop:
    """The rows that `entries` touch, as `state` has them now; what it no longer holds is in the database already.

    Each row is made once however many of the entries touch it: a hundred alarms of one incident are one row.
    """
    alarms: dict[str, None] = {}
    incidents: dict[str, None] = {}
    orders: dict[str, None] = {}
    touched: list[tuple[str, int]] = []
    for entry in entries:
        some_alarms, some_incidents, some_orders = _touched(state, entry.content)
        alarms |= some_alarms
        incidents |= some_incidents
        orders |= some_orders
        touched += [(one, entry.content.n) for one in some_incidents]
    causes = [entry.content.cause for entry in entries]
    return Drop(
        entries=tuple(entries),
        alarms=tuple(_alarm(state, registry, one) for one in alarms if one in state.alarms),
        incidents=tuple(_incident(state, registry, one) for one in incidents if one in state.incidents),
        orders=tuple(_order(state, registry, one) for one in orders if one in state.orders),
        touched=tuple(touched),
        signals=tuple(cause["signal"] for cause in causes if "signal" in cause),
        notes=tuple(notes),
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
        if (about := incident_of(state, one)) is not None:
            incidents[about] = None
    return alarms, incidents, orders


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
        "body": view.alarm(registry, one),
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
        "body": view.incident(state, registry, one),
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
        "body": view.order(state, registry, one),
    }
