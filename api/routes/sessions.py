"""Signing in and out, and who one is."""

import time
from datetime import timedelta

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from api import access, answer, shapes, users
from api.access import Verb
from api.context import Caller, Context, Here, away
from api.database import Away
from api.identity import Identity, Role
from api.problem import Problem
from api.why import Why
from devices import instant
from devices.model import Station
from devices.registry import Registry
from dispatch.facts.refused import Refused

log = structlog.get_logger()

SIGNED_IN_FOR = timedelta(days=7)
FREE_PER_ADDRESS = 20
"""Failures of one address before it waits: many users may sit behind one."""

router = APIRouter(prefix="/api", tags=["sessions"])


@router.post("/login", responses=shapes.one(shapes.Token))
async def login(request: Request, asked: shapes.Credentials, here: Here) -> Response:
    """A token for a user. After some failures the answer is 429 with Retry-After."""
    address = request.client.host if request.client is not None else ""
    keys = ((asked.user, address), (address,))
    _be_patient(here, keys)
    try:
        user = await users.verify(here.reachable, asked.user, asked.password)
    except Away:
        raise away() from None
    if user is None:
        for key in keys:
            here.patience.failed(key, time.monotonic())
        log.warning("login_refused", address=address)
        said = Refused(Why.WRONG_PASSWORD, "user or password is wrong")
        raise Problem(401, said, {"WWW-Authenticate": 'Bearer realm="firegrid"'})
    here.patience.succeeded(keys[0])
    now = here.clock()
    token, id = here.tokens.issue_known(user.role, user.scope, now + SIGNED_IN_FOR, user.name)
    who = here.tokens.verify(token, now)
    row = {"id": id, "role": str(user.role), "scope": user.scope, "name": user.name, "issued_at": now}
    try:  # noted, so that it can be ended with the user's access
        await here.reachable.change("token_issued", row | {"expires_at": who.expires_at, "issued_by": user.name})
    except Away:
        raise away() from None
    return answer.json({"token": token, **_who(here, who)})


@router.post("/logout", status_code=204, response_class=Response)
async def logout(who: Caller, here: Here) -> Response:
    """The token counts no longer, here at once and elsewhere within 5 s."""
    try:
        await here.reachable.change("revoke", {"id": who.token, "expires_at": who.expires_at})
    except Away:
        raise away() from None
    here.tokens.revoked |= {who.token}
    return Response(status_code=204)


@router.get("/me")
async def me(who: Caller, here: Here) -> Response:
    """Who the token makes one, and what it lets one do and where."""
    return answer.json(_who(here, who))


def _be_patient(here: Context, keys: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
    now = time.monotonic()
    wait_s = max(here.patience.wait_s(keys[0], now), here.patience.wait_s(keys[1], now, FREE_PER_ADDRESS))
    if wait_s > 0:
        seconds = int(wait_s) + 1
        said = Refused(Why.TOO_MANY_FAILURES, f"too many failures; try again in {seconds} s", seconds=seconds)
        raise Problem(429, said, {"Retry-After": str(seconds)})


def _who(here: Context, who: Identity) -> dict[str, object]:
    registry = here.registry()
    areas = {verb: access.area(registry, who, verb) for verb in Verb}
    reading = areas[Verb.READ_REGISTRY]
    return {
        "role": who.role,
        "recipient": who.recipient,
        "name": _name(registry, who),
        "scope": who.scope,
        "everything": reading.everything,
        "grids": sorted(reading.grids),
        "places": sorted(reading.places),
        "duties": [
            {"duty": duty.duty, "scope": duty.scope}
            for duty in registry.duties_of(who.scope or "")
            if who.role == "person"
        ],
        "may": [verb for verb, area in areas.items() if not area.empty],
        "stations": [_station(one) for one in _serving(registry, who)],
        "order": who.order,
        "command_phone": here.command_phone,
        "expires_at": instant.text(who.expires_at),
    }


def _serving(registry: Registry, who: Identity) -> list[Station]:
    """The stations a person serves at."""
    codes = access.serves_at(registry, who.scope or "") if who.role is Role.PERSON else ()
    return [registry.stations[code] for code in sorted(codes)]


def _station(one: Station) -> dict[str, object]:
    """What somebody away from the desk needs of their own station: where it is, and the telephone on its desk."""
    return {"code": one.code, "name": one.name, "lon": one.lon, "lat": one.lat, "phone": one.phone, "mode": one.mode}


def _name(registry: Registry, who: Identity) -> str:
    scope = who.scope or ""
    match who.role:
        case Role.STATION if (station := registry.stations.get(scope)) is not None:
            return station.name
        case Role.PERSON if (person := registry.people.get(scope)) is not None:
            return person.name
        case Role.CONTROL_ROOM if (place := registry.places.get(scope)) is not None:
            return place.name
        case _:
            return who.name or scope or str(who.role)
