"""Orders are drafted: who is asked to do what about an incident, and by when."""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from math import isfinite

from devices.model import DutyKind, Place
from dispatch.choosing import choice, obstacle
from dispatch.choosing.choice import Choice, Reason
from dispatch.choosing.ranking import Ranking, Verdict
from dispatch.facts.fact import CallPlanned, Fact, OrderDrafted, Warned
from dispatch.facts.kind import MAINTENANCE
from dispatch.facts.order import OrderKind, OrderState
from dispatch.policy.plan import Case, Plan, resolve
from dispatch.state import incident
from dispatch.state.state import Incident, Order, State, call_key
from dispatch.world import Point, World

_ABLE = frozenset({Verdict.FREE, Verdict.AT_CAPACITY})


class Drafter:
    """Drafts facts about one incident at one moment, numbering orders on from the state's."""

    def __init__(self, world: World, state: State, about: Incident, now: datetime) -> None:
        self.world = world
        self._state = state
        self._about = about
        self.now = now
        self._next = state.counters.get("O", 0)
        self._late = any("late" in alarm.flags for alarm in state.alarms_of(about))

    @property
    def about(self) -> Incident:
        """The incident as the facts so far have made it."""
        return self._state.incidents[self._about.id]

    @cached_property
    def plan(self) -> Plan:
        """The policy for the incident as it stood when this was made."""
        place = self._place()
        case = Case(
            category=place.category if place is not None else None,
            kind=self._about.kind,
            source=self._about.source,
            severity=self._about.severity,
        )
        return resolve(self.world.policy, case, self.world.local(self.now))

    def orders(self, kind: OrderKind) -> list[Order]:
        """The incident's orders of one kind, oldest first."""
        return [one for one in self._state.orders_of(self.about) if one.drafted.kind is kind]

    def wanted(self) -> bool:
        """True while somebody more may be called."""
        return incident.wants_more(self._state, self.about)

    def further(self, place: str) -> Iterator[Fact]:
        """The fire has reached `place` too: its own station goes and its small grid's leader attends, unless asked."""
        found = self.world.registry.places.get(place)
        if found is None:
            return
        if found.station is not None and f"station:{found.station}" not in self.asked():
            yield from self._own(found.station)
        for leader in self.world.leaders_upward(found.grid)[:1]:
            if f"person:{leader}" not in self.asked():
                yield self.order(f"person:{leader}", OrderKind.ATTEND, Reason.LEADER)

    def _own(self, station: str) -> Iterator[Fact]:
        ranked = self.ranked()
        mine = ranked.of(station) if ranked is not None else None
        if ranked is not None and mine is not None and mine.verdict in choice.OWN_GOES:
            yield from self.respond(Choice(mine, Reason.OWN_UNIT), ranked)

    def leader_above(self) -> Iterator[Fact]:
        """The nearest leader upward who has no order yet is informed; nothing where all have one."""
        asked = self.asked()
        for person in self.world.leaders_upward(self._about.grid):
            if f"person:{person}" not in asked:
                yield self.order(f"person:{person}", OrderKind.INFORM, Reason.ESCALATED)
                return

    def next_in_line(self, kind: OrderKind, reason: Reason) -> Iterator[Fact]:
        """After `attend` or `rectify` went unanswered or was declined: the next person responsible for the same."""
        asked = self.asked()
        line = self._leaders_of_small_grid() if kind is OrderKind.ATTEND else [one for one, _ in self._rectifiers()]
        for person in line:
            if f"person:{person}" not in asked:
                yield self.order(f"person:{person}", kind, reason)
                return

    def called(self, recipient: str) -> Iterator[Fact]:
        """A person asks for this recipient: a station responds, anybody else is informed."""
        kind, _, code = recipient.partition(":")
        if kind != "station":
            yield self.order(recipient, OrderKind.INFORM, Reason.CALLED)
            return
        ranked = self.ranked()
        if ranked is not None and (taken := ranked.of(code)) is not None:
            yield from self.respond(Choice(taken, Reason.CALLED), ranked)

    def attend(self) -> Iterator[Fact]:
        """Who answers for the small grid is to come; command is told where nobody does."""
        leaders = self.world.leaders_upward(self._about.grid)
        if not leaders:
            yield from self.warn("no_leader")
            return
        yield self.order(f"person:{leaders[0]}", OrderKind.ATTEND, Reason.LEADER)

    def rectify(self) -> Iterator[Fact]:
        """The unit's manager is to repair, else its contractor, else the leader; the leader is informed."""
        line = self._rectifiers()
        leaders = self.world.leaders_upward(self._about.grid)
        if not leaders:
            yield from self.warn("no_leader")
        else:
            line = line or [(leaders[0], Reason.NO_MANAGER)]
        for person, reason in line[:1]:
            yield self.order(f"person:{person}", OrderKind.RECTIFY, reason)
        if leaders and leaders[0] != line[0][0] and not self._maintenance:
            yield self.order(f"person:{leaders[0]}", OrderKind.INFORM, Reason.LEADER)

    def _rectifiers(self) -> list[tuple[str, Reason]]:
        place = self._about.place
        if place is None:
            return []
        registry = self.world.registry
        managers = [(one, Reason.MANAGER) for one in registry.holders(DutyKind.MANAGER, place)]
        return managers + [(one, Reason.CONTRACTOR) for one in registry.holders(DutyKind.CONTRACTOR, place)]

    def _leaders_of_small_grid(self) -> list[str]:
        if self._about.grid is None:
            return []
        registry = self.world.registry
        return [
            *registry.holders(DutyKind.LEADER, self._about.grid),
            *registry.holders(DutyKind.DEPUTY, self._about.grid),
        ]

    def ranked(self) -> Ranking | None:
        """Every station for this incident; None where nobody knows where it is."""
        point = self._point()
        if point is None:
            return None
        called = {
            order.drafted.recipient.removeprefix("station:")
            for order in self._state.orders_of(self._about)
            # who was stood down may be wanted again: a false alarm that was none
            if order.drafted.kind is OrderKind.RESPOND and order.state is not OrderState.CANCELLED
        }
        # a crew that plays breaks off for a real fire, so an exercise keeps no station from one
        busy = self._state.engagements(drills=self._about.drill is not None)
        return choice.rank(self.world, self._state, point, self.now, busy, called)

    def warn(self, code: str) -> Iterator[Fact]:
        """Command is told once an incident."""
        told = self._state.incidents[self._about.id].warnings
        if not any(one.code == code for one in told):
            yield Warned(incident=self._about.id, code=code)

    def _point(self) -> Point | None:
        if self._about.lon is None or self._about.lat is None:
            return None
        return self._about.lon, self._about.lat

    def brigade_called(self) -> Iterator[Fact]:
        """The fire brigade's webhook is called where there is one, for an exercise only where the policy says so."""
        about = self.about
        plays = about.drill is not None and not self.plan.policy.drill_calls
        known = call_key("brigade", about.id, None) in self._state.called
        if self.world.webhooks.brigade is None or plays or known:
            return
        number = self._state.counters.get("C", 0) + 1
        yield CallPlanned(
            call=f"C-{number:06d}", kind="brigade", subject=about.id, incident=about.id, drill=about.drill
        )

    def asked(self) -> set[str]:
        """Who has an order of this incident, whatever became of it."""
        return {order.drafted.recipient for order in self._state.orders_of(self.about)}

    def own_station(self) -> str | None:
        """The code of the unit's own station."""
        place = self._place()
        return place.station if place is not None else None

    def _place(self) -> Place | None:
        return self.world.registry.places.get(self._about.place) if self._about.place is not None else None

    def respond(self, chosen: Choice, ranked: Ranking) -> Iterator[Fact]:
        """The station is ordered; command is told where it has no screen connected."""
        policy = self.plan.policy
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
            acknowledge_by=self.now + policy.acknowledge_within,
            turn_out_by=self.now + policy.turn_out_within,
            arrive_by=opened + policy.arrive_within,
            support_by=opened + policy.support_within,
            eta_s=round(taken.eta_s + self._climb_s()) if reachable else None,
            eta_method=taken.method if reachable else None,
            late=self._late,
            drill=self._about.drill,
            deliver_by=self._deliver_by(),
            candidates=ranked.candidates(taken),
            weighed=len(ranked),
            tier=chosen.tier,
            rules=self.plan.rules,
            crew=max(taken.crew, 1) if taken.verdict in _ABLE else taken.crew,
        )
        if self.world.screens(recipient) == 0:
            yield Warned(incident=self._about.id, code="no_screen", order=order, recipient=recipient)

    def _climb_s(self) -> float:
        alarms = self._state.alarms_of(self._about)
        return obstacle.climb_s(self.world.registry, alarms, self.now, self.world.policy.climb_s)

    def order(self, recipient: str, kind: OrderKind, reason: Reason) -> OrderDrafted:
        """Anybody but a station is ordered."""
        policy = self.plan.policy
        return OrderDrafted(
            order=self._number(),
            incident=self._about.id,
            recipient=recipient,
            kind=kind,
            priority=self._priority(),
            reason=reason.value,
            acknowledge_by=self.now + (policy.maintain_within if self._maintenance else policy.acknowledge_within),
            late=self._late,
            drill=self._about.drill,
            deliver_by=self._deliver_by() if not self._maintenance else None,
            rules=self.plan.rules,
        )

    @property
    def _maintenance(self) -> bool:
        return self._about.kind == MAINTENANCE

    def _deliver_by(self) -> datetime | None:
        """By when a screen must have it, or a webhook is called; an exercise calls none unless the policy says so."""
        policy = self.plan.policy
        plays = self._about.drill is not None and not policy.drill_calls
        return None if plays else self.now + policy.deliver_within

    def _priority(self) -> int:
        if self._maintenance:
            return 4
        return 1 if incident.burning(self.about) else 2

    def _number(self) -> str:
        self._next += 1
        return f"O-{self._next:06d}"
