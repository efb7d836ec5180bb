"""What is decided as it comes: entries of the ledger, for those who see the whole district."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from api import answer
from api.access import Verb
from api.context import Caller, Here
from api.problem import forbidden
from api.why import Why

router = APIRouter(prefix="/api", tags=["incidents"])


@router.get("/events")
async def events(
    who: Caller,
    here: Here,
    after: Annotated[
        int | None, Query(ge=0, le=2**62, description="entries after this one; the latest without it")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="how many entries at most")] = 100,
) -> Response:
    """Entries in order, each `entry`, `at` and `facts`; `last` is what to give as `after` the next time."""
    if not here.area(who, Verb.READ_INCIDENTS).everything:
        raise forbidden(Why.MAY_NOT, "what is decided is read as a whole, by command, administrators and viewers")
    if after is None:
        rows = (await here.rows("events_last", {"limit": limit}))[::-1]
    else:
        rows = await here.rows("events", {"after": after, "limit": limit})
    items = [{"entry": row["entry"], **msgspec.json.decode(row["body"])} for row in rows]
    last = rows[-1]["entry"] if rows else after or 0
    return answer.json({"items": items, "last": last})
