"""Answers: JSON by msgspec, lists in pages, outcomes of the desk as statuses."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import msgspec
from fastapi import Query
from starlette.responses import Response

from api import cursor
from api.problem import Problem
from dispatch.facts.actor import Outcome

Limit = Annotated[int, Query(ge=1, le=500, description="how many items at most")]
Cursor = Annotated[str | None, Query(max_length=cursor.LONGEST, description="the `next` of the page before")]

Item = TypeVar("Item")

_encoder = msgspec.json.Encoder()


def json(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """The answer with this body."""
    return Response(_encoder.encode(body), status, headers, "application/json")


def page(items: Sequence[object], following: str | None) -> Response:
    """A list's answer; `following` is the next page's cursor, None on the last."""
    return json({"items": items, "next": following})


def after(text: str | None, parts: int) -> tuple[str, ...] | None:
    """The key a cursor holds, None without a cursor.

    Raises Problem 422 for what is no cursor of such a list.
    """
    try:
        return cursor.decode(text, parts) if text is not None else None
    except ValueError as error:
        raise Problem(422, f"cursor: {error}; give back a `next` unchanged, with the same filters") from None


def following(key: Sequence[str]) -> str:
    """The cursor of the page that begins after this key."""
    return cursor.encode(*key)


def by_code(
    found: Sequence[Item], code: Callable[[Item], str], limit: int, text: str | None
) -> tuple[list[Item], str | None]:
    """One page of `found` (any order) by code, and the next page's cursor.

    Raises Problem 422.
    """
    start = after(text, 1)
    rest = sorted((item for item in found if start is None or code(item) > start[0]), key=code)
    chosen = rest[:limit]
    return chosen, cursor.encode(code(chosen[-1])) if len(rest) > limit else None


def outcome(came: Outcome, status: int = 200) -> Response:
    """The desk's answer to an action.

    Raises Problem 404 when nothing has that id, 409 when the state does not allow it.
    """
    if came.ok:
        return json(came.body, status)
    detail = came.error or "the desk refused"
    raise Problem(404 if came.missing else 409, detail)
