"""When a crew is expected: revised whenever it reports, until it is there."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from math import isfinite
from typing import Any

from devices.model import Station
from dispatch.choosing import obstacle
from dispatch.facts.fact import EtaRevised
from dispatch.facts.order import NOT_YET_THERE, OrderEvent, OrderState
from dispatch.state.state import Incident, Order
from dispatch.turn import Turn

REPORTED = "reported"
"""Method of an estimate that the crew gave itself; `roads` and `line` are ours."""
LONGEST_S = 24 * 3600
"""A crew's own estimate beyond a day is a slip of the finger."""


def revise(turn: Turn, id: str, event: OrderEvent, value: Mapping[str, Any] | None, by: str) -> None:
    """After a press about the order `id`: its arrival is expected as the crew says, or from where it is; when it turns
    out, a journey's time after that.

    A position or estimate that cannot be one changes nothing and hinders nobody: the press counts.
    """
    one = turn.state.orders[id]
    noun, _, code = one.drafted.recipient.partition(":")
    station = turn.world.registry.stations.get(code) if noun == "station" else None
    if one.state not in NOT_YET_THERE or station is None:
        return
    about = turn.state.incidents[one.drafted.incident]
    found = _told(value) or _from_here(turn, one, about, station, value)
    if found is None and event is OrderEvent.TURN_OUT and one.drafted.eta_s is not None:
        # as it was reckoned for the order: a crew that is late out is late there
        found = max(one.drafted.eta_s - station.muster_s, 0), one.drafted.eta_method or ""
    if found is not None:
        seconds, method = found
        turn.add(EtaRevised(order=id, arrive_at=turn.now + timedelta(seconds=seconds), method=method, by=by))


def _told(value: Mapping[str, Any] | None) -> tuple[float, str] | None:
    seconds = _number((value or {}).get("eta_s"))
    return (seconds, REPORTED) if seconds is not None and 0 <= seconds <= LONGEST_S else None


def _from_here(
    turn: Turn, one: Order, about: Incident, station: Station, value: Mapping[str, Any] | None
) -> tuple[float, str] | None:
    """The way from the position told, after what is left of the muster time if the crew has not turned out yet."""
    lon, lat = (_number((value or {}).get(name)) for name in ("lon", "lat"))
    if lon is None or lat is None or not (-180 <= lon <= 180 and -90 <= lat <= 90):
        return None
    if about.lon is None or about.lat is None:
        return None
    ((seconds, method),) = turn.world.travel((about.lon, about.lat), [replace(station, lon=lon, lat=lat)])
    if not isfinite(seconds):
        return None
    mustered = one.drafted_at + timedelta(seconds=station.muster_s)
    left_s = 0.0 if one.state is OrderState.TURNED_OUT else (mustered - turn.now).total_seconds()
    climb_s = obstacle.climb_s(turn.world.registry, turn.state.alarms_of(about), turn.now, turn.world.policy.climb_s)
    return seconds + max(left_s, 0) + climb_s, method


def _number(item: object) -> float | None:
    usable = isinstance(item, int | float) and not isinstance(item, bool) and isfinite(item)
    return float(item) if usable else None  # type: ignore[arg-type]
