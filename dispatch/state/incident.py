"""When alarms are one incident, and how grave it is."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from dispatch.facts.alarm import ELECTRICAL, FIRE_LIKE, AlarmKind
from dispatch.facts.kind import ELECTRICAL_DANGER, FIRE, LIKE_FIRE, REAL
from dispatch.facts.order import ENDED, OrderKind, OrderState
from dispatch.state.state import Alarm, Incident, Order, State


def kind_for(alarm: AlarmKind) -> str | None:
    """The kind of incident such an alarm opens; None where it is shown but calls nobody."""
    if alarm in FIRE_LIKE:
        return FIRE
    return ELECTRICAL_DANGER if alarm in ELECTRICAL else None


def harmless(about: Incident) -> bool:
    """True once it was found to be nothing that anybody must come for: by verdict, or without one on the spot."""
    return about.verdict not in (None, REAL) or (about.verdict is None and about.verification == "false")


def burning(about: Incident) -> bool:
    """True where crews are wanted: a fire, or electrical danger of which somebody on the spot says that it burns."""
    return about.kind in LIKE_FIRE or about.verification == "confirmed"


def unheard(about: Incident) -> bool:
    """True for a fire that command was shown and nobody was called to, since its detectors are blacked out."""
    return not about.orders and shown(about)


def shown(about: Incident) -> bool:
    """True for what a blackout of its detectors let only be shown to command at first."""
    return any(told.code == "blackout" for told in about.warnings)


def left(about: Incident, orders: Iterable[Order]) -> bool:
    """True once those whose task it was (crews; for electrical danger the repairers) have all ended: a further alarm
    finds nobody there and is an incident of its own.

    A fire that nobody answered counts as left: a further detector is reason to ask everybody again. Electrical trouble
    that nobody answered does not: one chattering monitor would ask them every two minutes.
    """
    task = _task(about)
    states = [one.state for one in orders if one.drafted.kind is task]
    ended = bool(states) and all(state in ENDED for state in states)
    if task is OrderKind.RESPOND:
        return ended
    return ended and any(state in (OrderState.CLOSED, OrderState.CANCELLED) for state in states)


def finished(about: Incident, orders: Iterable[Order]) -> bool:
    """True when nobody more is to be called for it: it is closed, was found harmless, or is real and somebody has
    come back from it.
    """
    if not about.open or harmless(about):
        return True
    task = _task(about)
    return about.verdict == REAL and any(one.state is OrderState.CLOSED for one in orders if one.drafted.kind is task)


def wants_more(state: State, about: Incident) -> bool:
    """True while somebody more may be called: it is not finished, nobody stood everybody down, and the exercise that it
    belongs to is not over.
    """
    return not about.stood_down and not played_out(state, about) and not finished(about, state.orders_of(about))


def played_out(state: State, about: Incident) -> bool:
    """True for an incident of an exercise that is over: nobody is called for it, whoever asks."""
    if about.drill is None:
        return False
    drill = state.drills.get(about.drill)
    return drill is None or drill.closed_at is not None


def _task(about: Incident) -> OrderKind:
    return OrderKind.RESPOND if burning(about) else OrderKind.RECTIFY


def to_join(
    incidents: Iterable[Incident], kind: str, drill: str | None, now: datetime, window: timedelta
) -> Incident | None:
    """The open one of a place's `incidents` that a new alarm there belongs to, if its last is no older than `window`.

    An exercise never joins the real, nor the real an exercise; what was found to be no fire takes no more in.
    """
    wanted = LIKE_FIRE if kind in LIKE_FIRE else {kind}
    fitting = [
        one
        for one in incidents
        if one.open
        and not harmless(one)
        and one.kind in wanted
        and one.drill == drill
        and now - one.last_alarm_at <= window
    ]
    return max(fitting, key=lambda one: (one.opened_at, one.id), default=None)


def severity(kind: str, alarms: Sequence[Alarm], *, confirmed: bool, by_hand: bool = False) -> int:
    """1 to 4, 4 the gravest: grows with detectors and floors involved; the scheme is ours, no notice publishes one.

    Fire: 2 for one detector, 3 for two or for a person's call, 4 when confirmed, on two floors or at two places.
    Electrical: 1, an arc 2, 4 when it burns.
    """
    if kind == ELECTRICAL_DANGER and not confirmed:
        return 2 if any(alarm.kind is AlarmKind.ARC for alarm in alarms) else 1
    floors = {alarm.floor for alarm in alarms if alarm.floor is not None}
    places = {alarm.place for alarm in alarms}
    if confirmed or len(floors) > 1 or len(places) > 1:
        return 4
    devices = {alarm.device for alarm in alarms}
    called = by_hand or any(alarm.kind is AlarmKind.MANUAL for alarm in alarms)
    return 3 if called or len(devices) > 1 else 2
