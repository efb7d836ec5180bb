"""What the script of a year knows by itself: whom it called for, what it saw on screens, and what it pressed when.

Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from order_law import ENDED, moment


@dataclass(frozen=True, slots=True)
class Opened:
    """An incident: opened at the script's call, by a detector (`source` device) or by the desk (false_alarms)."""

    id: str
    place: str
    kind: str
    source: str
    at: datetime
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict of the script. `at`: by the timeline where that is asked, else when it was answered."""

    verdict: str
    cause: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Press:
    """Pressed at `asked_at` and taken, at `at` by the answer, which came at `heard_at`. `meant_at`: when the script
    wanted to.
    """

    order: str
    action: str
    at: datetime
    meant_at: datetime
    asked_at: datetime
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """Pressed and not taken, between the two moments of the script's own clock."""

    order: str
    action: str
    asked_at: datetime
    heard_at: datetime
    error: str


@dataclass(slots=True)
class Book:
    """`orders`: each as its recipient's screen last had it. `closed`: when incidents were closed, as command saw;
    `open` are the others. `burnt`: how many detectors have said fire.
    """

    opened: dict[str, Opened] = field(default_factory=dict)
    judged: dict[str, Judged] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    presses: list[Press] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    closed: dict[str, datetime] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    burnt: int = 0
    wrong: list[str] = field(default_factory=list)

    def order_seen(self, order: Mapping[str, Any]) -> bool:
        """The order as it now is, is known (an answer may come after a newer frame); whether it is new."""
        before = self.orders.get(order["id"])
        if before is None or len(order["history"]) >= len(before["history"]):
            self.orders[order["id"]] = {name: order[name] for name in KEPT}
        return before is None

    def began(self, made: Opened) -> None:
        """The incident is known."""
        self.opened[made.id] = made
        if made.id not in self.closed:
            self.open.add(made.id)

    def incident_seen(self, incident: Mapping[str, Any]) -> Opened | None:
        """What command is told of an incident; the incident where it was not opened by hand and is new."""
        if incident["closed_at"] is not None:
            self.closed[incident["id"]] = moment(incident["closed_at"])
            self.open.discard(incident["id"])
        if incident["id"] in self.opened or incident["source"] not in ("device", "false_alarms"):
            return None
        at, place = moment(incident["opened_at"]), incident["place"]["code"]
        made = Opened(incident["id"], place, incident["kind"], incident["source"], at, confirmed=False)
        self.began(made)
        return made

    def pressed(self, order: Mapping[str, Any], action: str, event: str, span: tuple[datetime, datetime],
                meant_at: datetime) -> None:  # fmt: skip
        """Taken: the answer's history says when, which must lie within the script's own `span`."""
        told = [moment(step["at"]) for step in order["history"] if step["event"] == event]
        if not told:
            self.wrong.append(f"{order['id']}: {action} was taken and is not in the answer's history")
            return
        at, (asked_at, heard_at) = told[-1], span
        if not truncated(asked_at) <= at <= heard_at:
            self.wrong.append(f"{order['id']}: {action} of {asked_at} to {heard_at} is answered as of {at}")
        self.presses.append(Press(order["id"], action, at, meant_at, asked_at, heard_at))

    def refused(self, order: str, action: str, asked_at: datetime, heard_at: datetime, error: str) -> None:
        """Not taken."""
        self.refusals.append(Refusal(order, action, asked_at, heard_at, error))

    def open_orders(self) -> list[str]:
        """Those that have not ended, as far as their screens know."""
        return [id for id, one in self.orders.items() if one["state"] not in ENDED]


KEPT = ("id", "incident", "recipient", "kind", "reason", "state", "drafted_at", "deadlines", "eta_s", "history")
"""What is judged of an order."""


def truncated(at: datetime) -> datetime:
    """To the millisecond, as the interface writes it."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
