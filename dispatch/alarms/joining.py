"""Which incident an alarm belongs to; and what a person says: these alarms are another matter, these two are one."""

from collections.abc import Iterable, Sequence

from devices.geometry import distance_m
from dispatch.choosing.choice import Reason
from dispatch.facts.actor import Actor
from dispatch.facts.alarm import AlarmState
from dispatch.facts.fact import AlarmJoined, IncidentMerged, IncidentOpened, IncidentSplit, IncidentVerified, Warned
from dispatch.facts.kind import LIKE_FIRE, MAINTENANCE
from dispatch.facts.order import OrderState
from dispatch.facts.refused import Refused, Why
from dispatch.state import incident
from dispatch.state.state import NOWHERE, Alarm, Incident, Order
from dispatch.turn import Turn
from dispatch.ways import neighbours

CONFIRMED = "confirmed"


def home(turn: Turn, kind: str, raised: Alarm) -> Incident | None:
    """The open incident that an alarm for `kind` of incident belongs to, if any.

    It is one that involves the alarm's own place; of a fire otherwise one that began no farther than the policy's
    `join_distance_m` away, the nearest. Counted from where it began, so that a row of houses is not one fire from end
    to end because each of them stands beside the next.
    """
    fitting = _fitting(turn, turn.state.incidents_at(raised.place), kind, raised)
    if fitting is not None or kind not in LIKE_FIRE:
        return fitting
    within_m = turn.world.policy.join_distance_m
    for place in neighbours.beside(turn.world.registry, raised.place, within_m):
        began = (one for one in turn.state.incidents_at(place) if one.place == place)
        if (fitting := _fitting(turn, began, kind, raised)) is not None:
            return fitting
    return _fitting(turn, _begun_near(turn, raised.place, within_m), kind, raised)


def _fitting(turn: Turn, incidents: Iterable[Incident], kind: str, raised: Alarm) -> Incident | None:
    manned = (one for one in incidents if not incident.left(one, turn.state.orders_of(one)))
    return incident.to_join(manned, kind, raised.drill, turn.now, turn.world.policy.join_window)


def _begun_near(turn: Turn, place: str, within_m: float) -> list[Incident]:
    """Incidents opened by hand at a point of the map near the place."""
    here = turn.world.registry.places.get(place)
    if here is None or within_m <= 0:
        return []
    return [
        one
        for one in turn.state.incidents_at(NOWHERE)
        if one.lon is not None
        and one.lat is not None
        and distance_m((one.lon, one.lat), (here.lon, here.lat)) <= within_m
    ]


def join(turn: Turn, about: Incident, raised: Alarm) -> None:
    """The alarm is the incident's. Where it is the first at its place, everybody on it is told at once, and that
    place's own station and leader are called.
    """
    further = raised.place not in turn.state.places_of(about)
    severity = turn.severity_now(about, also=raised)
    turn.add(AlarmJoined(incident=about.id, alarm=raised.id, severity=severity, further=further))
    if further:
        turn.extend(turn.drafter(about).further(raised.place))
    turn.call(about, Reason.STRENGTH)


def split(turn: Turn, actor: Actor, about: Incident, alarms: Sequence[str], note: str | None) -> str | None:
    """These alarms are an incident of their own, with orders of its own; or why not (`note`: a digest)."""
    chosen = tuple(dict.fromkeys(alarms))
    refused = _unsplittable(turn, about, chosen)
    if refused is not None:
        return refused
    state = turn.state
    moved = [state.alarms[id] for id in chosen]
    first = moved[0]
    place = turn.world.registry.places.get(first.place)
    kind = incident.kind_for(first.kind) or about.kind
    kept = [one for one in state.alarms_of(about) if one.id not in chosen]
    opened = turn.number("I")
    severity = incident.severity(kind, moved, confirmed=False)
    turn.add(
        IncidentOpened(
            incident=opened,
            kind=kind,
            source="device",
            severity=severity,
            place=first.place,
            lon=place.lon if place is not None else about.lon,
            lat=place.lat if place is not None else about.lat,
            grid=place.grid if place is not None else about.grid,
            grids=turn.world.grids_of(place.grid) if place is not None else about.grids,
            category=place.category if place is not None else about.category,
            drill=about.drill,
            by=actor.recipient,
        ),
        IncidentSplit(
            incident=about.id,
            into=opened,
            alarms=chosen,
            severity=severity,
            left_severity=incident.severity(
                about.kind, kept, confirmed=about.verification == CONFIRMED, by_hand=about.source != "device"
            ),
            by=actor.recipient,
            note=note,
        ),
    )
    if all(one.blackout is not None for one in moved):
        turn.add(Warned(incident=opened, code="blackout"))  # works or a test go on there: it is shown, as before
    else:
        turn.first_orders(opened)
    _hear(turn, about.id)
    return None


