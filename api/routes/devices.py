"""One device, and what it measured."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api import answer, condition, reading, shapes, span
from api.access import Verb
from api.context import Caller, Context, Here
from api.identity import Identity
from api.lastseen import last_seen
from api.moment import moment
from api.problem import Problem, nothing
from api.why import Why
from devices.model import Device, Kind
from dispatch.facts.refused import Refused

router = APIRouter(prefix="/api/devices", tags=["devices"])

SHOWN_BY_DEFAULT = timedelta(hours=24)
_AHEAD = timedelta(hours=25)
"""A reading's time may be up to 24 h ahead (CONTRACT section 1)."""


@router.get("/{code}", responses=shapes.one(shapes.Device))
async def device(code: str, who: Caller, here: Here) -> Response:
    """The device; `state` is `unknown` and `last_seen` null where nothing was heard or the database is away."""
    found = _visible(here, who, code)
    seen = await last_seen(here, [found])
    alarms = list(here.desk.alarms_on())
    kinds = condition.kinds_on(alarms).get(code, set())
    shape = condition.shape(here.registry(), found, kinds, seen.get(code), condition.gateways_off(alarms))
    return answer.json({**shape, **condition.watched(here.registry(), code)})


@router.get("/{code}/readings")
async def readings(
    code: str,
    who: Caller,
    here: Here,
    from_: Annotated[str | None, Query(alias="from", description="epoch ms or RFC 3339; 24 h before `to`")] = None,
    to: Annotated[str | None, Query(description="epoch ms or RFC 3339; now")] = None,
    points: Annotated[int, Query(ge=1, le=10_000)] = 500,
) -> Response:
    """Readings with `from` <= `ts` <= `to`, oldest first: every one while they are no more than `points`.

    Else `thinned` is true and each item stands for the `bucket_s` seconds from its `ts` on: means under the values'
    names, extremes in `min` and `max`, and `count`. Readings from devices whose clock was far off are among them.
    """
    found = _visible(here, who, code)
    kind = _kind(here, found)
    start, end = _range(here, from_, to)
    asked: dict[str, Any] = {"device": found.id, "from": start, "to": end, "most": points + 1}
    reach = span.Reach(**(await here.rows("rollups", asked | {"kind": kind}))[0])
    extent = await _extent(here, kind, asked, points, reach)
    if extent["count"] <= points and (extent["rolled"] is None or extent["rolled"] >= reach.raw_from):
        rows = await here.rows(f"readings_{kind}", asked)
        if len(rows) <= points:
            items = [reading.shape(row, kind) for row in rows]
            return answer.json({"items": items, "next": None, "thinned": False})
        extent |= {"first": rows[0]["ts"], "last": end if extent["last"] is None else max(end, extent["last"])}
    made = span.span(extent["first"], extent["last"], (start, end), points, reach, extent["rolled"])
    values = asked | span.parameters(made.pieces, start) | {"width": made.width, "origin": made.origin}
    items = [reading.thinned(row, kind) for row in await here.tuples(f"readings_{kind}_thinned", values)]
    return answer.json({"items": items, "next": None, "thinned": True, "bucket_s": made.width.total_seconds()})


async def _extent(here: Context, kind: Kind, asked: dict[str, Any], points: int, reach: span.Reach) -> dict[str, Any]:
    """`count` of the readings asked for, or more than `points`; `first` and `last`; `rolled`, the first in a rollup.

    The ends are found to a bucket, as wide as the range suggests; while that is wide beside what lies between them,
    they are looked for again between them.
    """
    low, high = asked["from"], asked["to"]
    while True:
        level = span.level(low, high, points, reach, low)
        pieces = span.parameters(span.cover(level, (low, high), reach), low)
        found = (await here.rows(f"readings_{kind}_extent", asked | {"from": low, "to": high} | pieces))[0]
        if found["first"] is None or level == span.RAW or 4 * (found["last"] - found["first"]) > high - low:
            return found
        low, high = max(low, found["first"]), min(high, found["last"])


def _visible(here: Context, who: Identity, code: str) -> Device:
    registry = here.registry()
    found = registry.devices.get(code)
    if found is None or not here.area(who, Verb.READ_REGISTRY).covers(registry, found.place):
        raise nothing("device", code)
    return found


def _kind(here: Context, device: Device) -> Kind:
    profile = here.registry().profiles.get(device.profile)
    if profile is None:
        raise Problem(409, f"device {device.code} has the profile {device.profile!r}, which is not known here")
    return profile.kind


def _range(here: Context, from_: str | None, to: str | None) -> tuple[datetime, datetime]:
    now = here.clock()
    end = moment("to", to) if to is not None else now + _AHEAD
    start = moment("from", from_) if from_ is not None else min(end, now) - SHOWN_BY_DEFAULT
    if start > end:
        raise Problem(422, Refused(Why.PERIOD_REVERSED, "from is after to"))
    return start, end
