"""When alarms are one incident, and how grave it is."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from dispatch.alarm import ELECTRICAL, FIRE_LIKE, AlarmKind
from dispatch.state import Alarm, Incident

FIRE = "fire"
ELECTRICAL_DANGER = "electrical"
MANUAL = "manual"
REAL = "real"
LIKE_FIRE = frozenset({FIRE, MANUAL})
"""Kinds of incident that a crew goes to."""


def kind_for(alarm: AlarmKind) -> str | None:
    """The kind of incident such an alarm opens; None where it is shown but calls nobody."""
    if alarm in FIRE_LIKE:
        return FIRE
    return ELECTRICAL_DANGER if alarm in ELECTRICAL else None


def to_join(
    incidents: Iterable[Incident], place: str, kind: str, drill: str | None, now: datetime, window: timedelta
) -> Incident | None:
    """The open incident that a new alarm at `place` belongs to, if its last alarm is no older than `window`.

    An exercise never joins the real, nor the real an exercise; what was found to be no fire takes no more in.
    """
    wanted = LIKE_FIRE if kind in LIKE_FIRE else {kind}
    fitting = [
        one
        for one in incidents
        if one.open
        and one.verdict in (None, REAL)
        and one.place == place
        and one.kind in wanted
        and one.drill == drill
        and now - one.last_alarm_at <= window
    ]
    return max(fitting, key=lambda one: (one.opened_at, one.id), default=None)


def severity(kind: str, alarms: Sequence[Alarm], *, confirmed: bool, by_hand: bool = False) -> int:
    """1 to 4, 4 the gravest: grows with detectors and floors involved; the scheme is ours, no notice publishes one.

    Fire: 2 for one detector, 3 for two or for a person's call, 4 when confirmed or on two floors.
    Electrical: 1, an arc 2.
    """
    if kind == ELECTRICAL_DANGER:
        return 2 if any(alarm.kind is AlarmKind.ARC for alarm in alarms) else 1
    floors = {alarm.floor for alarm in alarms if alarm.floor is not None}
    if confirmed or len(floors) > 1:
        return 4
    devices = {alarm.device for alarm in alarms}
    called = by_hand or any(alarm.kind is AlarmKind.MANUAL for alarm in alarms)
    return 3 if called or len(devices) > 1 else 2
