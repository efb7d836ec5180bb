"""What time alone brings about: timers of the state fall due, frames held back fall due (DESIGN decision 10)."""

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from dispatch import budget, flood
from dispatch.alarms import lasting, maintenance, ripening, sensing
from dispatch.duty import duty, outcall
from dispatch.facts.fact import Awaited
from dispatch.policy.policy import Policy
from dispatch.presses import pressing, sequel
from dispatch.state import upkeep
from dispatch.state.state import FLOOD, State, timer
from dispatch.turn import Turn

Handler = Callable[[Turn, str], None]
"""Decides about the subject whose time has come; looks itself whether anything is still to be done."""

HANDLERS: dict[str, tuple[str, Handler]] = {
    "lapse": ("order", sequel.lapse_overdue),
    "turn_out": ("order", sequel.turn_out_overdue),
    "calling": ("incident", sequel.look_again),
    upkeep.TIMER: ("incident", sequel.maintain),
    "undelivered": ("order", outcall.undelivered),
    "duty_check_over": ("check", duty.over),
    duty.ROUND: ("round", duty.make_round),
    "drill_over": ("drill", pressing.end_drill),
    "unshelve": ("alarm", sensing.unshelve_overdue),
    "hold": ("alarm", ripening.hold_over),
    "grow": ("alarm", ripening.grow),
    "stale": ("alarms", lasting.find_stale),
    "blackout_over": ("blackout", maintenance.end_overdue),
    FLOOD: ("flood", flood.look),
}
"""Kind of timer -> what its subject is, and who decides."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something whose time has come; `decide` looks again whether that is still so when its turn comes."""

    key: str
    kind: str
    about: dict[str, Any]
    decide: Callable[[Turn], None]


def due(state: State, policy: Policy, now: datetime, waiting: Container[str] = ()) -> Iterator[Due]:
    """All whose time has come at `now`, longest overdue first, frames held back last; but for keys that are `waiting`
    to be decided already.
    """
    for key in state.agenda.due(now):
        if key in waiting:
            continue
        kind, _, subject = key.partition(" ")
        noun, _ = HANDLERS[kind]
        yield Due(key, kind, {noun: subject}, partial(_fire, kind=kind, subject=subject))
    if policy.checks_duty and timer(duty.ROUND, duty.EVERYWHERE) not in state.timers:
        yield Due(duty.ROUND, duty.ROUND, {"round": duty.EVERYWHERE}, duty.begin)
    if "frames" not in waiting and frames_owed(state, policy, now):
        yield Due("frames", "frames", {}, _nothing)


def frames_owed(state: State, policy: Policy, now: datetime) -> bool:
    """True when a changed incident or order has waited long enough for its next frame."""
    owed = budget.owed_at(state, policy)
    return owed is not None and owed <= now


def following(state: State, policy: Policy, now: datetime) -> datetime | None:
    """When something falls due that `due` did not tell at `now`; None when nothing will by itself."""
    owed = budget.owed_at(state, policy)
    moments = [at for at in (state.agenda.following(), owed) if at is not None and at > now]
    return min(moments, default=None)


def _fire(turn: Turn, kind: str, subject: str) -> None:
    """The subject was looked at; a timer that its handler has neither moved nor ended is over."""
    key = timer(kind, subject)
    if not _ripe(turn, key):
        return
    HANDLERS[kind][1](turn, subject)
    if _ripe(turn, key):
        turn.add(Awaited(kind=kind, subject=subject))


def _ripe(turn: Turn, key: str) -> bool:
    at = turn.state.timers.get(key)
    return at is not None and at <= turn.now


def _nothing(_turn: Turn) -> None:
    """The frames that were held back are owed by a turn without facts."""
