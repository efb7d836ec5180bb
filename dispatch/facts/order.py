"""An order's life: from drafted to closed, with what a person may press in each state (CONTRACT section 3)."""

from enum import StrEnum


class OrderKind(StrEnum):
    """What the recipient is asked to do."""

    RESPOND = "respond"
    VERIFY = "verify"
    ATTEND = "attend"
    INFORM = "inform"
    RECTIFY = "rectify"


class OrderState(StrEnum):
    """Where an order is."""

    DRAFTED = "drafted"
    SENT = "sent"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    TURNED_OUT = "turned_out"
    ARRIVED = "arrived"
    CONTROLLED = "controlled"
    CLOSED = "closed"
    DECLINED = "declined"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


class OrderEvent(StrEnum):
    """What can happen to an order; the persons' ACTIONs of CONTRACT section 3 among them, by the same names."""

    SEND = "send"
    DELIVER = "deliver"
    ACKNOWLEDGE = "acknowledge"
    DECLINE = "decline"
    TURN_OUT = "turn_out"
    ARRIVE = "arrive"
    CONTROL = "control"
    CLOSE = "close"
    CONFIRM_FIRE = "confirm_fire"
    REPORT_FALSE = "report_false"
    REQUEST_HELP = "request_help"
    CHECKLIST = "checklist"
    REPORT_BRIGADE = "report_brigade"
    LAPSE = "lapse"
    CANCEL = "cancel"


TOLD_AS = {
    OrderEvent.SEND: "sent",
    OrderEvent.DELIVER: "delivered",
    OrderEvent.ACKNOWLEDGE: "acknowledged",
    OrderEvent.DECLINE: "declined",
    OrderEvent.TURN_OUT: "turned_out",
    OrderEvent.ARRIVE: "arrived",
    OrderEvent.CONTROL: "controlled",
    OrderEvent.CLOSE: "closed",
    OrderEvent.CONFIRM_FIRE: "fire_confirmed",
    OrderEvent.REPORT_FALSE: "reported_false",
    OrderEvent.REQUEST_HELP: "help_requested",
    OrderEvent.CHECKLIST: "checklist",
    OrderEvent.REPORT_BRIGADE: "brigade_reported",
    OrderEvent.LAPSE: "lapsed",
    OrderEvent.CANCEL: "cancelled",
}
"""What a history says once it has happened."""

ACTIONS = frozenset(
    {
        OrderEvent.ACKNOWLEDGE,
        OrderEvent.DECLINE,
        OrderEvent.TURN_OUT,
        OrderEvent.ARRIVE,
        OrderEvent.CONTROL,
        OrderEvent.CLOSE,
        OrderEvent.CONFIRM_FIRE,
        OrderEvent.REPORT_FALSE,
        OrderEvent.REQUEST_HELP,
        OrderEvent.CHECKLIST,
        OrderEvent.REPORT_BRIGADE,
    }
)

DECLINE_REASONS = frozenset({"crew_out", "no_crew", "vehicle_fault", "too_far", "other"})
"""Reason codes of a decline (无法出动)."""

CHECKLIST = ("wake", "evacuate", "cut_power", "cut_gas", "open_barriers", "guide_engines")
"""What a leader does on scene (DOMAIN 0); ticked off one by one on an order to attend."""

LINKAGE = (
    "automatic",  # GB 25201-2010 5.3 c: linkage is switched to automatic as soon as the fire is confirmed
    "brigade",  # GB 25201-2010 5.3 c: 119 is called at the same time
    "plan",  # GB 25201-2010 5.3 d: the unit's plan for fighting the fire and leading people out is started
    "manager",  # GB 25201-2010 5.3 d: the person responsible for fire safety is told and comes
    "broadcast",  # GB 50116-2013 4.8 (from memory): emergency broadcast and sounders in the whole building
    "smoke",  # GB 50116-2013 4.5 (from memory): smoke exhaust and pressurisation run
    "pump",  # GB 50116-2013 4.2, 4.3 (from memory): fire pumps run, pressure is there
    "lifts",  # GB 50116-2013 4.7.1: all lifts are sent to the ground or transfer floor
    "shutters",  # GB 50116-2013 4.6 (from memory): fire doors and shutters have closed
    "power",  # GB 50116-2013 4.10.1 (from memory): what is not for fire fighting is cut off there
    "doors",  # GB 50116-2013 4.10.3 (from memory): locked doors on escape routes and barriers are opened
    "guide",  # DOMAIN 0 (officers' practice): somebody meets the engines and leads them in
)
"""What a fire control room does once a fire is confirmed (消防联动清单), ticked off on its order to verify."""

