"""One thing of the registry put or deleted, under the same rules as a district pack. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from devices import cells, geometry, placement, references, rows
from devices.cells import Cells
from devices.model import Duty, Place
from devices.references import Problem
from devices.registry import Registry

_MENTIONED = 3


@dataclass(frozen=True, slots=True)
class _Noun:
    """`one` of them; its columns are those of the pack's `file`."""

    one: str
    file: str
    parser: Callable[[Cells], Any]


_NOUNS = {
    "places": _Noun("place", "places.csv", rows.place),
    "stations": _Noun("station", "stations.csv", rows.station),
    "people": _Noun("person", "people.csv", rows.person),
    "gateways": _Noun("gateway", "gateways.csv", rows.gateway),
    "devices": _Noun("device", "devices.csv", rows.device),
    "closures": _Noun("closure", "closures.csv", rows.closure),
    "rules": _Noun("rule", "rules.csv", rows.override),
}
_ONE = {"grids": "grid", "duties": "duty", "shifts": "shift", "equipment": "equipment"}
_ONE.update({noun: known.one for noun, known in _NOUNS.items()})
NOUNS = ("grids", *_NOUNS)
"""What can be put and deleted."""


def put(registry: Registry, noun: str, code: str, body: Mapping[str, object]) -> Registry | list[str]:
    """`registry` with `noun` (of NOUNS) having `code` as `body` says, new or changed as a whole; or why that cannot be.

    `body` has the columns of the pack's file as members, a grid's `name`, `level`, `parent` and `geometry` (GeoJSON).
    A place without `grid` gets the one its position lies in. When a grid changes its polygon, places follow, but for
    those set by hand into another grid than their position's. Raises KeyError for another noun.
    """
    if noun not in NOUNS:
        raise KeyError(noun)
    if str(body.get("code", code)) != code:
        return [f"code: the address says {code!r}, the body {body['code']!r}"]
    parsed = _grid(code, body) if noun == "grids" else _other(_NOUNS[noun], code, body)
    if isinstance(parsed, list):
        return parsed
    if noun == "devices" and (known := registry.devices.get(code)) is not None:
        parsed = replace(parsed, id=known.id)
    after = _with(registry, noun, {**getattr(registry, noun), code: parsed})
    placed = _placed(registry, after, [parsed] if noun == "places" else []) if noun in {"grids", "places"} else after
    return _unless_worse(registry, placed, noun, code) if isinstance(placed, Registry) else placed


def delete(registry: Registry, noun: str, code: str) -> Registry | list[str]:
    """`registry` without `code`; or the sentence that says what still refers to it.

    Raises KeyError when there is no such thing.
    """
    if noun not in NOUNS:
        raise KeyError(noun)
    rest = dict(getattr(registry, noun))
    del rest[code]
    after = _with(registry, noun, rest)
    users = _new_problems(registry, after)
    return after if not users else [f"{_ONE[noun]} {code} is still used by {_mentioned(users)}"]


def charge(registry: Registry, person: str, duties: Sequence[Mapping[str, object]]) -> Registry | list[str]:
    """`registry` with the person having these duties and no other, each `duty` and `scope`; or why that cannot be.

    A duty that the person had keeps its place in the order in which holders are asked; a new one comes last.
    Raises KeyError when there is no such person.
    """
    if person not in registry.people:
        raise KeyError(person)
    wanted: list[Duty] = []
    problems: list[str] = []
    for body in duties:
        read = cells.from_json({**body, "person": person}, ("person", "duty", "scope"))
        one = rows.duty(read)
        problems += read.problems
        if not read.problems and one not in wanted:
            wanted.append(one)
    if problems:
        return problems
    kept = [one for one in registry.duties if one.person != person or one in wanted]
    after = replace(registry, duties=(*kept, *(one for one in wanted if one not in kept)))
    return [problem.reason for problem in _new_problems(registry, after)] or after


def _with(registry: Registry, noun: str, values: dict[str, Any]) -> Registry:
    changed: dict[str, Any] = {noun: values}
    return replace(registry, **changed)


def _grid(code: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 -- a Grid or a list of problems
    read = cells.from_json({**body, "code": code}, ("code", "name", "level", "parent"))
    try:
        polygon = geometry.multipolygon(body.get("geometry"), lambda lon, lat: (lon, lat))
    except ValueError as error:
        read.problems.append(str(error))
        polygon = ()
    if polygon and (reason := geometry.flaw(polygon)):
        read.problems.append(reason)
    grid = rows.grid(read, polygon)
    return read.problems or grid


def _other(noun: _Noun, code: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 -- a value or a list of problems
    required, optional = rows.COLUMNS[noun.file]
    if isinstance(latching := body.get("latching"), bool):
        body = {**body, "latching": str(latching).lower()}  # the one truth among columns, written as in the file
    read = cells.from_json({**body, "code": code}, required + optional)
    value = noun.parser(read)
    return read.problems or value


def _placed(before: Registry, after: Registry, asked: list[Place]) -> Registry | list[str]:
    """`after` with the grids that positions give: to the places `asked` without one, or to all when grids changed."""
    areas = placement.small_grids(after.grids.values())
    if asked:
        moving = [place for place in asked if not place.grid]
    else:
        moving = placement.followers(placement.small_grids(before.grids.values()), before.places)
    found = placement.by_position(areas, moving)
    if lost := [place for place in moving if found[place.code] is None]:
        return [f"place {place.code}: {placement.outside(areas, place)}" for place in lost]
    return replace(after, places={**after.places, **{p.code: replace(p, grid=found[p.code] or "") for p in moving}})


def _unless_worse(before: Registry, after: Registry, noun: str, code: str) -> Registry | list[str]:
    return [_sentence(problem, noun, code) for problem in _new_problems(before, after)] or after


def _new_problems(before: Registry, after: Registry) -> list[Problem]:
    had = Counter(references.problems(before))
    return [problem for problem in references.problems(after) if problem not in had]


def _sentence(problem: Problem, noun: str, code: str) -> str:
    own = (problem.noun, problem.key) == (noun, code)
    return problem.reason if own else f"{_name(problem)}: {problem.reason}"


def _name(problem: Problem) -> str:
    key = problem.key
    match problem.noun:
        case "duties":
            return f"a duty ({key.duty} {key.person})"  # type: ignore[attr-defined]
        case "shifts":
            return f"the roster of station {key.station} ({key.person})"  # type: ignore[attr-defined]
        case "equipment":
            return f"equipment of station {key[0]}"  # type: ignore[index]
        case noun:
            return f"{_ONE[noun]} {key}"


def _mentioned(problems: list[Problem]) -> str:
    names = list(dict.fromkeys(_name(problem) for problem in problems))
    more = f" and {len(names) - _MENTIONED} more" if len(names) > _MENTIONED else ""
    return ", ".join(names[:_MENTIONED]) + more
