"""What there is to tick off on an order: a leader's work on scene, a fire control room's linkage. Pure."""

from dispatch.facts.order import CHECKLIST, LINKAGE, OrderKind
from dispatch.state.state import Order

CONTROL_ROOM = "control_room:"


def tasks(one: Order) -> tuple[str, ...]:
    """The codes of its tasks in their order; empty where there is no checklist."""
    if one.drafted.kind is OrderKind.ATTEND:
        return CHECKLIST
    if one.drafted.kind is OrderKind.VERIFY and one.drafted.recipient.startswith(CONTROL_ROOM):
        return LINKAGE
    return ()


def told(one: Order) -> list[dict[str, object]] | None:
    """Each `task` and whether it is `done`; None where there is no checklist."""
    done = one.done
    return [{"task": task, "done": task in done} for task in tasks(one)] or None
