"""What an entry changes in the database's projections: rows of alarms, incidents and orders as they stand now.

What statistics count stands in columns beside the body (docs/statistics.md).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from devices.registry import Registry
from dispatch.facts import fact
from dispatch.facts.alarm import PRIORITY, AlarmState
from dispatch.facts.entry import Content, Entry
from dispatch.facts.fact import Grids
from dispatch.ledger.journal import Note
from dispatch.policy.policy import Policy
from dispatch.state.state import Alarm, State, incidents_of
from dispatch.views import milestone, view
from dispatch.world import grids_of

Row = dict[str, Any]

TABLES = {
    "alarms": ("id",),
    "alarm_changes": ("entry", "nr"),
    "incidents": ("id",),
    "orders": ("id",),
    "incident_entries": ("incident", "entry"),
}
"""The tables that follow from ledger and registry, each with its key: `dispatch.ledger.rebuild` makes them anew."""

_MILESTONES = tuple(one.name for one in fields(milestone.Milestones))

SETTLED = Policy().keep_closed
"""An incident closed for so long is written no more: its row and its orders' stay as they were by then, whenever the
desk has forgotten it.
"""


@dataclass(frozen=True, slots=True)
class Drop:
    """Entries on their way into the database together, with all that their transaction writes.

    `changes`: what became of alarms, one row for each change. `touched`: which incidents' timelines each entry belongs
    to.
    """

    entries: tuple[Entry, ...]
    changes: tuple[Row, ...]
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

    Each row is made once however many of the entries touch it: a hundred alarms of one incident are one row. Every row
    that the entries may have changed is made, so that rows do not depend on which entries were written together.
    """
    holders = _holders(state, entries)
    alarms: dict[str, None] = {}
    incidents: dict[str, None] = {}
    orders: dict[str, None] = {}
    touched: list[tuple[str, int]] = []
    for entry in entries:
        some = _touched(state, entry.content, holders)
        alarms |= some.alarms
        incidents |= {one: None for one in some.shown if _live(state, one, entry)}
        orders |= {one: None for one in some.orders if _live(state, _about(state, one), entry)}
        touched += [(one, entry.content.n) for one in some.told]
    scenes: view.Scenes = {}
    causes = [entry.content.cause for entry in entries]
    return Drop(
        entries=tuple(entries),
        changes=tuple(_changes(state, registry, entries)),
        alarms=tuple(_alarm(state, registry, one) for one in alarms if one in state.alarms),
        incidents=tuple(_incident(state, registry, one, scenes) for one in incidents if one in state.incidents),
        orders=tuple(_order(state, registry, one, scenes) for one in orders if one in state.orders),
        touched=tuple(touched),
        signals=tuple(cause["signal"] for cause in causes if "signal" in cause),
        notes=tuple(notes),
    )


def notes_named(content: Content) -> list[str]:
    """Digests of the notes that the entry names: whatever fact says `note` names one."""
    said = (getattr(one, "note", None) for one in content.facts)
    return [note for note in said if note is not None]


def _alarms_of(state: State, one: fact.Fact, entry: int) -> tuple[str, ...]:
    """The alarms that the fact changes: where alarms change their incident, a device's earlier ones among them."""
    if isinstance(one, fact.IncidentSplit | fact.IncidentMerged):
        went = (id for id, alarm in state.alarms.items() if any(n == entry for n, _ in alarm.joined or ()))
        return tuple(dict.fromkeys((*one.alarms, *went)))
    alarm: str | None = getattr(one, "alarm", None)
    return (alarm,) if alarm is not None else ()


_SEEN_BY_FEW = (
    fact.OrderDrafted
    | fact.OrderChanged
    | fact.MemberAnswered
    | fact.EtaRevised
    | fact.CallPlanned
    | fact.CallTried
    | fact.CallEnded
    | fact.Warned
)
"""Of an incident's orders, these change at most one."""


def _orders_of(state: State, one: fact.Fact) -> tuple[str, ...]:
    """The orders that the fact itself changes."""
    match one:
        case fact.OrderDrafted() | fact.OrderChanged() | fact.EtaRevised() | fact.MemberAnswered():
            return (one.order,)
        case fact.CallPlanned():
            return (one.subject,)
        case fact.CallEnded() if one.call in state.calls:
            return (state.calls[one.call].planned.subject,)
        case _:
            return ()


def _holders(state: State, entries: Sequence[Entry]) -> dict[str, list[str]]:
    """Each alarm the entries change -> the incidents that show it."""
    found: dict[str, list[str]] = {
        alarm: []
        for entry in entries
        for one in entry.content.facts
        for alarm in _alarms_of(state, one, entry.content.n)
    }
    for incident in state.incidents.values() if found else ():
        if not found.keys().isdisjoint(incident.alarms):
            for alarm in found.keys() & incident.alarms:
                found[alarm].append(incident.id)
    return found


