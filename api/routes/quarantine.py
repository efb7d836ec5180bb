"""What ingest refused, and why: for whoever has to set a gateway right."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api import answer
from api.access import Verb
from api.answer import Cursor, Limit
from api.context import Caller, Here
from api.moment import moment
from api.problem import Problem
from devices import instant

router = APIRouter(prefix="/api/quarantine", tags=["administration"])

COUNTED = timedelta(days=30)

Name = Annotated[str | None, Query(max_length=64)]
Moment = Annotated[str | None, Query(max_length=64, description="epoch ms or RFC 3339")]


@router.get("")
async def refused(
    who: Caller,
    here: Here,
    gateway: Name = None,
    reason: Name = None,
    from_: Annotated[str | None, Query(alias="from", max_length=64, description="epoch ms or RFC 3339")] = None,
    to: Moment = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Refused items, the newest first. `item` is the beginning of what came: text, or hexadecimal where it is none."""
    here.area(who, Verb.ADMINISTER)
    key = answer.after(cursor, 1)
    if key is not None and not key[0].isdecimal():
        raise Problem(422, "cursor: give back a `next` unchanged, with the same filters")
    values = {
        "gateway": gateway,
        "reason": reason,
        "from": moment("from", from_) if from_ is not None else None,
        "to": moment("to", to) if to is not None else None,
        "below": int(key[0]) if key is not None else None,
        "most": limit + 1,
    }
    rows = await here.rows("quarantine", values)
    items = [_item(row) for row in rows[:limit]]
    return answer.page(items, answer.following((str(items[-1]["id"]),)) if len(rows) > limit else None)


def _item(row: dict[str, Any]) -> dict[str, Any]:
    payload = bytes(row.pop("payload"))
    try:
        text, binary = payload.decode(), False
    except UnicodeDecodeError:
        text, binary = payload.hex(" "), True
    return row | {"received_at": instant.text(row["received_at"]), "item": text, "binary": binary}


@router.get("/counts")
async def counts(who: Caller, here: Here) -> Response:
    """By gateway and reason, how much was refused in the last 30 days, kept or only counted, the most first."""
    here.area(who, Verb.ADMINISTER)
    rows = await here.rows("quarantine_counts", {"since": (here.clock() - COUNTED).date()})
    items = [row | {"last_day": row["last_day"].isoformat()} for row in rows]
    return answer.json({"items": items, "next": None})
