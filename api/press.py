"""A person presses on an order, by websocket or HTTP: the same rule for both."""

from datetime import datetime
from typing import Any, Protocol

from api import metrics
from api.desk import Desk
from api.identity import Identity, Role
from devices import instant
from dispatch.facts.actor import Outcome
from dispatch.facts.order import ACTIONS


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

    @property
    def pressed_at(self) -> Any:  # noqa: ANN401 - an instant, or anything
        """When it was pressed, as the screen says."""
        ...


class Answer(Protocol):
    """A person answered a duty check."""

    @property
    def ref(self) -> str:
        """The answer's own name."""
        ...

    @property
    def check(self) -> str:
        """The check's id."""
        ...

    @property
    def value(self) -> Any:  # noqa: ANN401 - an object whose `person` answers, or anything
        """Who answers."""
        ...


class Handover(Protocol):
    """People have taken a station over."""

    @property
    def ref(self) -> str:
        """The handover's own name."""
        ...

    @property
    def people(self) -> Any:  # noqa: ANN401 - a list of codes, or anything
        """Who is on watch now."""
        ...

    @property
    def handed_by(self) -> str | None:
        """Who was."""
        ...

    @property
    def items(self) -> Any:  # noqa: ANN401 - a list of codes, or anything
        """What was handed over."""
        ...

    @property
    def note(self) -> str | None:
        """Free text."""
        ...


async def answer_check(desk: Desk, who: Identity, said: Answer) -> Outcome:
    """The desk's answer; nothing has changed where the check was not sent to `who`."""
    person = said.value.get("person") if isinstance(said.value, dict) else None
    return await desk.answer_check(who.actor, said.check, person, said.ref)


async def hand_over(desk: Desk, who: Identity, said: Handover, station: str | None = None) -> Outcome:
    """The desk's answer; `station` is the screen's own unless told."""
    if station is None and who.role is not Role.STATION:
        return Outcome(ok=False, error="a station is handed over on its own screen, or by POST to its address")
    request = {"people": said.people, "handed_by": said.handed_by, "items": said.items, "note": said.note}
    return await desk.hand_over(who.actor, station or who.scope or "", request, said.ref)


def moment_or_none(said: object) -> datetime | None:
    """When something was pressed, as its screen says; what is no time is not taken, and the press counts."""
    try:
        return instant.parse(said) if said is not None else None
    except (ValueError, OverflowError):
        return None


async def press(desk: Desk, who: Identity, act: Press) -> Outcome:
    """The desk's answer; nothing has changed where the order is not addressed to `who`: nobody presses for others."""
    order = desk.order(act.order)
    elsewhere = who.order not in (None, act.order)  # a link is good for its order alone
    if order is None or order["recipient"] != who.recipient or elsewhere:
        outcome = Outcome(ok=False, error=f"no order {act.order[:80]!r} of yours", missing=True)
    elif act.action not in ACTIONS:
        outcome = Outcome(ok=False, error=f"no action {act.action[:80]!r}; there are {', '.join(sorted(ACTIONS))}")
    else:
        at = moment_or_none(act.pressed_at)
        outcome = await desk.act(who.actor, act.order, act.action, act.ref, act.note, act.value, at)
    action = act.action if act.action in ACTIONS else "unknown"
    metrics.PRESSES.labels(action, str(outcome.ok).lower()).inc()
    return outcome
