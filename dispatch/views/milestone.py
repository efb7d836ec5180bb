"""When an order's steps and an incident's milestones were reached: what statistics count, from the state alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.choosing.choice import Reason
from dispatch.facts.fact import PlannedTier
from dispatch.facts.kind import REAL
from dispatch.facts.order import OrderKind
from dispatch.state.state import Incident, Order

STEPS = ("sent", "delivered", "acknowledged", "turned_out", "arrived", "controlled", "closed", "lapsed", "declined")
"""Events of an order's history that stand in a column of their own, as `<step>_at`."""
ANSWERS = ("acknowledged", "turned_out", "arrived", "controlled")
"""Any of these says that the recipient has responded."""
RESPOND_WITHIN, ARRIVE_WITHIN, SUPPORT_WITHIN = timedelta(seconds=60), timedelta(seconds=180), timedelta(seconds=300)
"""The milestones of 1-3-5, from the incident's opening (DOMAIN 0), where neither policy nor orders say others."""


def first(order: Order, *events: str) -> datetime | None:
    """When one of the events first happened to the order; steps nobody pressed have not."""
    return min((step.at for step in order.history if step.event in events), default=None)


@dataclass(frozen=True, slots=True)
class Milestones:
    """What 1-3-5 counts of an incident. Deadlines: the policy's, else its crews' orders', else from its opening.

    `own`: the unit's own station was called; its response is an answer, or an arrival where the policy says so.
    `together`: the policy wants more crews to fight together. `second_arrival_at`: a crew of another station has
    arrived too. `harmless_at`: it was found to be no fire, and still is. What crews did before it was opened, for an
    incident that was merged into it, they had done when it was.
    """

    own: bool
    together: bool
    respond_by: datetime
    arrive_by: datetime
    support_by: datetime
    own_responded_at: datetime | None
    acknowledged_at: datetime | None
    turned_out_at: datetime | None
    first_arrival_at: datetime | None
    second_arrival_at: datetime | None
    controlled_at: datetime | None
    harmless_at: datetime | None
    brigade_reported_at: datetime | None


def of(about: Incident, orders: Iterable[Order]) -> Milestones:
    """The incident's milestones, as its orders to respond stand."""
    crews = [one for one in orders if one.drafted.kind is OrderKind.RESPOND]
    own = [one for one in crews if one.drafted.reason == Reason.OWN_UNIT]
    arrivals = [max(at, about.opened_at) for at in _arrivals(crews)]
    mine, there, together = _tiers(about, own[0].drafted.tier if own else None)
    response = ("arrived", "controlled") if mine is not None and mine.means == "on_scene" else ANSWERS
    arrive = [one.drafted.arrive_by for one in crews]
    support = [one.drafted.support_by for one in crews]

    def reached(some: Iterable[Order], *steps: str) -> datetime | None:
        at = _earliest(first(one, *steps) for one in some)
        return max(at, about.opened_at) if at is not None else None

    return Milestones(
        own=bool(own),
        together=about.calling is None or (together is not None and together.strength > 0),
        respond_by=_deadline(mine) or about.opened_at + RESPOND_WITHIN,
        arrive_by=_deadline(there) or _earliest(arrive) or about.opened_at + ARRIVE_WITHIN,
        support_by=_deadline(together) or _earliest(support) or about.opened_at + SUPPORT_WITHIN,
        own_responded_at=reached(own, *response),
        acknowledged_at=reached(crews, "acknowledged"),
        turned_out_at=reached(crews, "turned_out"),
        first_arrival_at=arrivals[0] if arrivals else None,
        second_arrival_at=arrivals[1] if len(arrivals) > 1 else None,
        controlled_at=reached(crews, "controlled"),
        harmless_at=_harmless(about),
        brigade_reported_at=about.brigade.reported_at if about.brigade is not None else None,
    )


def _tiers(about: Incident, own: str | None) -> tuple[PlannedTier | None, PlannedTier | None, PlannedTier | None]:
    """The policy's tiers as last planned: the own station's, the first on scene beside it, and together.

    `own`: the tier that the unit's own station was called for, which is another where it is the first crew too. It is
    asked only of ledgers that do not say which tier is the own station's.
    """
    planned = about.calling.tiers if about.calling is not None else ()
    mine = next((one for one in planned if one.own), None) or next((one for one in planned if one.name == own), None)
    there = next((one for one in planned if one.means == "on_scene" and one is not mine), None)
    return mine, there, next((one for one in planned if one.means == "fighting_together"), None)


def _deadline(tier: PlannedTier | None) -> datetime | None:
    return tier.milestone_at if tier is not None else None


def _arrivals(crews: Sequence[Order]) -> list[datetime]:
    """Each station's first arrival, earliest first. Who has pressed `control` was there."""
    by_station: dict[str, datetime] = {}
    for one in crews:
        at = first(one, "arrived", "controlled")
        if at is not None:
            recipient = one.drafted.recipient
            by_station[recipient] = min(at, by_station.get(recipient, at))
    return sorted(by_station.values())


def _harmless(about: Incident) -> datetime | None:
    if about.verdict == REAL:
        return None
    return _earliest([about.denied_at, about.judged_at])


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((one for one in moments if one is not None), default=None)
