"""What every request is answered with, and who asks it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import psycopg
from fastapi import Depends, Request

from api import access, token
from api.access import Area, Verb
from api.database import Away, Database
from api.desk import Desk
from api.duty.hub import Hub
from api.identity import Identity
from api.patience import Patience
from api.problem import Problem
from api.token import Tokens
from api.why import Why
from devices.registry import Registry
from dispatch.facts.refused import Refused


@dataclass(frozen=True, slots=True)
class Context:
    """The parts a route may use. `database` is None where there is none; `command_phone` as the settings have it."""

    desk: Desk
    hub: Hub
    registry: Callable[[], Registry]
    database: Database | None
    tokens: Tokens
    clock: Callable[[], datetime]
    timezone: ZoneInfo
    static: Path
    patience: Patience
    command_phone: str | None = None

    async def rows(self, name: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        """What the statement `name` yields.

        Raises Problem 503 when the database is away, 422 for a text it cannot take (one with a NUL).
        """
        with _told():
            return await self.reachable.rows(name, values)

    async def tuples(self, name: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """The same as plain tuples, for numbers by the thousand."""
        with _told():
            return await self.reachable.tuples(name, values)

    @property
    def reachable(self) -> Database:
        """The database.

        Raises Problem 503 when there is none.
        """
        if self.database is None:
            raise away()
        return self.database

    def area(self, who: Identity, verb: Verb) -> Area:
        """Where `who` may use `verb` now.

        Raises Problem 403 when nowhere.
        """
        found = access.area(self.registry(), who, verb)
        if found.empty:
            said = f"role {who.role} may not {str(verb).replace('_', ' ')} with this token"
            raise Problem(403, Refused(Why.MAY_NOT, said, role=str(who.role), verb=str(verb)))
        return found


@contextmanager
def _told() -> Iterator[None]:
    """What the database answers instead of rows is a Problem."""
    try:
        yield
    except Away:
        raise away() from None
    except psycopg.DataError as error:
        raise Problem(422, f"a parameter has a value that cannot be looked up: {error}") from None


def away() -> Problem:
    """The answer to what truly needs the database while it is away."""
    said = "the database does not answer; try again in a few seconds. What is open is still served: ask with state=open"
    return Problem(503, Refused(Why.AWAY, said), {"Retry-After": "5"})


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


Here = Annotated[Context, Depends(_context)]


def caller(request: Request, here: Here) -> Identity:
    """Who asks, by their bearer token.

    Raises Problem 401, or 403 for who is not registered any more.
    """
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise _unknown("send the header Authorization: Bearer TOKEN; POST /api/login gives one")
    try:
        who = here.tokens.verify(text.strip(), here.clock())
    except token.Refused as refused:
        raise _unknown(str(refused)) from None
    if not access.registered(here.registry(), who):
        raise Problem(403, Refused(Why.UNREGISTERED, f"{who.recipient} is not registered any more"))
    return who


def _unknown(detail: str) -> Problem:
    return Problem(401, Refused(Why.ACCESS_ENDED, detail), {"WWW-Authenticate": 'Bearer realm="firegrid"'})


Caller = Annotated[Identity, Depends(caller)]
