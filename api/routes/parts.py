"""Administrators see how every part is, from what this process and the database know."""

import asyncio
import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from prometheus_client import REGISTRY
from starlette.responses import Response

from api import answer, condition, lastseen, parts
from api.access import Verb
from api.context import Caller, Context, Here
from api.parts import Fleet, Inside, Spooled
from api.problem import Problem
from devices import instant
from devices.model import StationKind
from ingest import backlog
from ingest.spool import SPOOL_BYTES

COUNTED = ("firegrid_desk_failed_total", "firegrid_ledger_undrained", "firegrid_desk_database_connected")
LATELY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Own:
    """What the process is told of its own parts when it is put together."""

    broker: Callable[[], bool | None] = lambda: None
    epoch: Callable[[], int] = lambda: 0
    webhooks: tuple[bool, bool] = (False, False)
    spool_bytes: int = SPOOL_BYTES


def router(own: Own, data: Path) -> APIRouter:
    """`data`: the folder whose disk must not fill up."""
    only = APIRouter(prefix="/api", tags=["administration"])

    @only.get("/health", name="health")
    async def health(who: Caller, here: Here) -> Response:
        """Each part with its `state` (well, watch, wrong, unknown), a `code` of what is the matter, and figures."""
        here.area(who, Verb.ADMINISTER)
        said = await _said(here)
        spooled = await asyncio.to_thread(_spooled, own, data)
        found = parts.all_of(_inside(here, own, data, said, spooled), said, _fleet(here))
        items = [
            {"part": one.part, "state": one.state, "code": one.code, "values": _plain(one.values)} for one in found
        ]
        return answer.json({"state": parts.worst(found), "at": instant.text(here.clock()), "parts": items})

    return only


async def _said(here: Context) -> dict[str, Any] | None:
    off_us = lastseen.CLOCK_OFF // timedelta(microseconds=1)
    now = here.clock()
    try:
        return (await here.rows("health", {"lately": now - LATELY, "clock_off_us": off_us, "day": now.date()}))[0]
    except Problem:
        return None


def _spooled(own: Own, data: Path) -> Spooled | None:
    """None where ingest works on another machine."""
    found = backlog.of(data)
    if found is None:
        return None
    oldest = datetime.fromtimestamp(found.oldest_us / 1e6, UTC) if found.oldest_us else None
    return Spooled(found.files, found.bytes, oldest, found.damaged, found.fullest_bytes / own.spool_bytes)


def _inside(here: Context, own: Own, data: Path, said: dict[str, Any] | None, spooled: Spooled | None) -> Inside:
    policy = here.desk.policy()
    return Inside(
        leading=here.desk.leading(),
        epoch=own.epoch(),
        stream=here.desk.stream,
        broker=own.broker(),
        webhooks=own.webhooks,
        counts=_counts(),
        spooled=spooled,
        free_bytes=shutil.disk_usage(data).free,
        clock=here.clock(),
        real=datetime.now(UTC),
        zone=str(here.timezone),
        versions={
            "firegrid": _version(),
            "python": platform.python_version(),
            "postgresql": said["server"] if said is not None else None,
            "timescaledb": said["timescale"] if said is not None else None,
            "registry": here.registry().version,
            "policy": policy.name,
            "policy_digest": policy.digest[:12],
        },
    )


def _version() -> str:
    try:
        return metadata.version("firegrid")
    except metadata.PackageNotFoundError:
        return "from source"


def _counts() -> dict[str, float]:
    """The sums over all labels; of outgoing calls also how many were taken (answered with 2xx)."""
    found: dict[str, float] = {}
    for family in REGISTRY.collect():
        for sample in family.samples:
            if sample.name in COUNTED or sample.name == "firegrid_calls_tried_total":
                found[sample.name] = found.get(sample.name, 0) + sample.value
            if sample.name == "firegrid_calls_tried_total" and sample.labels.get("outcome", "").startswith("2"):
                taken = "firegrid_calls_taken_total"
                found[taken] = found.get(taken, 0) + sample.value
    return found


def _fleet(here: Context) -> Fleet:
    registry = here.registry()
    offline = [one for one in here.desk.alarms_on() if one["kind"] == "offline"]
    stations = [one for one in registry.stations.values() if one.kind is not StationKind.BRIGADE]
    screens = [here.hub.screens(f"station:{one.code}") for one in stations]
    return Fleet(
        gateways=len(registry.gateways),
        gateways_offline=len(condition.gateways_off(offline)),
        devices=len(registry.devices),
        devices_offline=sum("gateway" not in one["flags"] for one in offline),
        stations=len(stations),
        stations_without_screen=screens.count(0),
        screens=sum(screens),
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: instant.text(value)
        if isinstance(value, datetime)
        else value.isoformat()
        if isinstance(value, date)
        else value
        for name, value in values.items()
    }
