"""The policy in force, for programs; `firegrid policy` says it in words."""

from fastapi import APIRouter
from starlette.responses import Response

from api import answer, shapes
from api.context import Caller, Here
from dispatch.policy import policy_data

router = APIRouter(prefix="/api", tags=["policy"])


@router.get("/policy", responses=shapes.one(shapes.Policy))
async def policy(_who: Caller, here: Here) -> Response:
    """Who is called, and when: what the desk decides by now. Durations in seconds."""
    return answer.json(policy_data.data(here.desk.policy()))
