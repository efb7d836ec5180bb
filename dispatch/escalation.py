"""What time alone brings about: orders lapse, shelvings and drills run out, frames held back fall due."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from dispatch import pressing, sensing
from dispatch.order import UNANSWERED
from dispatch.policy import Policy
from dispatch.state import Alarm, Drill, Order, State
from dispatch.turn import Turn


@dataclass(frozen=True, slots=True)
class Due:
    """Something whose time has come; `decide` looks again whether that is still so when its turn comes."""

    key: str
    kind: str
    about: dict[str, Any]
    decide: Callable[[Turn], None]


def due(state: State, policy: Policy, now: datetime) -> Iterator[Due]:
    """All whose time has come at `now`, orders first."""
    for order in lapsed(state, now):
        yield Due(order.id, "lapse", {"order": order.id}, partial(_lapse, id=order.id))
    for drill in drills_over(state, now):
        yield Due(drill.id, "drill_over", {"drill": drill.id}, partial(_end_drill, id=drill.id))
    for alarm in shelvings_over(state, now):
        yield Due(alarm.id, "unshelve", {"alarm": alarm.id}, partial(_unshelve, id=alarm.id))
    if frames_owed(state, policy, now):
        yield Due("frames", "frames", {}, _nothing)


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


def _lapse(turn: Turn, id: str) -> None:
    one = turn.state.orders.get(id)
    if one is not None and one.state in UNANSWERED and one.drafted.acknowledge_by <= turn.now:
        pressing.lapse(turn, one)


def _end_drill(turn: Turn, id: str) -> None:
    one = turn.state.drills.get(id)
    if one is not None and one.until <= turn.now:
        pressing.close_drill(turn, "clock", one)


def _unshelve(turn: Turn, id: str) -> None:
    one = turn.state.alarms.get(id)
    if one is not None and one.shelved_until is not None and one.shelved_until <= turn.now:
        sensing.unshelve(turn, one)


def _nothing(_turn: Turn) -> None:
    """The frames that were held back are owed by a turn without facts."""
