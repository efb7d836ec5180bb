"""Orders are drafted: who is asked to do what about an incident, and by when."""

from collections.abc import Iterator
from datetime import datetime
from math import isfinite

from devices.model import DutyKind
from dispatch import choice, incident
from dispatch.choice import Choice, Reason
from dispatch.fact import Fact, OrderDrafted, Warned
from dispatch.order import OrderKind
from dispatch.ranking import Ranking
from dispatch.state import Incident, State
from dispatch.world import Point, World


class Drafter:
    """Drafts facts about one incident at one moment, numbering orders on from the state's."""

    def __init__(self, world: World, state: State, about: Incident, now: datetime) -> None:
        self._world = world
        self._state = state
        self._about = about
        self._now = now
        self._next = state.counters.get("O", 0)
        self._late = any("late" in alarm.flags for alarm in state.alarms_of(about))

    def opening(self) -> Iterator[Fact]:
        """The first orders: for a fire crew and leader, for electrical danger the unit's manager and the leader, for
        maintenance the manager alone.
        """
        if self._about.kind in incident.LIKE_FIRE:
            yield from self._crew_first()
            yield from self._attend()
        else:
            yield from self._rectify()

    def crew_if_none(self) -> Iterator[Fact]:
        """A fire that no crew could be ordered to gets one, if one can come now."""
        crews = [one for one in self._state.orders_of(self._about) if one.drafted.kind is OrderKind.RESPOND]
        if self._about.kind in incident.LIKE_FIRE and not crews:
            yield from self._crew_first()

    def further(self, place: str) -> Iterator[Fact]:
        """The fire has reached `place` too: its own station goes and its small grid's leader attends, unless asked."""
        found = self._world.registry.places.get(place)
        if found is None:
            return
        if found.station is not None and f"station:{found.station}" not in self._asked():
            yield from self._own(found.station)
        for leader in self._world.leaders_upward(found.grid)[:1]:
            if f"person:{leader}" not in self._asked():
                yield self._order(f"person:{leader}", OrderKind.ATTEND, Reason.LEADER)

    def _own(self, station: str) -> Iterator[Fact]:
        ranked = self._ranked()
        for one in choice.first(ranked, station) if ranked is not None else ():
            if one.reason is Reason.OWN_UNIT and ranked is not None:
                yield from self._respond(one, ranked)

    def next_station(self, reason: Reason) -> Iterator[Fact]:
        """The next station is ordered, or command is told that nobody is left."""
        ranked = self._ranked()
        chosen = choice.following(ranked, reason) if ranked is not None else None
        if ranked is None or chosen is None:
            yield from self._warn("nobody_left")
            return
        yield from self._respond(chosen, ranked)

    def leader_above(self) -> Iterator[Fact]:
        """The nearest leader upward who has no order yet is informed; nothing where all have one."""
        asked = self._asked()
        for person in self._world.leaders_upward(self._about.grid):
            if f"person:{person}" not in asked:
                yield self._order(f"person:{person}", OrderKind.INFORM, Reason.ESCALATED)
                return

    def next_in_line(self, kind: OrderKind, reason: Reason) -> Iterator[Fact]:
        """After `attend` or `rectify` went unanswered or was declined: the next person responsible for the same."""
        asked = self._asked()
        line = self._leaders_of_small_grid() if kind is OrderKind.ATTEND else [one for one, _ in self._rectifiers()]
        for person in line:
            if f"person:{person}" not in asked:
                yield self._order(f"person:{person}", kind, reason)
                return

    def called(self, recipient: str) -> Iterator[Fact]:
        """A person asks for this recipient: a station responds, anybody else is informed."""
        kind, _, code = recipient.partition(":")
        if kind != "station":
            yield self._order(recipient, OrderKind.INFORM, Reason.CALLED)
            return
        ranked = self._ranked()
        if ranked is not None and (taken := ranked.of(code)) is not None:
            yield from self._respond(Choice(taken, Reason.CALLED), ranked)

    def _crew_first(self) -> Iterator[Fact]:
        ranked = self._ranked()
        registry = self._world.registry
        place = registry.places.get(self._about.place) if self._about.place is not None else None
        chosen = choice.first(ranked, place.station if place is not None else None) if ranked is not None else []
        if ranked is None or not chosen:
            yield from self._warn("nobody_on_duty")
            return
        for one in chosen:
            yield from self._respond(one, ranked)

    def _attend(self) -> Iterator[Fact]:
        leaders = self._world.leaders_upward(self._about.grid)
        if not leaders:
            yield from self._warn("no_leader")
            return
        yield self._order(f"person:{leaders[0]}", OrderKind.ATTEND, Reason.LEADER)

    def _rectify(self) -> Iterator[Fact]:
        line = self._rectifiers()
        leaders = self._world.leaders_upward(self._about.grid)
        if not leaders:
            yield from self._warn("no_leader")
        else:
            line = line or [(leaders[0], Reason.NO_MANAGER)]
        for person, reason in line[:1]:
            yield self._order(f"person:{person}", OrderKind.RECTIFY, reason)
        if leaders and leaders[0] != line[0][0] and not self._maintenance:
            yield self._order(f"person:{leaders[0]}", OrderKind.INFORM, Reason.LEADER)

    def _rectifiers(self) -> list[tuple[str, Reason]]:
        place = self._about.place
        if place is None:
            return []
        registry = self._world.registry
        managers = [(one, Reason.MANAGER) for one in registry.holders(DutyKind.MANAGER, place)]
        return managers + [(one, Reason.CONTRACTOR) for one in registry.holders(DutyKind.CONTRACTOR, place)]

    def _leaders_of_small_grid(self) -> list[str]:
        if self._about.grid is None:
            return []
        registry = self._world.registry
        return [
            *registry.holders(DutyKind.LEADER, self._about.grid),
            *registry.holders(DutyKind.DEPUTY, self._about.grid),
        ]

    def _ranked(self) -> Ranking | None:
        point = self._point()
        if point is None:
            return None
        called = {
            order.drafted.recipient.removeprefix("station:")
            for order in self._state.orders_of(self._about)
            if order.drafted.kind is OrderKind.RESPOND
        }
        # a crew that plays breaks off for a real fire, so an exercise keeps no station from one
        busy = self._state.engagements(drills=self._about.drill is not None)
        return choice.rank(self._world, self._state, point, self._now, busy, called)

    def _warn(self, code: str) -> Iterator[Fact]:
        """Command is told once an incident."""
        told = self._state.incidents[self._about.id].warnings
        if not any(one.code == code for one in told):
            yield Warned(incident=self._about.id, code=code)

    def _point(self) -> Point | None:
        if self._about.lon is None or self._about.lat is None:
            return None
        return self._about.lon, self._about.lat

    def _asked(self) -> set[str]:
        return {order.drafted.recipient for order in self._state.orders_of(self._about)}

    def _respond(self, chosen: Choice, ranked: Ranking) -> Iterator[Fact]:
        policy = self._world.policy
        opened = self._about.opened_at
        taken = chosen.taken
        recipient = f"station:{taken.station.code}"
        order = self._number()
        reachable = isfinite(taken.eta_s)
        yield OrderDrafted(
            order=order,
            incident=self._about.id,
            recipient=recipient,
            kind=OrderKind.RESPOND,
            priority=self._priority(),
            reason=chosen.reason.value,
            acknowledge_by=self._now + policy.acknowledge_within,
            turn_out_by=self._now + policy.turn_out_within,
            arrive_by=opened + policy.arrive_within,
            support_by=opened + policy.support_within,
            eta_s=round(taken.eta_s) if reachable else None,
            eta_method=taken.method if reachable else None,
            late=self._late,
            drill=self._about.drill,
            deliver_by=self._deliver_by(),
            candidates=ranked.candidates(taken),
            weighed=len(ranked),
        )
        if self._world.screens(recipient) == 0:
            yield Warned(incident=self._about.id, code="no_screen", order=order, recipient=recipient)

    def _order(self, recipient: str, kind: OrderKind, reason: Reason) -> OrderDrafted:
        policy = self._world.policy
        return OrderDrafted(
            order=self._number(),
            incident=self._about.id,
            recipient=recipient,
            kind=kind,
            priority=self._priority(),
            reason=reason.value,
            acknowledge_by=self._now + (policy.maintain_within if self._maintenance else policy.acknowledge_within),
            late=self._late,
            drill=self._about.drill,
            deliver_by=self._deliver_by() if not self._maintenance else None,
        )

    @property
    def _maintenance(self) -> bool:
        return self._about.kind == incident.MAINTENANCE

    def _deliver_by(self) -> datetime | None:
        """By when a screen must have it, or a webhook is called; an exercise calls none unless the policy says so."""
        policy = self._world.policy
        plays = self._about.drill is not None and not policy.drill_calls
        return None if plays else self._now + policy.deliver_within

    def _priority(self) -> int:
        if self._maintenance:
            return 4
        return 1 if self._about.kind in incident.LIKE_FIRE else 2

    def _number(self) -> str:
        self._next += 1
        return f"O-{self._next:06d}"
