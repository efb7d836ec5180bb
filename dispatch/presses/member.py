"""People of a station answer for themselves: going, not able to, there. And pictures of what they see. Refusals are
sentences.
"""

from datetime import datetime

from dispatch.facts.actor import Actor
from dispatch.facts.fact import MemberAnswered, PhotoTaken
from dispatch.facts.order import OrderKind, OrderState
from dispatch.facts.refused import Refused, Why
from dispatch.presses.pressing import earlier
from dispatch.state import incident
from dispatch.state.state import Incident, Order
from dispatch.turn import Turn

ANSWERS = ("going", "cannot", "there")
PHOTOS_AT_MOST = 200
"""Pictures of one incident (assumption)."""
_STATION = "station:"


def answer(
    turn: Turn, actor: Actor, one: Order, person: str, said: str, ref: str, pressed_at: datetime | None
) -> str | None:
    """`person`, of the crew of the station that the order is for, has said whether they go; or why that is not taken.

    What the station itself has pressed is not changed by it: who is away from the desk answers for nobody else.
    """
    if said not in ANSWERS:
        return f"answer must be one of {', '.join(ANSWERS)}"
    if one.drafted.kind is not OrderKind.RESPOND or not one.drafted.recipient.startswith(_STATION):
        return "only an order to a station to go has people who answer: press on the order itself"
    station = one.drafted.recipient.removeprefix(_STATION)
    registry = turn.world.registry
    if person not in registry.serving(station) and person not in registry.rostered(station):
        return Refused(
            Why.NOT_SERVING, f"{person[:64]!r} does not serve at {station}", person=person[:64], station=station
        )
    if (over := _over(turn, one)) is not None:
        return over
    turn.add(
        MemberAnswered(
            order=one.id,
            person=person,
            answer=said,
            by=actor.recipient,
            ref=ref,
            pressed_at=earlier(turn, one, pressed_at),
        )
    )
    return None


def _over(turn: Turn, one: Order) -> str | None:
    """Why nobody need answer any more; an order that nobody at the desk answered still waits for people."""
    about = turn.state.incidents[one.drafted.incident]
    if one.state is OrderState.LAPSED and about.open and not incident.harmless(about):
        return None
    if one.open:
        return None
    said = f"the order is {one.state}: nobody needs to go any more"
    return Refused(Why.ORDER_ENDED, said, state=one.state.value)


def take_photo(
    turn: Turn,
    actor: Actor,
    about: Incident,
    order: str | None,
    photo: str,
    digest: str,
    note: str | None,
    taken_at: datetime | None,
) -> str | None:
    """The picture is part of the incident; or why not."""
    if len(about.photos) >= PHOTOS_AT_MOST:
        return Refused(
            Why.PHOTOS_FULL,
            f"the incident has {PHOTOS_AT_MOST} photos, which is all that are kept of one",
            most=PHOTOS_AT_MOST,
        )
    at = taken_at if taken_at is not None and taken_at <= turn.now else None
    turn.add(
        PhotoTaken(
            photo=photo, incident=about.id, by=actor.recipient, digest=digest, order=order, note=note, taken_at=at
        )
    )
    return None
