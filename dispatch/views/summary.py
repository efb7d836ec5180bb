"""What is open, in numbers: what command is told in a flood beside its frames."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from devices import instant
from dispatch.state.state import State

WITHIN = timedelta(minutes=10)
"""In which alarms are counted (ISA-18.2)."""


def lately(state: State, now: datetime) -> int:
    """Alarms raised within the ten minutes before `now`, exercises left out; counted in spans of ten seconds."""
    since = (now - WITHIN).timestamp()
    return sum(count for at, count in state.rate.items() if at > since)


def flood(state: State) -> dict[str, Any]:
    """FLOOD, without what is exercise, as of the last entry."""
    now = state.last_at
    kinds = Counter(one.kind.value for one in (state.alarms[id] for id in state.on.values()) if one.drill is None)
    about = [one for one in state.incidents.values() if one.open and one.drill is None]
    severities = Counter(one.severity for one in about)
    return {
        "on": state.flood is not None,
        "since": instant.text(state.flood) if state.flood is not None else None,
        "alarms_10_min": lately(state, now) if now is not None else 0,
        "open_alarms": dict(sorted(kinds.items())),
        "open_incidents": {str(severity): severities[severity] for severity in sorted(severities)},
        "grids": dict(sorted(Counter(one.grid for one in about if one.grid is not None).items())),
        "held_back": sum(one in state.incidents for one in state.untold),
    }
