"""Why a press does not fit its order's state: who was first, and what can be pressed now."""

from collections.abc import Callable
from datetime import datetime

from devices import instant
from dispatch.facts.order import ACTIONS, TOLD_AS, OrderEvent, OrderState, advance
from dispatch.facts.refused import Refused, Why
from dispatch.state.state import Order, Step


def of(one: Order, event: OrderEvent, local: Callable[[datetime], datetime]) -> str | None:
    """The sentence; None where the order's state allows `event`."""
    if advance(one.drafted.kind, _as_sent(one.state), event) is not None:
        return None
    first = _first(one, event)
    if first is not None:
        why = f"{first.by} was first: the order has been {first.event} since {local(first.at):%H:%M:%S}"
    else:
        why = f"{event} is not allowed while the order is {one.state}"
    able = allowed(one)
    said = f"{why}; now there is {', '.join(able)}" if able else f"{why}; there is nothing more to press"
    if first is None:
        return Refused(Why.STATE_FORBIDS, said, action=event.value, state=one.state.value, allowed=able)
    by, at = str(first.by), instant.text(first.at)
    return Refused(Why.PRESSED_FIRST, said, by=by, state=first.event, at=at, allowed=able)


def allowed(one: Order) -> list[str]:
    """The actions that the order's state allows, in the order of its life."""
    return [
        each.value
        for each in OrderEvent
        if each in ACTIONS and advance(one.drafted.kind, _as_sent(one.state), each) is not None
    ]


def _as_sent(state: OrderState) -> OrderState:
    """What is pressed on has been sent, though that may not have been told yet."""
    return OrderState.SENT if state is OrderState.DRAFTED else state


def _first(one: Order, event: OrderEvent) -> Step | None:
    """The press that led to the state the order is in, if it was of this very kind."""
    told = next((step for step in reversed(one.history) if step.event == TOLD_AS[event]), None)
    return told if told is not None and told.by is not None and TOLD_AS[event] == one.state else None
