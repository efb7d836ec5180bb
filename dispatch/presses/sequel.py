"""What follows from a press, or from its absence: whoever is wanted next, and whoever is not needed any more."""

from collections.abc import Mapping
from typing import Any, TypeGuard

from dispatch.calling import crew
from dispatch.choosing.choice import Reason
from dispatch.facts.fact import Awaited, StrengthRaised
from dispatch.facts.kind import MAINTENANCE
from dispatch.facts.order import UNANSWERED, OrderEvent, OrderKind, OrderState
from dispatch.presses import verification
from dispatch.state import upkeep
from dispatch.state.state import Incident, Order
from dispatch.turn import Turn

PEOPLE_AT_MOST = 1000
"""So many people a request for help may name."""


def follow(
    turn: Turn,
    about: Incident,
    one: Order,
    event: OrderEvent,
    by: str,
    value: Mapping[str, Any] | None,
    note: str | None,
) -> None:
    """`by` has pressed `event` on the order: the turn holds what follows."""
    match event:
        case OrderEvent.DECLINE:
            call_next(turn, one, Reason.DECLINED)
        case OrderEvent.CONFIRM_FIRE:
            verification.confirm(turn, about, one, by)
        case OrderEvent.REPORT_FALSE:
            verification.deny(turn, about, one, by)
        case OrderEvent.REQUEST_HELP if not turn.played_out(about):
            _more_people(turn, about, by, value)
        case OrderEvent.REPORT_BRIGADE:
            verification.tell_brigade(turn, about, by, (value or {}).get("case_number"), note)
        case OrderEvent.ACKNOWLEDGE:
            turn.call(about, Reason.STRENGTH)
        case OrderEvent.CLOSE:
            turn.call(about, Reason.STRENGTH)
            verification.over(turn, about, by)
        case _:
            pass


def _more_people(turn: Turn, about: Incident, by: str, value: Mapping[str, Any] | None) -> None:
    asked = (value or {}).get("people")
    more = asked if _is_count(asked) else turn.drafter(about).plan.policy.help_people
    turn.add(StrengthRaised(incident=about.id, people=crew.people(turn.state.orders_of(about)) + more, by=by))
    turn.call(about, Reason.HELP_REQUESTED)


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= PEOPLE_AT_MOST


def call_next(turn: Turn, one: Order, reason: Reason) -> None:
    """After `one` was declined or lapsed: whoever is next for the same task, while anybody is wanted.

    Deputies come before the grid above; at night only what the policy names climbs there (DOMAIN 0), and maintenance
    waits for the day.
    """
    about = turn.state.incidents[one.drafted.incident]
    turn.call(about, reason)
    if not turn.wants_more(about):
        return
    waits = upkeep.day(turn.world, turn.now) if about.kind == MAINTENANCE else None
    if waits is not None:
        turn.add(Awaited(kind=upkeep.TIMER, subject=about.id, at=waits))
        return
    draft, kind, lapsed = turn.drafter(about), one.drafted.kind, reason is not Reason.DECLINED
    before = len(turn.facts)
    if kind in (OrderKind.ATTEND, OrderKind.RECTIFY):
        turn.extend(draft.next_in_line(kind, reason))
    found = len(turn.facts) > before
    above = {OrderKind.RESPOND: lapsed, OrderKind.RECTIFY: lapsed or not found, OrderKind.ATTEND: not found}
    if above.get(kind, False) and draft.plan.climbs:
        turn.extend(turn.drafter(about).leader_above())


def lapse_overdue(turn: Turn, id: str) -> None:
    """The order lapses, if it still waits for its answer."""
    one = turn.state.orders.get(id)
    if one is not None and one.state in UNANSWERED and one.drafted.acknowledge_by <= turn.now:
        _lapse(turn, one, Reason.NOT_ACKNOWLEDGED)


def turn_out_overdue(turn: Turn, id: str) -> None:
    """The order of a crew that acknowledged lapses too, if it has not left."""
    one = turn.state.orders.get(id)
    if one is not None and one.state is OrderState.ACKNOWLEDGED and _passed(turn, one):
        _lapse(turn, one, Reason.NOT_TURNED_OUT)


def _passed(turn: Turn, one: Order) -> bool:
    return one.turn_out_by is not None and one.turn_out_by <= turn.now


def _lapse(turn: Turn, one: Order, reason: Reason) -> None:
    turn.change(one, OrderEvent.LAPSE, reason=reason.value)
    call_next(turn, one, reason)
    turn.close_if_done(one.drafted.incident)


def maintain(turn: Turn, id: str) -> None:
    """The night is over: whoever is to maintain is asked, unless that has been done or is not wanted any more."""
    about = turn.state.incidents.get(id)
    if about is None or not about.open or about.verdict is not None or not turn.wants_more(about):
        return
    asked = turn.drafter(about).orders(OrderKind.RECTIFY)
    if not asked:
        turn.first_orders(id)
    elif not any(one.open for one in asked):
        declined = asked[-1].state is OrderState.DECLINED
        call_next(turn, asked[-1], Reason.DECLINED if declined else Reason.NOT_ACKNOWLEDGED)


def look_again(turn: Turn, id: str) -> None:
    """The incident's calling is looked at again: a station is due, nobody has verified it, or too few could come."""
    about = turn.state.incidents.get(id)
    if about is not None and about.open:
        turn.call(about, Reason.STRENGTH)
