"""The order's table over the whole product of kinds, states and events, against the contract's words."""

import itertools

import pytest

from dispatch.facts.order import ENDED, OrderEvent, OrderKind, OrderState, advance, skipped

S = OrderState
STEPS = [S.SENT, S.DELIVERED, S.ACKNOWLEDGED, S.TURNED_OUT, S.ARRIVED, S.CONTROLLED]


def _allowed(kind: OrderKind, state: OrderState, event: OrderEvent) -> OrderState | None:
    """CONTRACT section 3, written out a second time, as a person reads it."""
    earlier = {
        OrderEvent.TURN_OUT: (STEPS[:3], S.TURNED_OUT),
        OrderEvent.ARRIVE: (STEPS[:4], S.ARRIVED),
        OrderEvent.CONTROL: (STEPS[:5], S.CONTROLLED),
        OrderEvent.ACKNOWLEDGE: ([S.SENT, S.DELIVERED, S.LAPSED], S.ACKNOWLEDGED),
        OrderEvent.DECLINE: ([S.SENT, S.DELIVERED, S.ACKNOWLEDGED, S.TURNED_OUT], S.DECLINED),
        OrderEvent.SEND: ([S.DRAFTED], S.SENT),
        OrderEvent.DELIVER: ([S.DRAFTED, S.SENT], S.DELIVERED),
        OrderEvent.LAPSE: ([S.DRAFTED, S.SENT, S.DELIVERED], S.LAPSED),
        OrderEvent.CANCEL: ([S.DRAFTED, *STEPS], S.CANCELLED),
    }
    if event is OrderEvent.LAPSE and state is S.ACKNOWLEDGED and kind is OrderKind.RESPOND:
        return S.LAPSED  # a crew that said it would go, and did not
    if event is OrderEvent.REPORT_BRIGADE:
        return state if kind is OrderKind.VERIFY and state in STEPS else None
    if event in earlier:
        states, after = earlier[event]
        return after if state in states else None
    if event is OrderEvent.CLOSE:
        states = [S.ARRIVED, S.CONTROLLED] + ([] if kind is OrderKind.RESPOND else [S.ACKNOWLEDGED])
        return S.CLOSED if state in states else None
    states = [S.ACKNOWLEDGED, S.TURNED_OUT, S.ARRIVED, S.CONTROLLED]
    if event is OrderEvent.CHECKLIST and kind not in (OrderKind.ATTEND, OrderKind.VERIFY):
        return None
    if kind is OrderKind.VERIFY:
        states += [S.SENT, S.DELIVERED]
    return state if state in states else None


@pytest.mark.parametrize(("kind", "state", "event"), list(itertools.product(OrderKind, OrderState, OrderEvent)))
def test_an_order_moves_exactly_as_the_contract_says(kind: OrderKind, state: OrderState, event: OrderEvent) -> None:
    assert advance(kind, state, event) == _allowed(kind, state, event)


def test_what_has_ended_moves_no_more_but_for_a_late_acknowledgement() -> None:
    moves = {
        (state, event)
        for state in ENDED
        for event in OrderEvent
        if advance(OrderKind.RESPOND, state, event) is not None
    }
    assert moves == {(S.LAPSED, OrderEvent.ACKNOWLEDGE)}


def test_steps_nobody_pressed_are_named_in_order() -> None:
    assert skipped(S.SENT, S.ARRIVED) == (S.ACKNOWLEDGED, S.TURNED_OUT)
    assert skipped(S.ACKNOWLEDGED, S.TURNED_OUT) == ()
    assert skipped(S.DELIVERED, S.ACKNOWLEDGED) == ()
    assert skipped(S.LAPSED, S.ACKNOWLEDGED) == ()
    assert skipped(S.SENT, S.DECLINED) == ()