@dataclass(slots=True)
class _Touched:
    """What an entry may have changed: `told` are the incidents in whose timeline it stands, `shown` those whose row it
    changes.
    """

    alarms: dict[str, None] = field(default_factory=dict)
    told: dict[str, None] = field(default_factory=dict)
    shown: dict[str, None] = field(default_factory=dict)
    orders: dict[str, None] = field(default_factory=dict)


def _touched(state: State, content: Content, holders: dict[str, list[str]]) -> _Touched:
    found = _Touched()
    scenes: dict[str, None] = {}
    for one in content.facts:
        about = incidents_of(state, one, content.n)
        found.told |= dict.fromkeys(about)
        for alarm in _alarms_of(state, one, content.n):
            found.alarms[alarm] = None
            scenes |= dict.fromkeys(sorted(holders[alarm]))
        found.orders |= dict.fromkeys(_orders_of(state, one))
        if not isinstance(one, _SEEN_BY_FEW) and not hasattr(one, "alarm"):
            scenes |= dict.fromkeys(about)
    found.shown = found.told | scenes
    for scene in scenes:
        if scene in state.incidents:
            found.orders |= dict.fromkeys(state.incidents[scene].orders)
    return found


def _about(state: State, order: str) -> str:
    return state.orders[order].drafted.incident if order in state.orders else ""


def _live(state: State, incident: str, entry: Entry) -> bool:
    one = state.incidents.get(incident)
    return one is not None and (one.closed_at is None or entry.content.at < one.closed_at + SETTLED)


def _changes(state: State, registry: Registry, entries: Sequence[Entry]) -> Iterator[Row]:
    """A row for each change of an alarm that the state still holds. `raised`: somebody is told that it is on."""
    for entry in entries:
        for nr, told in enumerate(entry.content.facts):
            if not isinstance(told, fact.AlarmRaised | fact.AlarmChanged) or told.alarm not in state.alarms:
                continue
            one = state.alarms[told.alarm]
            begun = AlarmState.PENDING if isinstance(told, fact.AlarmRaised) and told.held else AlarmState.ACTIVE
            after = told.state if isinstance(told, fact.AlarmChanged) else begun
            yield {
                "entry": entry.content.n,
                "nr": nr,
                "alarm": one.id,
                "device": one.device,
                "kind": one.kind.value,
                "priority": PRIORITY[one.kind],
                "place": one.place,
                "incident": one.incident_at(entry.content.n),
                "state": after.value,
                "raised": after is AlarmState.ACTIVE,
                "at": entry.content.at,
                "drill": one.drill,
                **_grids(_grids_of_alarm(registry, one)),
            }


def _grids(codes: Grids) -> Row:
    return {"grid_small": codes.small, "grid_middle": codes.middle, "grid_large": codes.large}


def _grids_of_alarm(registry: Registry, one: Alarm) -> Grids:
    """As they were when it was raised; of old ledgers, which do not say, as they are."""
    place = registry.places.get(one.place)
    return one.grids or grids_of(registry, place.grid if place is not None else None)


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
        "priority": PRIORITY[one.kind],
        "was_on": one.active_at is not None,
        "raised_at": one.raised_at,
        "restored_at": one.restored_at,
        "cleared_at": one.cleared_at,
        **_grids(_grids_of_alarm(registry, one)),
        "body": view.alarm(registry, one),
    }


def _incident(state: State, registry: Registry, id: str, scenes: view.Scenes) -> Row:
    one = state.incidents[id]
    place = registry.places.get(one.place) if one.place is not None else None
    reached = milestone.of(one, state.orders_of(one))
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
        "source": one.source,
        "verification": one.verification,
        "confirmed_at": one.confirmed_at,
        "cause": one.cause,
        "merged_into": one.merged_into,
        "category": one.category or (place.category if place is not None else None),
        **{name: getattr(reached, name) for name in _MILESTONES},
        **_grids(one.grids or grids_of(registry, one.grid)),
        "body": view.incident(state, registry, one, scenes),
    }


def _order(state: State, registry: Registry, id: str, scenes: view.Scenes) -> Row:
    one = state.orders[id]
    drafted = one.drafted
    about = state.incidents.get(one.incident_at(0) or "") or state.incidents[drafted.incident]
    noun, _, code = drafted.recipient.partition(":")
    return {
        "id": id,
        "incident": drafted.incident,
        "recipient": drafted.recipient,
        "kind": drafted.kind.value,
        "state": one.state.value,
        "priority": drafted.priority,
        "drill": drafted.drill,
        "reason": drafted.reason,
        "drafted_at": one.drafted_at,
        "ended_at": one.ended_at,
        "station": code if noun == "station" else None,
        "eta_s": drafted.eta_s,
        "acknowledge_by": drafted.acknowledge_by,
        "turn_out_by": one.turn_out_by or drafted.turn_out_by,
        "arrive_by": drafted.arrive_by,
        "support_by": drafted.support_by,
        "decline_reason": one.decline_reason,
        **{f"{step}_at": milestone.first(one, step) for step in milestone.STEPS},
        **_grids(about.grids or grids_of(registry, about.grid)),
        "body": view.order(state, registry, one, scenes),
    }
