"""A person presses on an order, by websocket or HTTP: the same rule for both."""

from typing import Any, Protocol

from api import metrics
from api.desk import Desk
from api.identity import Identity
from dispatch.actor import Outcome
from dispatch.order import ACTIONS


class Press(Protocol):
    """What was pressed."""

    @property
    def ref(self) -> str:
        """The press's own name: said again, it is the same press."""
        ...

    @property
    def order(self) -> str:
        """The order's id."""
        ...

    @property
    def action(self) -> str:
        """One of the contract's actions."""
        ...

    @property
    def note(self) -> str | None:
        """Free text."""
        ...

    @property
    def value(self) -> Any:  # noqa: ANN401 - whatever the action carries
        """An object; a decline's reason code is its `reason`."""
        ...


async def press(desk: Desk, who: Identity, act: Press) -> Outcome:
    """The desk's answer; nothing has changed where the order is not addressed to `who`: nobody presses for others."""
    order = desk.order(act.order)
    if order is None or order["recipient"] != who.recipient:
        outcome = Outcome(ok=False, error=f"no order {act.order[:80]!r} of yours", missing=True)
    elif act.action not in ACTIONS:
        outcome = Outcome(ok=False, error=f"no action {act.action[:80]!r}; there are {', '.join(sorted(ACTIONS))}")
    else:
        outcome = await desk.act(who.actor, act.order, act.action, act.ref, act.note, act.value)
    action = act.action if act.action in ACTIONS else "unknown"
    metrics.PRESSES.labels(action, str(outcome.ok).lower()).inc()
    return outcome
