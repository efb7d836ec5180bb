"""Is it up, is it leading, what does it count."""

from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from api import answer
from api.context import Here
from devices import instant

router = APIRouter(tags=["health"])

PATIENCE_S = 0.5
"""So many real seconds the database is waited for: who asks whether the desk leads gives up after a second or two, and
would take a frozen database for a dead desk.
"""


@router.get("/api/live")
async def live() -> Response:
    """200 while the process answers at all."""
    return answer.json({"live": True})


@router.get("/api/ready")
async def ready(here: Here) -> Response:
    """200 while the desk leads: orders are made and delivered. Parts that are away make it `degraded`, not unready.

    503 while it does not lead.
    """
    leading = here.desk.leading()
    parts = {
        "desk": "leading" if leading else "not leading",
        "database": await _database(here),
        "registry": "loaded" if here.registry().version > 0 else "empty",
    }
    whole = parts["database"] == "answers" and parts["registry"] == "loaded"
    body: dict[str, Any] = {
        "ready": leading,
        "state": ("whole" if whole else "degraded") if leading else "not ready",
        "parts": parts,
        "registry_version": here.registry().version,
        "stream": here.desk.stream,
        "time": instant.text(here.clock()),
    }
    return answer.json(body, 200 if leading else 503)


@router.get("/metrics", include_in_schema=False)
async def metrics() -> Response:
    """Prometheus text."""
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _database(here: Here) -> str:
    if here.database is None:
        return "none"
    return "answers" if await here.database.answers(PATIENCE_S) else "away"
