"""Incidents: the open ones from the desk's memory, the past from the projections."""

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from api import answer, shapes
from api.access import Area, Verb
from api.answer import Cursor, Limit
from api.context import Caller, Context, Here
from api.desk import Shape
from api.history import Memory, drill_filter, fits_drill, merged, not_held
from api.identity import Identity
from api.moment import moment
from api.problem import Problem, forbidden, nothing
from api.why import Why
from dispatch.facts.actor import Outcome

VERDICTS = ("real", "false", "test", "unfounded")
NO_VERDICT = "none"

router = APIRouter(prefix="/api/incidents", tags=["incidents"])


@router.get("", responses=shapes.page(shapes.Incident))
async def incidents(
    *,
    who: Caller,
    here: Here,
    state: Literal["open", "closed"] | None = None,
    drill: Annotated[str | None, Query(max_length=64, description="true, false, or a drill's id")] = None,
    place: Annotated[str | None, Query(max_length=64, description="where it began")] = None,
    verdict: Annotated[str | None, Query(description="real, false, test, unfounded, or none")] = None,
    from_: Annotated[str | None, Query(alias="from", description="opened then or later")] = None,
    to: Annotated[str | None, Query(description="opened before then")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Newest first. `state=open` answers while the database is away."""
    area = here.area(who, Verb.READ_INCIDENTS)
    if verdict not in (None, NO_VERDICT, *VERDICTS):
        raise Problem(422, f"verdict is one of {', '.join((*VERDICTS, NO_VERDICT))}")
    opened = (moment("from", from_) if from_ else None, moment("to", to) if to else None)
    held = _held(here, area)
    fitting = (
        one
        for one in here.desk.incidents_briefly()
        if state in (None, one["state"])
        and fits_drill(one, drill)
        and place in (None, one["place"]["code"])
        and (verdict is None or (one["verdict"] or NO_VERDICT) == verdict)
        and (opened[0] is None or one["at"] >= opened[0])
        and (opened[1] is None or one["at"] < opened[1])
        and _within(area, held, one)
    )
    past = None if state == "open" else "incidents"
    values = {
        "state": state,
        **drill_filter(drill),
        "place": place,
        "verdict": verdict,
        "opened_from": opened[0],
        "opened_to": opened[1],
        **not_held(here.desk.incidents_briefly() if past else ()),
        "everything": area.everything,
        "grids": sorted(area.grids),
        "places": sorted(area.places),
        "recipient": area.recipient,
    }
    memory = Memory(fitting, here.desk.incident, "opened_at")
    return answer.page(*await merged(here, past, values, memory, limit, cursor))


@router.get("/{incident}", responses=shapes.one(shapes.Incident))
async def incident(
    incident: str,
    who: Caller,
    here: Here,
    after: Annotated[int, Query(ge=0, le=2**62, description="only entries of the timeline after this one")] = 0,
) -> Response:
    """The incident with its timeline, the ledger's entries in order; `timeline` is null while the database is away."""
    found = await visible(here, who, incident)
    try:
        rows = await here.rows("timeline", {"incident": incident, "after": after})
    except Problem:
        return answer.json({**found, "timeline": None})
    timeline = [{"entry": row["entry"], "digest": row["digest"], **msgspec.json.decode(row["body"])} for row in rows]
    body = {**found, "timeline": timeline}
    if _decides(here, who, found):
        notes = await here.rows("notes", {"digests": sorted(_digests(timeline))})
        body["notes"] = {row["digest"]: row["note"] for row in notes}
    return answer.json(body)


@router.post("", status_code=201, responses=shapes.one(shapes.Incident, 201))
async def open_incident(asked: shapes.NewIncident, who: Caller, here: Here) -> Response:
    """An incident reported by a person is open, its first orders drafted."""
    area = here.area(who, Verb.OPEN_INCIDENT)
    # who sees a fire reports it, wherever it is; only who answers for single places is held to those
    if not area.everything and not area.grids and not area.covers(here.registry(), asked.place):
        raise forbidden(
            Why.PLACE_NOT_YOURS, "you may open incidents at the places you are responsible for; elsewhere call 119"
        )
    return answer.outcome(await here.desk.open_incident(who.actor, asked.model_dump(exclude_none=True)), 201)


@router.post("/{incident}/verdict", responses=shapes.one(shapes.Incident))
async def verdict(incident: str, asked: shapes.Verdict, who: Caller, here: Here) -> Response:
    """What it was; found no fire, whoever is still on the way is stood down."""
    await decidable(here, who, incident)
    return _changed(await here.desk.verdict(who.actor, incident, asked.model_dump(exclude_none=True)))


@router.post("/{incident}/outcome", responses=shapes.one(shapes.Incident))
async def outcome(incident: str, asked: shapes.Report, who: Caller, here: Here) -> Response:
    """The report of a real fire says more than before, also after it was closed."""
    await decidable(here, who, incident)
    return _changed(await here.desk.outcome(who.actor, incident, asked.model_dump(exclude_none=True)))


@router.post("/{incident}/split", responses=shapes.one(shapes.Incident))
async def split(incident: str, asked: shapes.Split, who: Caller, here: Here) -> Response:
    """The alarms are an incident of their own, with orders of its own; answers that one."""
    await decidable(here, who, incident)
    return _changed(await here.desk.split(who.actor, incident, asked.alarms, asked.note))


@router.post("/{incident}/merge", responses=shapes.one(shapes.Incident))
async def merge(incident: str, asked: shapes.Merge, who: Caller, here: Here) -> Response:
    """Alarms and open orders are the other incident's, this one is closed as merged; answers the other."""
    await decidable(here, who, incident)
    await decidable(here, who, asked.into)
    return _changed(await here.desk.merge(who.actor, incident, asked.into, asked.note))


@router.post("/{incident}/calls", responses=shapes.one(shapes.Incident))
async def call(incident: str, asked: shapes.Call, who: Caller, here: Here) -> Response:
    """One more station or person has an order."""
    await decidable(here, who, incident)
    return _changed(await here.desk.call(who.actor, incident, asked.recipient, asked.note))


@router.post("/{incident}/brigade-report", responses=shapes.one(shapes.Incident))
async def brigade_report(incident: str, asked: shapes.BrigadeReport, who: Caller, here: Here) -> Response:
    """That 119 was called is recorded: who says so, when, and the brigade's case number."""
    area = here.area(who, Verb.REPORT_BRIGADE)
    found = await visible(here, who, incident)
    ordered = any(one["recipient"] == area.recipient for one in found["orders"])
    if not ordered and not area.covers_at(found["place"]["code"], found["grid"]):
        raise forbidden(
            Why.INCIDENT_NOT_YOURS,
            "only who has an order of the incident, its control room, its leaders and command report it",
        )
    return _changed(await here.desk.report_brigade(who.actor, incident, asked.model_dump(exclude_none=True)))


@router.post("/{incident}/stand-down", responses=shapes.one(shapes.Incident))
async def stand_down(incident: str, who: Caller, here: Here, asked: shapes.StandDown | None = None) -> Response:
    """Every open order of the incident is cancelled."""
    await decidable(here, who, incident)
    return _changed(await here.desk.stand_down(who.actor, incident, asked.note if asked is not None else None))


def _changed(outcome: Outcome) -> Response:
    return answer.outcome(outcome)


def _held(here: Context, area: Area) -> frozenset[str]:
    if area.recipient is None or area.everything:
        return frozenset()
    return here.desk.incidents_of(area.recipient)


def _within(area: Area, held: frozenset[str], one: Shape) -> bool:
    return one["id"] in held or area.covers_at(one["place"]["code"], one["grid"])


async def visible(here: Context, who: Identity, incident: str) -> Shape:
    """The incident, from memory or the projections.

    Raises Problem 404 where there is none that `who` may see.
    """
    area = here.area(who, Verb.READ_INCIDENTS)
    found = here.desk.incident(incident)
    if found is None:
        rows = await here.rows("incident", {"id": incident})
        found = rows[0]["body"] if rows else None
    if found is None:
        raise nothing("incident", incident)
    held = frozenset({incident} if any(one["recipient"] == area.recipient for one in found["orders"]) else ())
    opened = who.recipient is not None and here.desk.opener(incident) == who.recipient
    if not opened and not _within(area, held, found):
        raise nothing("incident", incident)
    return found


def _decides(here: Context, who: Identity, found: Shape) -> bool:
    try:
        area = here.area(who, Verb.DECIDE)
    except Problem:
        return False
    return area.covers_at(found["place"]["code"], found["grid"])


async def decidable(here: Context, who: Identity, incident: str) -> None:
    """Nothing is true of who may not decide about the incident.

    Raises Problem 404, 403.
    """
    found = await visible(here, who, incident)
    if not _decides(here, who, found):
        raise forbidden(
            Why.INCIDENT_NOT_YOURS,
            "verdicts, splits, mergers, calls, stand-downs and written reports are for command and the leaders of the"
            " incident's grids",
        )


def _digests(timeline: list[Shape]) -> set[str]:
    return {fact["note"] for entry in timeline for fact in entry.get("facts", ()) if fact.get("note")}
