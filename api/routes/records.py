"""The registry as tables: any noun, searched, sorted and paged, its rows as PUT takes them."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import answer, shapes
from api.access import Verb
from api.context import Caller, Here
from api.problem import Problem, nothing
from devices import change, columns
from devices.registry import Registry

router = APIRouter(prefix="/api/registry", tags=["administration"])

SEARCHED = ("code", "name", "address", "category", "phone", "room", "place", "gateway", "profile", "alarm", "note")
"""Columns that a search looks into, where the noun has them."""


@router.get("/{noun}")
async def table(
    noun: str,
    who: Caller,
    here: Here,
    q: Annotated[str | None, Query(max_length=64, description="each word stands in a column or in a duty")] = None,
    sort: Annotated[str, Query(max_length=32)] = "code",
    *,
    descending: bool = False,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """`total` that fit, and `items` from `offset` on, with the columns of the pack's file; people with `duties`."""
    here.area(who, Verb.EDIT)
    required, optional = _columns(noun)
    if sort not in (*required, *optional):
        raise Problem(422, f"sort: {noun} have {', '.join((*required, *optional))}")
    words = (q or "").casefold().split()
    registry = here.registry()
    # a hundred thousand devices take a moment: meanwhile the loop sends orders
    return answer.json(
        await run_in_threadpool(_page, registry, noun, words, (sort, descending), slice(offset, offset + limit))
    )


@router.get("/{noun}/{code}")
async def one(noun: str, code: shapes.Code, who: Caller, here: Here) -> Response:
    """One thing of the registry as PUT takes it; a grid with its `geometry`."""
    here.area(who, Verb.EDIT)
    _columns(noun)
    registry = here.registry()
    value = getattr(registry, noun).get(code)
    if value is None:
        raise nothing(noun, code)
    row = _row(registry, noun)(value)
    if noun == "grids":
        row["geometry"] = {"type": "MultiPolygon", "coordinates": value.polygon}
    return answer.json(row)


def _columns(noun: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Raises Problem 404."""
    if noun not in change.NOUNS:
        raise Problem(404, f"the registry has {', '.join(change.NOUNS)}")
    return columns.of(noun)


def _page(registry: Registry, noun: str, words: list[str], order: tuple[str, bool], asked: slice) -> dict[str, Any]:
    values = getattr(registry, noun).values()
    found = [value for value in values if not words or _fits(registry, noun, value, words)]
    name, descending = order
    column = "start" if noun == "closures" and name == "from" else name
    found.sort(key=lambda value: value.code)
    found.sort(key=lambda value: _key(getattr(value, column)), reverse=descending)
    return {"total": len(found), "items": [_row(registry, noun)(value) for value in found[asked]]}


def _fits(registry: Registry, noun: str, value: Any, words: list[str]) -> bool:  # noqa: ANN401 - any of the registry's
    told = [str(getattr(value, name)) for name in SEARCHED if getattr(value, name, None) is not None]
    if noun == "people":
        told += [f"{duty.duty} {duty.scope}" for duty in registry.duties_of(value.code)]
    text = "\n".join(told).casefold()
    return all(word in text for word in words)


def _key(cell: Any) -> tuple[bool, Any]:  # noqa: ANN401 - a column's value; what is empty comes last
    return cell is None, "" if cell is None else cell


def _row(registry: Registry, noun: str) -> Callable[[Any], dict[str, Any]]:
    def row(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the registry's values
        told = columns.row(noun, value)
        if noun == "people":
            told["duties"] = [{"duty": duty.duty, "scope": duty.scope} for duty in registry.duties_of(value.code)]
        if noun == "gateways":
            told["devices"] = len(registry.devices_behind(value.code))
        return told

    return row
