"""Reports of an incident (首报, 续报, 终报) as people wrote them: paperwork beside the ledger, never overwritten."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api import answer, cursor, shapes
from api.answer import Cursor, Limit
from api.context import Caller, Here
from api.problem import Problem
from api.routes.incidents import decidable
from devices import instant

router = APIRouter(prefix="/api/incidents", tags=["incidents"])


@router.get("/{incident}/reports", responses=shapes.page(shapes.WrittenReport))
async def reports(incident: str, who: Caller, here: Here, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """Every version ever saved, newest first; for who may decide about the incident."""
    await decidable(here, who, incident)
    start = answer.after(cursor, 1)
    if start is not None and not start[0].isdigit():
        raise Problem(422, "cursor: not a cursor of this list; give back a `next` unchanged")
    before = int(start[0]) if start is not None else None
    rows = await here.rows("reports", {"incident": incident, "before": before, "limit": limit + 1})
    return answer.page([_shape(row) for row in rows[:limit]], _next(rows, limit))


@router.post("/{incident}/reports", status_code=201, responses=shapes.one(shapes.WrittenReport, 201))
async def save(incident: str, asked: shapes.NewReport, who: Caller, here: Here) -> Response:
    """One more version is kept, with who saved it and when; the same `ref` said again is the same version."""
    await decidable(here, who, incident)
    said = asked.model_dump()
    by = {"by": who.actor.recipient, "user": who.name, "at": here.clock()}
    await here.rows("report_keep", {"incident": incident, **said, **by})
    rows = await here.rows("report_by_ref", {"incident": incident, "ref": asked.ref})
    return answer.json(_shape(rows[0]), 201)


def _shape(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "saved_at": instant.text(row["saved_at"])}


def _next(rows: list[dict[str, Any]], limit: int) -> str | None:
    return cursor.encode(str(rows[limit - 1]["id"])) if len(rows) > limit else None
