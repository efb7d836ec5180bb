"""What it was and what became of it: the codes of causes, and the shape of a real fire's report."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from devices import instant
from devices.model import CODE
from dispatch.facts.kind import LIKE_FIRE, MAINTENANCE
from dispatch.facts.order import OrderKind, OrderState
from dispatch.facts.refused import Refused, Why
from dispatch.state.state import Incident, State

REAL, FALSE = "real", "false"

FALSE_CAUSES = ("cooking", "steam", "dust", "insects", "fault", "works", "other", "unknown")
"""Why a detector alarmed without need (DOMAIN 0)."""
FIRE_CAUSES = (
    "electrical",
    "open_flame",
    "smoking",
    "cooking",
    "e_bike",
    "works",
    "playing",
    "arson",
    "spontaneous",
    "lightning",
    "other",
    "unknown",
)
"""Why it burnt. An assumption: no source gives a list; these are the words fire reports use."""
DANGER_CAUSES = ("leakage", "overload", "short_circuit", "poor_contact", "insulation", "equipment", "other", "unknown")
"""Why there was electrical danger; an assumption likewise."""

COUNTS = ("dead", "injured", "rescued", "evacuated")
COUNT_AT_MOST, AREA_AT_MOST = 100_000, 10_000_000
CODES: dict[str, tuple[str, ...]] = {
    "put_out_by": ("station", "unit", "brigade", "occupants", "sprinkler", "itself"),
    "handed_over_to": ("brigade", "police", "unit", "occupants", "community"),
}
TIMES = ("watched_until", "returned_at")
REPORT = (*COUNTS, "area_m2", *CODES, *TIMES)
"""What a report of a real fire says, beside its cause."""

WATCHED_AT_MOST = timedelta(days=7)
EXACT = 2**53
"""Numbers beyond are not the same in every reader of JSON (RFC 8259, 6)."""


def causes(kind: str, verdict: str) -> tuple[str, ...]:
    """The causes that may go with such a verdict about such an incident; none for a test and what was unfounded."""
    if verdict == FALSE or (verdict == REAL and kind == MAINTENANCE):
        return FALSE_CAUSES
    if verdict != REAL:
        return ()
    return FIRE_CAUSES if kind in LIKE_FIRE else DANGER_CAUSES


def cause_wrong(kind: str, verdict: str, cause: object) -> str | None:
    """Why the cause cannot go with the verdict."""
    known = causes(kind, verdict)
    if cause is None or cause in known:
        return None
    if not known:
        return Refused(Why.CAUSE, f"a verdict of {verdict} has no cause: leave it away, and put words into note")
    return Refused(Why.CAUSE, f"cause must be one of {', '.join(known)}; put free text into note")


def read(outcome: object, opened_at: datetime, now: datetime) -> dict[str, Any] | str:
    """The report's members, checked; or what is wrong. Members that are not of REPORT are kept where they are numbers,
    truths or codes; a null says nothing.
    """
    if not isinstance(outcome, Mapping):
        return 'outcome must be an object, such as {"dead": 0, "area_m2": 3.5, "put_out_by": "station"}'
    found: dict[str, Any] = {}
    for name, value in outcome.items():
        if value is None:
            continue
        wrong = _wrong(name, value)
        if wrong is not None:
            return Refused(Why.OUTCOME_VALUE, f"outcome.{name[:64]} must be {wrong}", member=name[:64])
        found[name] = value
    for name in TIMES:
        if name in found and isinstance(at := _time(found[name], opened_at, now, ahead=name == "watched_until"), str):
            return Refused(Why.OUTCOME_TIME, f"outcome.{name} {at}", member=name)
        if name in found:
            found[name] = instant.text(instant.parse(found[name]))
    return {name: value for name, value in found.items() if name in REPORT or (CODE.fullmatch(name) and plain(value))}


def _wrong(name: str, value: object) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if name in COUNTS and not (isinstance(value, int) and number and 0 <= value <= COUNT_AT_MOST):
        return f"a whole number from 0 to {COUNT_AT_MOST}"
    if name == "area_m2" and not (number and 0 <= value <= AREA_AT_MOST):  # type: ignore[operator]
        return f"square metres from 0 to {AREA_AT_MOST}"
    if name in CODES and value not in CODES[name]:
        return f"one of {', '.join(CODES[name])}"
    return None


def _time(value: object, opened_at: datetime, now: datetime, *, ahead: bool) -> datetime | str:
    try:
        at = instant.parse(value)
    except ValueError as error:
        return f"cannot be read: {error}"
    latest = now + WATCHED_AT_MOST if ahead else now
    if not opened_at <= at <= latest:
        until = f"{WATCHED_AT_MOST.days} days from now" if ahead else "now"
        return f"must lie between the incident's opening and {until}"
    return at


def plain(item: object) -> bool:
    """True for what may stand in the ledger as it is: numbers, truths and codes."""
    match item:
        case bool():
            return True
        case int() | float():
            return -EXACT <= item <= EXACT  # false for what is not a number
        case str():
            return CODE.fullmatch(item) is not None
        case _:
            return False


def missing(state: State, about: Incident) -> list[str]:
    """What the report of a real fire does not say yet; nothing for anything else.

    That the crew is back (归队) need not be said where its order says so.
    """
    if about.verdict != REAL or about.kind not in LIKE_FIRE:
        return []
    said = {*(about.outcome or {}), *(("cause",) if about.cause is not None else ())}
    crews = [one for one in state.orders_of(about) if one.drafted.kind is OrderKind.RESPOND]
    if any(one.state is OrderState.CLOSED for one in crews) and not any(one.open for one in crews):
        said.add("returned_at")
    return [name for name in ("cause", *REPORT) if name not in said]
