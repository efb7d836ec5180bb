"""The policy in force, for programs; `firegrid policy` says it in words."""

from fastapi import APIRouter
from starlette.responses import Response

from api import answer, shapes
from api.context import Caller, Here
from dispatch.policy import policy_data, policy_words

router = APIRouter(prefix="/api", tags=["policy"])


@router.get("/policy", responses=shapes.one(shapes.Policy))
async def policy(_who: Caller, here: Here) -> Response:
    """Who is called, and when: what the desk decides by now. Durations in seconds."""
    return answer.json(policy_data.data(here.desk.policy()))


@router.get("/policy/words")
async def words(_who: Caller, here: Here) -> Response:
    """The same in sentences: lines in Chinese (`zh`) and in English (`en`), points indented below their headings."""
    chinese, english = policy_words.lines(here.desk.policy())
    return answer.json({"zh": chinese, "en": english})
