"""One cause being decided: its facts are taken into the state as they are found, and become one entry."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from dispatch import budget
from dispatch.calling import caller
from dispatch.calling.draft import Drafter
from dispatch.choosing.choice import Reason
from dispatch.facts.entry import Frame
from dispatch.facts.fact import (
    AlarmJoined,
    DutyCheckAnswered,
    DutyCheckMissed,
    DutyCheckSent,
    Fact,
    IncidentClosed,
    IncidentMerged,
    IncidentOpened,
    IncidentSplit,
    IncidentVerified,
    MemberAnswered,
    OrderChanged,
    OrderDrafted,
)
from dispatch.facts.kind import MAINTENANCE
from dispatch.facts.order import OrderEvent, OrderState, advance
from dispatch.state import fold, incident, upkeep
from dispatch.state.state import FLOOD, Alarm, Incident, Order, State, incidents_of
from dispatch.world import World

QUIET = frozenset({OrderEvent.SEND, OrderEvent.DELIVER})
"""These alone cause no frame to their own recipient (CONTRACT section 3)."""


@dataclass(slots=True)
class Turn:
    """The state at `now`, changed by each fact that is added."""

    world: World
    state: State
    now: datetime
    facts: list[Fact] = field(default_factory=list)

    def add(self, *facts: Fact) -> None:
        """The facts are part of this turn and already true for what follows in it."""
        self.extend(facts)

    def extend(self, facts: Iterable[Fact]) -> None:
        """As `add`, one by one, so that a generator sees the state with its earlier facts taken in."""
        for one in facts:
            fold.take(self.state, one, self.now)
            self.facts.append(one)

    def drafter(self, about: Incident) -> Drafter:
        """Drafts orders about `about` as it stands now."""
        return Drafter(self.world, self.state, self.state.incidents[about.id], self.now)

    def open_incident(self, opened: IncidentOpened, alarm: Alarm | None = None) -> None:
        """The incident is open, `alarm` in it, and its first orders are drafted."""
        self.add(opened)
        if alarm is not None:
            self.add(AlarmJoined(incident=opened.incident, alarm=alarm.id, severity=opened.severity))
        self.first_orders(opened.incident)

    def first_orders(self, opened: str) -> None:
        """Whoever is wanted first at the incident is called."""
        self.extend(caller.opening(self.drafter(self.state.incidents[opened])))

    def call(self, about: Incident, why: Reason) -> None:
        """Whoever is wanted now that something has changed is called; `why` is the reason their orders give."""
        self.extend(caller.again(self.drafter(about), why))

    def change(self, order: Order, event: OrderEvent, **details: object) -> None:
        """`event` has happened to the order.

        Raises ValueError where the order's state does not allow it.
        """
        after = advance(order.drafted.kind, order.state, event)
        if after is None:
            raise ValueError(f"{event} is not allowed in {order.state}")
        self.add(OrderChanged(order=order.id, event=event, state=OrderState(after), **details))  # type: ignore[arg-type]

    def close_if_done(self, about: str) -> None:
        """The incident is closed if it has its verdict and its orders have ended."""
        found = self.state.incidents[about]
        if found.open and found.verdict is not None and not any(one.open for one in self.state.orders_of(found)):
            self.add(IncidentClosed(incident=about))
            self._maintain(found)

    def _maintain(self, closed: Incident) -> None:
        """Where the false alarm was one too many, somebody is asked to put it right."""
        if not upkeep.counts(closed):
            return
        for code, reason in list(upkeep.due(self.state, self.world.policy, closed, self.now)):
            place = self.world.registry.places.get(code)
            if place is not None:
                self.open_incident(
                    IncidentOpened(
                        incident=self.number("I"),
                        kind=MAINTENANCE,
                        source=upkeep.SOURCE,
                        severity=1,
                        place=code,
                        lon=place.lon,
                        lat=place.lat,
                        grid=place.grid,
                        grids=self.world.grids_of(place.grid),
                        category=place.category,
                        upkeep=reason,
                    )
                )

    def wants_more(self, about: Incident) -> bool:
        """True while somebody more may be called: the incident is not finished, nor the exercise it belongs to, nor
        has it only been shown because of a blackout.
        """
        about = self.state.incidents[about.id]
        return not incident.unheard(about) and incident.wants_more(self.state, about)

    def played_out(self, about: Incident) -> bool:
        """True for an incident of an exercise that is over: nobody is called for it, whoever asks."""
        return incident.played_out(self.state, about)

    def severity_now(self, about: Incident, *, also: Alarm | None = None, confirmed: bool = False) -> int:
        """How grave the incident is, with one more alarm or a confirmation; never less than it was."""
        alarms = [*self.state.alarms_of(about), *([also] if also is not None else [])]
        fresh = incident.severity(about.kind, alarms, confirmed=confirmed or about.verification == "confirmed")
        return max(about.severity, fresh)

    def number(self, letter: str) -> str:
        """The next free id, such as `I-000017`."""
        return f"{letter}-{self.state.counters.get(letter, 0) + 1:06d}"

    def frames(self) -> tuple[Frame, ...]:
        """The frames this turn owes: each changed order to its recipient, each changed incident to command.

        Command gets at most one per incident and second, and so many in all (`dispatch.budget`); recipients get one a
        second about an order to which only alarms were added. What was held back is owed by a later turn without facts.
        """
        state = self.state
        owed = self._orders_owed()
        due = {one for one in self._held_back() if self._due(one)}
        told = budget.chosen(state, self.world.policy, due & state.incidents.keys(), self.now)
        owed.update(dict.fromkeys(sorted([*told, *(due - state.incidents.keys())])))
        seqs: dict[str, int] = {}
        frames = [self._frame(seqs, self._reader(one), one) for one in owed]
        return (*frames, *(Frame(reader, 0, check) for reader, check in self._checks_owed()))

    def _held_back(self) -> set[str]:
        untold = self.state.untold
        if not self.facts:
            return set(untold)
        named = {about for one in self.facts for about in incidents_of(self.state, one)}
        abouts = {about for about in named if about in self.state.incidents}
        orders = {id for about in abouts for id in self.state.incidents[about].orders}
        return {one for one in abouts | orders if one in untold}

    def _due(self, subject: str) -> bool:
        last = self.state.told.get(subject)
        return last is None or self.now - last >= self.world.policy.frame_every

    def _reader(self, subject: str) -> str:
        order = self.state.orders.get(subject)
        return order.drafted.recipient if order is not None else "command:main"

    def _frame(self, seqs: dict[str, int], recipient: str, subject: str) -> Frame:
        if subject == FLOOD:
            return Frame(recipient, 0, subject)
        seqs[recipient] = seqs.get(recipient, self.state.seqs.get(recipient, 0)) + 1
        return Frame(recipient, seqs[recipient], subject)

    def _checks_owed(self) -> Iterator[tuple[str, str]]:
        """Who sees which duty check: the station's screens each change, command what was missed, and what came of it or
        of a check that a person asked for.
        """
        for one in self.facts:
            if not isinstance(one, DutyCheckSent | DutyCheckAnswered | DutyCheckMissed):
                continue
            yield f"station:{one.station}", one.check
            asked = self.state.checks[one.check].sent.reason == "asked"
            if isinstance(one, DutyCheckMissed) or (isinstance(one, DutyCheckAnswered) and (one.late or asked)):
                yield "command:main", one.check

    def _orders_owed(self) -> dict[str, None]:
        owed: dict[str, None] = {}
        for one in self.facts:
            match one:
                case OrderDrafted():
                    owed[one.order] = None
                case OrderChanged() if one.event not in QUIET:
                    owed[one.order] = None
                case MemberAnswered():
                    owed[one.order] = None
                case IncidentVerified() | IncidentSplit():
                    owed.update(self._open_orders(one.incident))
                case AlarmJoined() if one.further:
                    owed.update(self._open_orders(one.incident))
                case IncidentMerged():
                    owed.update(self._open_orders(one.into))
                case _:
                    pass
        return owed

    def _open_orders(self, incident: str) -> dict[str, None]:
        about = self.state.incidents[incident]
        return {order.id: None for order in self.state.orders_of(about) if order.open}
