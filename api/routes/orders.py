"""Orders: reading them, and pressing on one's own."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api import answer, shapes
from api.access import Area, Verb
from api.answer import Cursor, Limit
from api.context import Caller, Here
from api.desk import Shape
from api.duty import shown
from api.history import Memory, merged, not_held
from api.identity import Role
from api.press import moment_or_none, press
from api.problem import Problem, forbidden, nothing
from api.why import Why
from devices.model import Mode
from dispatch.facts.order import ENDED, OrderState
from dispatch.facts.refused import Refused

router = APIRouter(prefix="/api/orders", tags=["orders"])


@router.get("", responses=shapes.page(shapes.Order))
async def orders(
    who: Caller,
    here: Here,
    recipient: Annotated[str | None, Query(max_length=80)] = None,
    state: Annotated[str | None, Query(description="open, or one state of an order")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Newest first; a recipient's own, of a station where one serves, or all for command. States that have not ended
    answer without the database.
    """
    area = here.area(who, Verb.READ_ORDERS)
    if who.order is not None:
        return answer.page(shown.linked(here.desk, who, who.order), None)
    readable = {area.recipient, *(f"{shown.STATION}{code}" for code in area.stations)}
    if not area.everything and recipient is not None and recipient not in readable:
        raise forbidden(
            Why.ORDER_NOT_YOURS, f"you may read the orders of {', '.join(sorted(one for one in readable if one))}"
        )
    wanted = _states(state)
    addressed = recipient if area.everything or recipient is not None else area.recipient
    orders = here.desk.orders_briefly()
    fitting = (one for one in orders if one["state"] in wanted and addressed in (None, one["recipient"]))
    past = "orders" if wanted & ENDED else None
    values = {"recipient": addressed, "state": state, **not_held(here.desk.orders_briefly() if past else ())}
    chosen, following = await merged(here, past, values, Memory(fitting, here.desk.order, "drafted_at"), limit, cursor)
    return answer.page([_own(here, area, one) for one in chosen], following)


def _own(here: Here, area: Area, one: Shape) -> Shape:
    """With what it carries, where it is the reader's own, or their station's and they go."""
    if area.recipient is None or (area.everything and one["recipient"] != area.recipient):
        return one
    return shown.to({**one, "file": here.desk.file(one["id"])}, area.recipient)


@router.get("/{order}/way", responses=shapes.one(shapes.Way))
async def way(
    order: str,
    who: Caller,
    here: Here,
    lon: Annotated[float | None, Query(ge=-180, le=180, description="from here; WGS-84")] = None,
    lat: Annotated[float | None, Query(ge=-90, le=90)] = None,
    mode: Annotated[Mode | None, Query(description="the station's own, else on foot")] = None,
) -> Response:
    """The way to the order's place, to be drawn: from a point, or from the station it is addressed to.

    For the station's crew, too: who goes from elsewhere says from where.
    """
    area, found = here.area(who, Verb.READ_ORDERS), here.desk.order(order) if who.order in (None, order) else None
    readable = {area.recipient, *(f"{shown.STATION}{code}" for code in area.stations)}
    if found is None or not (area.everything or found["recipient"] in readable):
        raise nothing("order", order)
    if found["place"]["lon"] is None:
        raise Problem(404, Refused(Why.WAY_NO_POSITION, "the order's place has no position: ring whoever opened it"))
    told = here.desk.way(order, (lon, lat) if lon is not None and lat is not None else None, mode)
    if told is None or (lon is None) != (lat is None):
        said = "say from where: give lon and lat; only a station's order has a place to start from"
        raise Problem(422, Refused(Why.WAY_FROM_WHERE, said))
    return answer.json(told)


@dataclass(frozen=True, slots=True)
class _Press:
    ref: str
    order: str
    action: str
    note: str | None
    value: dict[str, Any] | None
    pressed_at: float | str | None


@router.post("/{order}/actions", responses=shapes.one(shapes.Order))
async def act(order: str, asked: shapes.Press, who: Caller, here: Here) -> Response:
    """A person pressed on an order of theirs."""
    here.area(who, Verb.PRESS)
    outcome = await press(here.desk, who, _of(order, asked))
    if outcome.missing and _readable(here, who, order):
        raise forbidden(Why.ORDER_NOT_YOURS, "an order is answered by those it is addressed to, not for them")
    if outcome.missing:
        raise nothing("order", order)
    return answer.outcome(outcome)


def _of(order: str, asked: shapes.Press) -> _Press:
    return _Press(asked.ref, order, asked.action, asked.note, asked.value, asked.pressed_at)


@router.post("/{order}/members", responses=shapes.one(shapes.Order))
async def answer_for_oneself(order: str, asked: shapes.MemberAnswer, who: Caller, here: Here) -> Response:
    """A person of the ordered station's crew goes, cannot, or is there. The station's screen may say it for one of its
    own; a person says it for nobody else.
    """
    area = here.area(who, Verb.ANSWER)
    found = here.desk.order(order) if who.order in (None, order) else None
    noun, _, code = (found["recipient"] if found is not None else "").partition(":")
    if found is None or noun != "station" or code not in area.stations:
        raise nothing("order", order)
    person = who.scope if who.role is Role.PERSON else asked.person
    if person is None:
        raise Problem(422, "person: say who it is, by the code of somebody who serves there")
    if asked.person not in (None, person):
        raise forbidden(Why.FOR_ONESELF, "each answers for oneself; the station's screen may say it for its people")
    at = moment_or_none(asked.pressed_at)
    came = await here.desk.answer(who.actor, order, person, asked.answer, asked.ref, at)
    if came.ok and who.recipient is not None:
        return answer.json(shown.order_of(here.desk, order, who.recipient))
    return answer.outcome(came)


def _readable(here: Here, who: Caller, order: str) -> bool:
    return here.area(who, Verb.READ_ORDERS).everything and here.desk.order(order) is not None


def _states(state: str | None) -> frozenset[OrderState]:
    if state is None:
        return frozenset(OrderState)
    if state == "open":
        return frozenset(OrderState) - ENDED
    if state not in set(OrderState):
        raise Problem(422, f"state is open, or one of {', '.join(OrderState)}")
    return frozenset({OrderState(state)})
