"""How many frames about incidents command gets: each change is told in the end, the gravest and newest first."""

from collections.abc import Iterable
from datetime import datetime

from dispatch.policy import Policy
from dispatch.state import State


def chosen(state: State, policy: Policy, incidents: Iterable[str], now: datetime) -> list[str]:
    """Those of the changed `incidents` that command is told of at `now`; the others stay owed."""
    room = policy.command_frames - sum(now - at < policy.frame_every for at in state.shown)
    return sorted(incidents, key=lambda one: _order(state, one))[: max(0, room)]


def owed_at(state: State, policy: Policy) -> datetime | None:
    """When the next frame that was held back may be sent; None when none is held back."""
    if not state.untold:
        return None
    counted = state.shown[-policy.command_frames :]
    room_at = counted[0] + policy.frame_every if len(counted) >= policy.command_frames else None
    return min(_at(state, policy, one, since, room_at) for one, since in state.untold.items())


def _at(state: State, policy: Policy, one: str, since: datetime, room_at: datetime | None) -> datetime:
    told = state.told.get(one)
    at = told + policy.frame_every if told is not None else since
    return max(at, room_at) if room_at is not None and one in state.incidents else at


def _order(state: State, one: str) -> tuple[int, bool, datetime, str]:
    """The gravest first; of those the new; of those the longest owed."""
    return -state.incidents[one].severity, one in state.told, state.untold[one], one
