"""Which crews count, how many people they are, and how that stands against what the policy wants."""

from collections.abc import Iterable
from typing import Any

from devices import instant
from dispatch.choosing.choice import Reason
from dispatch.facts.fact import PlannedTier
from dispatch.facts.order import UNANSWERED, OrderKind, OrderState
from dispatch.state.state import Incident, Order

GONE = frozenset({OrderState.DECLINED, OrderState.LAPSED, OrderState.CANCELLED})
"""Nobody comes of such an order."""
THERE = frozenset({OrderState.ARRIVED, OrderState.CONTROLLED})


def serves(one: Order) -> bool:
    """True for a crew that counts: called, on its way, there, or back; a demoted one only once it has answered."""
    parallel = one.drafted.reason == Reason.UNCHECKED and one.state in UNANSWERED
    return one.drafted.kind is OrderKind.RESPOND and one.state not in GONE and not parallel


def people(orders: Iterable[Order]) -> int:
    """How many people these crews are; of an order from before they were counted, one."""
    return sum(1 if one.drafted.crew is None else one.drafted.crew for one in orders if serves(one))


def calling(about: Incident, orders: list[Order]) -> dict[str, Any] | None:
    """What is wanted, on its way and there, in people, and each tier; None where no policy was asked."""
    planned = about.calling
    if planned is None:
        return None
    there = [one for one in orders if one.state in THERE]
    coming = [one for one in orders if one.open and one.state not in THERE]
    return {
        "wanted": max([about.people_wanted, *(one.strength for one in planned.tiers)]),
        "on_the_way": people(coming),
        "there": people(there),
        "rules": list(planned.rules),
        "periods": list(planned.periods),
        "unverified_until": instant.text(planned.unverified_until) if planned.unverified_until else None,
        "tiers": [_tier(one) for one in planned.tiers],
    }


def _tier(one: PlannedTier) -> dict[str, Any]:
    return {
        "name": one.name,
        "means": one.means,
        "milestone_at": instant.text(one.milestone_at),
        "strength": one.strength,
        "state": one.state,
        "call": one.call,
        "call_at": instant.text(one.call_at) if one.call_at is not None else None,
    }
