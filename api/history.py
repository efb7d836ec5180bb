"""Lists that are partly in the desk's memory and partly in the projections, as one list, newest first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from api import answer, cursor
from api.context import Context
from api.desk import Shape
from devices import instant


@dataclass(frozen=True, slots=True)
class Memory:
    """What is in the desk's memory and asked for. `briefly`: newest first, each with its `id` and its time as `at`;
    `shown` gives the whole shape of an id (None: forgotten meanwhile); `time` names its member that is the time.
    """

    briefly: Iterable[Shape]
    shown: Callable[[str], Shape | None]
    time: str

    def page(self, start: tuple[str, ...] | None, most: int) -> list[Shape]:
        """The first `most` behind `start`; the others are not looked at."""
        behind = (one["id"] for one in self.briefly if start is None or (instant.text(one["at"]), one["id"]) < start)
        return [shape for id in islice(behind, most) if (shape := self.shown(id)) is not None]


async def merged(
    here: Context,
    past: str | None,
    values: dict[str, Any],
    memory: Memory,
    limit: int,
    text: str | None,
) -> tuple[list[Shape], str | None]:
    """One page of `memory` and what the statement `past` yields beside it (None: nothing), and the next one's cursor.

    Ids of one millisecond are told apart by number. What memory holds, the statement must leave out (`not_held`), since
    memory is ahead of it.

    Raises Problem 422 for a bad cursor, 503 when `past` is wanted and the database is away.
    """
    at = memory.time
    start = answer.after(text, 2)
    rest = memory.page(start, limit + 1)
    if past is not None:
        before, before_id = start or (None, None)
        page = {"before": before, "before_id": before_id, "limit": limit + 1}
        rest += [row["body"] for row in await here.rows(past, values | page)]
    rest.sort(key=lambda one: (one[at], one["id"]), reverse=True)
    chosen = rest[:limit]
    return chosen, cursor.encode(chosen[-1][at], chosen[-1]["id"]) if len(rest) > limit else None


def not_held(memory: Iterable[Shape]) -> dict[str, Any]:
    """The parameter that leaves out what is in memory."""
    return {"held": [one["id"] for one in memory]}


def drill_filter(drill: str | None) -> dict[str, Any]:
    """Parameters for `?drill=`: true, false, a drill's id, or anything."""
    truth = {"true": True, "false": False}.get(drill or "")
    return {"is_drill": truth, "drill": drill if truth is None else None}


def fits_drill(one: Shape, drill: str | None) -> bool:
    """True when the item in memory is what `?drill=` asks for."""
    truth = {"true": True, "false": False}.get(drill or "")
    if drill is None:
        return True
    return bool(one["drill_id"] == drill) if truth is None else bool(one["drill"] is truth)