def _hear(turn: Turn, id: str) -> None:
    """What was only shown because of a blackout calls somebody, if an alarm of it that is on is not blacked out."""
    about = turn.state.incidents[id]
    heard = (one for one in turn.state.alarms_of(about) if one.blackout is None and one.state is AlarmState.ACTIVE)
    if about.open and incident.unheard(about) and not incident.harmless(about) and any(heard):
        turn.first_orders(id)


def _unsplittable(turn: Turn, about: Incident, alarms: Sequence[str]) -> str | None:
    if not about.open:
        return Refused(Why.INCIDENT_CLOSED, "the incident is closed")
    if turn.played_out(about):
        return Refused(Why.DRILL_OVER, "the drill is over: nobody is called for it any more")
    own = {one.id for one in turn.state.alarms_of(about) if one.incident == about.id}
    strange = [id for id in alarms if id not in own]
    if strange:
        said = f"no alarm {strange[0][:64]!r} of {about.id}: it has {', '.join(sorted(own)) or 'none'}"
        return Refused(Why.ALARM_ELSEWHERE, said, alarm=strange[0][:64], incident=about.id)
    if not alarms:
        return Refused(Why.ALARMS_NONE, "alarms must name at least one alarm of the incident")
    if len(alarms) == len(own) and about.source == "device":
        return Refused(Why.ALARM_LEFT, "one alarm at least must stay; to end the incident, give a verdict or merge it")
    return None


def merge(turn: Turn, actor: Actor, about: Incident, into: Incident, note: str | None) -> str | None:
    """The incident is closed as merged: its alarms and its crews, who keep their orders, are `into`'s; or why not."""
    refused = _unmergeable(about, into)
    if refused is not None:
        return refused
    alarms = tuple(one.id for one in turn.state.alarms_of(about) if one.incident == about.id)
    orders = tuple(one.id for one in turn.state.orders_of(about) if _moves(one))
    came = [*turn.state.alarms_of(into), *(turn.state.alarms[id] for id in alarms)]
    confirmed = CONFIRMED in (about.verification, into.verification)
    severity = max(into.severity, about.severity, incident.severity(into.kind, came, confirmed=confirmed))
    turn.add(
        IncidentMerged(
            incident=about.id,
            into=into.id,
            alarms=alarms,
            orders=orders,
            severity=severity,
            by=actor.recipient,
            note=note,
        )
    )
    if about.verification == CONFIRMED != into.verification:
        turn.add(IncidentVerified(incident=into.id, verification=CONFIRMED, severity=severity, by=actor.recipient))
    _hear(turn, into.id)
    turn.call(into, Reason.STRENGTH)
    return None


def _moves(one: Order) -> bool:
    """What is open, and what has lapsed, since that may still be answered late."""
    return one.open or one.state is OrderState.LAPSED


def _unmergeable(about: Incident, into: Incident) -> str | None:  # noqa: PLR0911 - one return per refusal
    for one in (about, into):
        if not one.open:
            return Refused(Why.INCIDENT_CLOSED, f"{one.id} is closed")
    if about.id == into.id:
        return Refused(Why.MERGE_SELF, "an incident cannot be merged into itself: give another one's id as into")
    if about.drill != into.drill:
        return Refused(Why.MERGE_DRILL, "an exercise and what is real, or two exercises, are never merged")
    if MAINTENANCE in (about.kind, into.kind):
        return Refused(Why.MERGE_MAINTENANCE, "maintenance is a task of its own: it is not merged")
    if incident.harmless(into):
        said = f"{into.id} was judged {into.verdict}: nobody is called to it any more; merge it into {about.id} instead"
        return Refused(Why.MERGE_HARMLESS, said, into=into.id, incident=about.id)
    fire, other = (one.kind in LIKE_FIRE for one in (about, into))
    if fire and not other:
        said = f"a fire is not merged into electrical danger: merge {into.id} into {about.id}"
        return Refused(Why.MERGE_FIRE, said, into=into.id, incident=about.id)
    return None
