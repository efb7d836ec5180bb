"""What time alone brings about: orders lapse, shelvings and drills run out, frames held back fall due."""

from datetime import datetime

from dispatch.order import UNANSWERED
from dispatch.policy import Policy
from dispatch.state import Alarm, Drill, Order, State


def lapsed(state: State, now: datetime) -> list[Order]:
    """Orders nobody acknowledged in time, longest overdue first."""
    overdue = [one for one in state.open_orders() if one.state in UNANSWERED and one.drafted.acknowledge_by <= now]
    return sorted(overdue, key=lambda one: (one.drafted.acknowledge_by, one.id))


def drills_over(state: State, now: datetime) -> list[Drill]:
    """Drills whose time is up."""
    return [one for one in state.drills.values() if one.closed_at is None and one.until <= now]


def shelvings_over(state: State, now: datetime) -> list[Alarm]:
    """Alarms whose shelving has run out."""
    return [
        one
        for one in (state.alarms[id] for id in state.on.values())
        if one.shelved_until is not None and one.shelved_until <= now
    ]


def frames_owed(state: State, policy: Policy, now: datetime) -> bool:
    """True when a changed incident or order has waited long enough for its next frame."""
    return any((told := state.told.get(one)) is None or now - told >= policy.frame_every for one in state.untold)
