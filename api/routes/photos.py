"""Pictures of an incident: handed in with an order or without one, and read by who may read the incident."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api import answer, photo, shapes
from api.access import Verb
from api.context import Caller, Context, Here, away
from api.database import Away
from api.duty import shown
from api.identity import Identity
from api.moment import moment
from api.problem import Problem, forbidden, nothing
from api.routes.incidents import visible
from api.why import Why
from dispatch.facts.refused import Refused

router = APIRouter(prefix="/api", tags=["photos"])

_BODY = {
    "requestBody": {
        "required": True,
        "content": {type: {"schema": {"type": "string", "format": "binary"}} for type in photo.TYPES},
    }
}
_BROWSER_KEEPS_S = 3600


@dataclass(frozen=True, slots=True)
class _Said:
    """What comes with a picture, which is the request's body."""

    ref: str
    note: str | None
    taken_at: str | None


def _said(
    ref: Annotated[str, Query(min_length=1, max_length=200, description="said again, it is the same picture")],
    note: Annotated[str | None, Query(max_length=500)] = None,
    taken_at: Annotated[str | None, Query(description="when it was taken, epoch ms or RFC 3339")] = None,
) -> _Said:
    return _Said(ref, note, taken_at)


With = Annotated[_Said, Depends(_said)]


@router.post("/orders/{order}/photos", status_code=201, openapi_extra=_BODY, responses=shapes.one(shapes.Photo, 201))
async def photo_of_order(order: str, said: With, request: Request, who: Caller, here: Here) -> Response:
    """A picture from who has the order, or is of the crew it is for. The body is the picture: JPEG, PNG or WebP."""
    area = here.area(who, Verb.ADD_PHOTO)
    found = here.desk.order(order) if who.order in (None, order) else None
    noun, _, code = (found["recipient"] if found is not None else "").partition(":")
    if found is None or not (found["recipient"] == who.recipient or (noun == "station" and code in area.stations)):
        raise nothing("order", order)
    return await _taken(request, here, who, found["incident"], order, said)


@router.post(
    "/incidents/{incident}/photos", status_code=201, openapi_extra=_BODY, responses=shapes.one(shapes.Photo, 201)
)
async def photo_of_incident(incident: str, said: With, request: Request, who: Caller, here: Here) -> Response:
    """A picture from who may read the incident and is no mere viewer. The body is the picture."""
    here.area(who, Verb.ADD_PHOTO)
    if who.order is not None:
        raise forbidden(Why.LINK_ONE_ORDER, "this link is good for its order alone: send the photo to the order")
    await visible(here, who, incident)
    return await _taken(request, here, who, incident, None, said)


@router.get("/photos/{id}", response_class=Response)
async def picture(id: str, who: Caller, here: Here) -> Response:
    """The picture, for who may read its incident and for the crew of a station ordered to it."""
    rows = await here.rows("photo_named", {"id": id})
    if not rows:
        raise nothing("photo", id)
    await _may_see(here, who, rows[0]["incident"], rows[0]["by"], id)
    found = (await here.rows("photo", {"id": id}))[0]
    headers = {
        "Cache-Control": f"private, max-age={_BROWSER_KEEPS_S}",
        "ETag": f'"{found["digest"]}"',
        "Content-Disposition": "inline",
    }
    return Response(bytes(found["content"]), 200, headers, found["type"])


async def _may_see(here: Context, who: Identity, incident: str, by: str, id: str) -> None:
    """Nothing, for who may see the picture.

    Raises Problem 404.
    """
    if by == who.recipient:
        return
    area = here.area(who, Verb.READ_ORDERS)
    ordered = here.desk.incident(incident)
    stations = {f"{shown.STATION}{code}" for code in area.stations}
    mine = [one for one in ordered["orders"] if one["recipient"] in stations] if ordered is not None else []
    if any(who.order in (None, one["id"]) for one in mine):
        return
    try:
        await visible(here, who, incident)
    except Problem:
        raise nothing("photo", id) from None


async def _taken(
    request: Request, here: Context, who: Identity, incident: str, order: str | None, said: _Said
) -> Response:
    content = await _read(request)
    type = photo.kind(content)
    if type is None:
        no_picture = f"the body is no picture: send one of {', '.join(photo.TYPES)}"
        raise Problem(415, Refused(Why.PHOTO_TYPE, no_picture))
    taken_at = moment("taken_at", said.taken_at) if said.taken_at is not None else None
    by, digest = who.actor.recipient, photo.digest(content)
    id = photo.name(by, said.ref)
    row = {
        "id": id,
        "incident": incident,
        "of_order": order,
        "by": by,
        "at": here.clock(),
        "taken_at": taken_at,
        "type": type,
        "digest": digest,
        "content": content,
    }
    try:
        if not await here.reachable.change("photo_keep", row):
            before = (await here.rows("photo_named", {"id": id}))[0]
            if before["digest"] != digest or before["incident"] != incident:
                raise Problem(409, Refused(Why.PHOTO_REF, "another photo was sent under this ref: give each its own"))
    except Away:
        raise away() from None
    told = {"photo": id, "digest": digest, "order": order, "note": said.note, "taken_at": taken_at}
    came = await here.desk.take_photo(who.actor, incident, told)
    if not came.ok or came.body is None:
        return answer.outcome(came)
    return answer.json(next(one for one in came.body["photos"] if one["id"] == id), 201)


async def _read(request: Request) -> bytes:
    """The request's body.

    Raises Problem 413 when it is more than a photo may have, 422 when there is none.
    """
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > photo.MOST_BYTES:
            told = request.headers.get("content-length", "more")
            said = f"a photo has at most {photo.MOST_BYTES} bytes, this has {told}: make it smaller"
            raise Problem(413, Refused(Why.PHOTO_LARGE, said, kilobytes=photo.MOST_BYTES // 1000))
    if not content:
        raise Problem(422, Refused(Why.PHOTO_EMPTY, "send the picture itself as the request's body"))
    return bytes(content)
