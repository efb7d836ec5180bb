"""How many frames about incidents command gets: each change is told in the end, the gravest and newest first."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime

from dispatch.policy.policy import Policy
from dispatch.state.state import State


def chosen(state: State, policy: Policy, incidents: Iterable[str], now: datetime) -> list[str]:
    """Those of the changed `incidents` that command is told of at `now`; the others stay owed."""
    shown = len(state.shown) - bisect_right(state.shown, now - policy.frame_every)
    if shown >= policy.command_frames:
        return []
    room = policy.command_frames - shown
    return sorted(incidents, key=lambda one: _order(state, one))[:room]


def owed_at(state: State, policy: Policy) -> datetime | None:
    """When the next frame that was held back may be sent; None when none is held back."""
    if not state.untold:
        return None
    counted = state.shown[-policy.command_frames :]
    room_at = counted[0] + policy.frame_every if len(counted) >= policy.command_frames else None
    told, every = state.told, policy.frame_every
    moments = ((one, told[one] + every if one in told else since) for one, since in state.untold.items())
    if room_at is None:
        return min(at for _, at in moments)
    return min(room_at if at < room_at and one in state.incidents else at for one, at in moments)


def _order(state: State, one: str) -> tuple[int, bool, datetime, str]:
    """The gravest first; of those the new; of those the longest owed."""
    return -state.incidents[one].severity, one in state.told, state.untold[one], one
