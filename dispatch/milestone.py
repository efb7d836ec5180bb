"""When an order's steps and an incident's milestones were reached: what statistics count, from the state alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch import incident
from dispatch.choice import Reason
from dispatch.order import OrderKind
from dispatch.state import Incident, Order

STEPS = ("sent", "delivered", "acknowledged", "turned_out", "arrived", "controlled", "closed", "lapsed", "declined")
"""Events of an order's history that stand in a column of their own, as `<step>_at`."""
ANSWERS = ("acknowledged", "turned_out", "arrived", "controlled")
"""Any of these says that the recipient has responded."""
RESPOND_WITHIN, ARRIVE_WITHIN, SUPPORT_WITHIN = timedelta(seconds=60), timedelta(seconds=180), timedelta(seconds=300)
"""The milestones of 1-3-5, from the incident's opening (DOMAIN 0); of the latter two the orders may say others."""


def first(order: Order, *events: str) -> datetime | None:
    """When one of the events first happened to the order; steps nobody pressed have not."""
    return min((step.at for step in order.history if step.event in events), default=None)


@dataclass(frozen=True, slots=True)
class Milestones:
    """What 1-3-5 counts of an incident. Deadlines: those of its crews' orders, else counted from its opening.

    `own`: the unit's own station was called. `second_arrival_at`: a crew of another station has arrived too.
    `harmless_at`: it was found to be no fire, and still is.
    """

    own: bool
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


def of(about: Incident, orders: Iterable[Order]) -> Milestones:
    """The incident's milestones, as its orders to respond stand."""
    crews = [one for one in orders if one.drafted.kind is OrderKind.RESPOND]
    own = [one for one in crews if one.drafted.reason == Reason.OWN_UNIT]
    arrivals = _arrivals(crews)
    arrive = [one.drafted.arrive_by for one in crews]
    support = [one.drafted.support_by for one in crews]
    return Milestones(
        own=bool(own),
        respond_by=about.opened_at + RESPOND_WITHIN,
        arrive_by=_earliest(arrive) or about.opened_at + ARRIVE_WITHIN,
        support_by=_earliest(support) or about.opened_at + SUPPORT_WITHIN,
        own_responded_at=_earliest(first(one, *ANSWERS) for one in own),
        acknowledged_at=_earliest(first(one, "acknowledged") for one in crews),
        turned_out_at=_earliest(first(one, "turned_out") for one in crews),
        first_arrival_at=arrivals[0] if arrivals else None,
        second_arrival_at=arrivals[1] if len(arrivals) > 1 else None,
        controlled_at=_earliest(first(one, "controlled") for one in crews),
        harmless_at=_harmless(about),
    )


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
    if about.verdict == incident.REAL:
        return None
    return _earliest([about.denied_at, about.judged_at])


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((one for one in moments if one is not None), default=None)
