"""The command room's log (值班日志): entries, handovers with what is open, corrections beside what they correct."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from api import answer, cursor, matters, shapes
from api.access import Verb
from api.answer import Limit
from api.context import Caller, Here, away
from api.database import Away
from api.moment import moment
from api.problem import Problem, nothing
from api.why import Why
from devices import instant
from dispatch.facts.refused import Refused

router = APIRouter(prefix="/api/log", tags=["duty"])

Moment = Annotated[str | None, Query(description="epoch ms or RFC 3339")]


@router.get("", responses=shapes.page(shapes.LogEntry))
async def log(
    who: Caller,
    here: Here,
    *,
    kind: Literal["entry", "handover", "correction"] | None = None,
    from_: Annotated[str | None, Query(alias="from", description="epoch ms or RFC 3339")] = None,
    to: Moment = None,
    limit: Limit = 100,
    cursor_: Annotated[
        str | None, Query(alias="cursor", max_length=cursor.LONGEST, description="the `next` of the page before")
    ] = None,
) -> Response:
    """Newest first."""
    here.area(who, Verb.READ_LOG)
    start = answer.after(cursor_, 1)
    values = {
        "before": _number(start[0]) if start is not None else None,
        "kind": kind,
        "from": moment("from", from_) if from_ is not None else None,
        "to": moment("to", to) if to is not None else None,
        "limit": limit + 1,
    }
    rows = await here.rows("log", values)
    chosen = rows[:limit]
    following = cursor.encode(str(chosen[-1]["id"])) if len(rows) > limit else None
    return answer.page([_shape(row) for row in chosen], following)


@router.get("/matters")
async def open_matters(who: Caller, here: Here) -> Response:
    """What a handover would list now. Memory answers, with the database away too."""
    here.area(who, Verb.READ_LOG)
    return answer.json(matters.of(here))


@router.post("", status_code=201, responses=shapes.one(shapes.LogEntry, 201))
async def keep(asked: shapes.NewLogEntry, who: Caller, here: Here) -> Response:
    """Kept for good: what was wrong is put right by an entry that corrects it. A handover lists what is open."""
    here.area(who, Verb.KEEP_LOG)
    values = {
        "ref": asked.ref,
        "at": here.clock(),
        "by": who.actor.recipient,
        "name": asked.name or who.name or "",
        "kind": asked.kind,
        "text": asked.text,
        "incident": asked.incident,
        "taken_by": asked.taken_by,
        "corrects": asked.corrects,
        "matters": msgspec.json.encode(matters.of(here)).decode() if asked.kind == "handover" else None,
    }
    if not values["name"]:
        raise Problem(422, Refused(Why.LOG_NAME, "name: say who writes this"))
    try:
        await here.reachable.change("log_keep", values)
    except Away:
        raise away() from None
    rows = await here.rows("log_by_ref", {"ref": asked.ref})
    if not rows:
        raise nothing("entry", str(asked.corrects))
    return answer.json(_shape(rows[0]), 201)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise Problem(422, "cursor: give back a `next` unchanged, with the same filters")
    return int(text)


def _shape(row: dict[str, Any]) -> dict[str, Any]:
    at: datetime = row["at"]
    return {**row, "at": instant.text(at)}
