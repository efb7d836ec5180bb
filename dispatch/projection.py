"""What an entry changes in the database's projections: rows of alarms, incidents and orders as they stand now.

What statistics count stands in columns beside the body (docs/statistics.md).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from devices.registry import Registry
from dispatch import fact, milestone, view
from dispatch.alarm import PRIORITY, AlarmState
from dispatch.entry import Content, Entry
from dispatch.fact import Grids
from dispatch.journal import Note
from dispatch.state import Alarm, State, incidents_of
from dispatch.world import grids_of

Row = dict[str, Any]


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
        changes=tuple(_changes(state, registry, entries)),
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


_NOTED = (
    fact.OrderChanged,
    fact.VerdictGiven,
    fact.IncidentOpened,
    fact.IncidentSplit,
    fact.IncidentMerged,
    fact.BlackoutOpened,
)


def _touched(state: State, content: Content) -> tuple[dict[str, None], dict[str, None], dict[str, None]]:
    alarms: dict[str, None] = {}
    incidents: dict[str, None] = {}
    orders: dict[str, None] = {}
    for one in content.facts:
        match one:
            case (
                fact.AlarmRaised()
                | fact.AlarmChanged()
                | fact.AlarmAcknowledged()
                | fact.AlarmJoined()
                | fact.AlarmHeld()
                | fact.AlarmGraded()
                | fact.AlarmStale()
                | fact.AlarmBlackout()
            ):
                alarms[one.alarm] = None
            case fact.OrderDrafted() | fact.OrderChanged():
                orders[one.order] = None
            case fact.IncidentSplit():
                alarms |= dict.fromkeys(one.alarms)
            case fact.IncidentMerged():
                alarms |= dict.fromkeys(one.alarms)
                orders |= dict.fromkeys(one.orders)
            case fact.CallPlanned():
                orders[one.subject] = None
            case fact.CallEnded() if one.call in state.calls:
                orders[state.calls[one.call].planned.subject] = None
            case _:
                pass
        incidents |= dict.fromkeys(incidents_of(state, one))
    return alarms, incidents, orders


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
                "incident": one.incident,
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
        "raised_at": one.raised_at,
        "restored_at": one.restored_at,
        "cleared_at": one.cleared_at,
        **_grids(_grids_of_alarm(registry, one)),
        "body": view.alarm(registry, one),
    }


def _incident(state: State, registry: Registry, id: str) -> Row:
    one = state.incidents[id]
    place = registry.places.get(one.place) if one.place is not None else None
    known = asdict(milestone.of(one, state.orders_of(one)))
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
        "category": one.category or (place.category if place is not None else None),
        **known,
        **_grids(one.grids or grids_of(registry, one.grid)),
        "body": view.incident(state, registry, one),
    }


def _order(state: State, registry: Registry, id: str) -> Row:
    one = state.orders[id]
    drafted, about = one.drafted, state.incidents[one.drafted.incident]
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
        "turn_out_by": drafted.turn_out_by,
        "arrive_by": drafted.arrive_by,
        "support_by": drafted.support_by,
        "decline_reason": one.decline_reason,
        **{f"{step}_at": milestone.first(one, step) for step in milestone.STEPS},
        **_grids(about.grids or grids_of(registry, about.grid)),
        "body": view.order(state, registry, one),
    }