ENDED = frozenset({OrderState.CLOSED, OrderState.DECLINED, OrderState.LAPSED, OrderState.CANCELLED})
"""Nothing more is expected; only `lapsed` may still be acknowledged late."""

UNDELIVERED = frozenset({OrderState.DRAFTED, OrderState.SENT})
"""No screen has it yet."""
UNANSWERED = frozenset({OrderState.DRAFTED, OrderState.SENT, OrderState.DELIVERED})
NOT_YET_THERE = UNANSWERED | {OrderState.ACKNOWLEDGED, OrderState.TURNED_OUT}

_D, _S, _V = OrderState.DRAFTED, OrderState.SENT, OrderState.DELIVERED
_K, _T, _A, _C = OrderState.ACKNOWLEDGED, OrderState.TURNED_OUT, OrderState.ARRIVED, OrderState.CONTROLLED
_E = OrderEvent

_TABLE: dict[tuple[OrderState, OrderEvent], OrderState] = {
    (_D, _E.SEND): OrderState.SENT,
    (_D, _E.DELIVER): OrderState.DELIVERED,
    (_S, _E.DELIVER): OrderState.DELIVERED,
    **{(state, _E.ACKNOWLEDGE): OrderState.ACKNOWLEDGED for state in (_S, _V, OrderState.LAPSED)},
    **{(state, _E.DECLINE): OrderState.DECLINED for state in (_S, _V, _K, _T)},
    **{(state, _E.TURN_OUT): OrderState.TURNED_OUT for state in (_S, _V, _K)},
    **{(state, _E.ARRIVE): OrderState.ARRIVED for state in (_S, _V, _K, _T)},
    **{(state, _E.CONTROL): OrderState.CONTROLLED for state in (_S, _V, _K, _T, _A)},
    **{(state, _E.CLOSE): OrderState.CLOSED for state in (_A, _C)},
    **{
        (state, event): state
        for state in (_K, _T, _A, _C)
        for event in (_E.CONFIRM_FIRE, _E.REPORT_FALSE, _E.REQUEST_HELP, _E.CHECKLIST)
    },
    **{(state, _E.LAPSE): OrderState.LAPSED for state in (_D, _S, _V)},
    **{(state, _E.CANCEL): OrderState.CANCELLED for state in (_D, _S, _V, _K, _T, _A, _C)},
}
_WHILE_VERIFYING = frozenset({_E.CONFIRM_FIRE, _E.REPORT_FALSE, _E.REQUEST_HELP, _E.CHECKLIST})
"""What who verifies may say before anything else: there the first word is whether it is real."""


def advance(kind: OrderKind, state: OrderState, event: OrderEvent) -> OrderState | None:
    """The state after `event`, or None where the state does not allow it. Total over every kind, state and event."""
    if event is _E.CLOSE and state is _K:
        return None if kind is OrderKind.RESPOND else OrderState.CLOSED
    if event is _E.LAPSE and state is _K:
        return OrderState.LAPSED if kind is OrderKind.RESPOND else None
    if event is _E.REPORT_BRIGADE:
        return state if kind is OrderKind.VERIFY and state in (_S, _V, _K, _T, _A, _C) else None
    if event in _WHILE_VERIFYING and kind is OrderKind.VERIFY and state in (_S, _V):
        return state
    if event is _E.CHECKLIST and kind not in (OrderKind.ATTEND, OrderKind.VERIFY):
        return None
    return _TABLE.get((state, event))


_STEPS = (_K, _T, _A, _C)


def skipped(before: OrderState, after: OrderState) -> tuple[OrderState, ...]:
    """The steps between the two that nobody pressed; they are recorded as skipped."""
    if after not in _STEPS:
        return ()
    start = _STEPS.index(before) + 1 if before in _STEPS else 0
    return _STEPS[start : _STEPS.index(after)]
