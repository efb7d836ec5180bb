"""What an order's history may say by docs/websocket.md, written down anew: it is not the desk's table.

Pure.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

ENDED = frozenset({"closed", "declined", "lapsed", "cancelled"})
UNANSWERED = frozenset({"drafted", "sent", "delivered"})
HERE = frozenset({"acknowledged", "turned_out", "arrived", "controlled"})
STEPS = ("acknowledged", "turned_out", "arrived", "controlled")

ACTIONS = {
    "acknowledge": "acknowledged", "decline": "declined", "turn_out": "turned_out", "arrive": "arrived",
    "control": "controlled", "close": "closed", "confirm_fire": "fire_confirmed", "report_false": "reported_false",
    "request_help": "help_requested", "checklist": "checklist", "report_brigade": "brigade_reported",
}  # fmt: skip
"""Action -> its event in a history."""
BY_PEOPLE = frozenset(ACTIONS.values())

_SCREEN = frozenset({"sent", "delivered"})
_FROM: dict[str, frozenset[str]] = {
    "sent": frozenset({"drafted"}),
    "delivered": frozenset({"drafted", "sent"}),
    "acknowledged": _SCREEN | {"lapsed"},
    "declined": _SCREEN | {"acknowledged", "turned_out"},
    "turned_out": _SCREEN | {"acknowledged"},
    "arrived": _SCREEN | {"acknowledged", "turned_out"},
    "controlled": _SCREEN | {"acknowledged", "turned_out", "arrived"},
    "closed": frozenset({"arrived", "controlled"}),
    "lapsed": UNANSWERED,
    "cancelled": UNANSWERED | HERE,
}
_WORDS = frozenset({"fire_confirmed", "reported_false", "help_requested"})
_ASIDE = frozenset({"fallback_called", "fallback_answered", "fallback_failed"})


def allowed(kind: str, state: str, event: str) -> bool:
    """Whether `event` may happen to an order of this kind in this state."""
    match event:
        case "closed" if kind != "respond":
            return state in _FROM["closed"] | {"acknowledged"}
        case "lapsed" if kind == "respond":
            return state in UNANSWERED | {"acknowledged"}
        case "checklist":
            return state in (HERE | _SCREEN if kind == "verify" else HERE) and kind in ("attend", "verify")
        case "brigade_reported":
            return kind == "verify" and state in HERE | _SCREEN
        case _ if event in _WORDS:
            return state in (HERE | _SCREEN if kind == "verify" else HERE)
        case _:
            return event in _ASIDE or state in _FROM.get(event, frozenset())


def wrong(order: Mapping[str, Any]) -> str | None:  # noqa: PLR0911 - one return for each thing that may be wrong
    """Why the order's history is no lawful one that has ended; None where it is."""
    told = [(step["event"], moment(step["at"])) for step in order["history"]]
    if not told or told[0][0] != "drafted":
        return "it does not begin with being drafted"
    state, since = "drafted", told[0][1]
    turn_out_by, left_out = since, []
    for event, at in told[1:]:
        if at < since:
            return f"{event} at {at} comes after what was at {since}"
        since = at
        if event.endswith("_skipped"):
            left_out.append(event.removesuffix("_skipped"))
            continue
        if not allowed(order["kind"], state, event):
            return f"{event} from {state}"
        if left_out != _skipped(state, event):
            return f"from {state} to {event} it says that {left_out} were skipped"
        if event == "lapsed" and at < (turn_out_by if state == "acknowledged" else _answer_by(order)):
            return f"it lapsed at {at}, before its time"
        if event == "acknowledged":
            turn_out_by = at + timedelta(seconds=60)
        state, left_out = _after(state, event), []
    if state != order["state"]:
        return f"its history ends as {state}, its state is {order['state']}"
    return None if state in ENDED else f"it is {state} still"


def asked_again(orders: Iterable[Mapping[str, Any]]) -> list[str]:
    """Orders to somebody who had one of the same kind in the same incident already, which was not cancelled before."""
    found, before = [], {}
    for one in sorted(orders, key=lambda one: one["id"]):
        to = one["incident"], one["recipient"], one["kind"]
        if to in before and (before[to]["state"] != "cancelled" or ended(before[to]) > moment(one["drafted_at"])):
            found.append(f"{one['id']} is asked of {one['recipient']}, who has {before[to]['id']}")
        before[to] = one
    return found


def ended(order: Mapping[str, Any]) -> datetime:
    """When the last of its history was."""
    return moment(order["history"][-1]["at"])


def states(order: Mapping[str, Any]) -> list[tuple[str, datetime]]:
    """Each state the order has been in, and since when."""
    found: list[tuple[str, datetime]] = []
    for step in order["history"]:
        before = found[-1][0] if found else ""
        if not step["event"].endswith("_skipped") and (after := _after(before, step["event"])) != before:
            found.append((after, moment(step["at"])))
    return found


def refusable(order: Mapping[str, Any], action: str, asked_at: datetime, heard_at: datetime) -> bool:
    """Whether the order was, between the two moments, in a state that does not allow the action.

    Drafted counts as sent; a late acknowledgement is also refused where nobody need come any more.
    """
    told = states(order)
    ends = [since for _, since in told[1:]] + [heard_at]
    within = [
        state for (state, since), until in zip(told, ends, strict=True) if since <= heard_at and until >= asked_at
    ]
    return any(
        state == "lapsed" or not allowed(order["kind"], "sent" if state == "drafted" else state, ACTIONS[action])
        for state in within
    )


def moment(text: str) -> datetime:
    """As the interface writes it."""
    return datetime.fromisoformat(text)


def _after(state: str, event: str) -> str:
    return event if event in _FROM or event == "drafted" else state


def _answer_by(order: Mapping[str, Any]) -> datetime:
    return moment(order["deadlines"]["acknowledge_by"])


def _skipped(state: str, event: str) -> list[str]:
    if event not in STEPS:
        return []
    start = STEPS.index(state) + 1 if state in STEPS else 0
    return list(STEPS[start : STEPS.index(event)])
