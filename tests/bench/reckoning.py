"""What `GET /api/stats` must say, counted anew by docs/statistics.md from what the script of a year knows by itself.

Pure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from book import Book, Opened, Press
from order_law import ACTIONS, moment

STEPS = ("acknowledged", "turned_out", "arrived", "controlled", "closed")
ANSWERS = ("acknowledged", "turned_out", "arrived", "controlled")
THERE = ("arrived", "controlled")
MINUTES = {"minute_1": 60, "minute_3": 180, "minute_5": 300}
WITHIN_S = 0.002
"""Moments are told to the millisecond; a difference of two is wrong by less than this."""


@dataclass(slots=True)
class Case:
    """An incident as the script's own presses have made it."""

    opened: Opened
    crews: list[Mapping[str, Any]] = field(default_factory=list)
    verification: str = "unverified"
    confirmed_at: datetime | None = None
    denied_at: datetime | None = None
    reported_at: datetime | None = None
    harmless_at: datetime | None = None


def expected(book: Book, categories: Mapping[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """The members of the statistics that the script can count: nested as they are."""
    times = _times(book.presses)
    cases = _cases(book, times)
    fires = [one for one in cases.values() if one.opened.kind in ("fire", "manual")]
    verdicts = Counter(book.judged[id].verdict if id in book.judged else "none" for id in cases)
    judged = verdicts["real"] + verdicts["false"] + verdicts["unfounded"]
    orders = list(book.orders.values())
    return {
        "alarms": {"fire": book.burnt} if book.burnt else {},
        "incidents": {
            "total": len(cases),
            "by_kind": _count(one.opened.kind for one in cases.values()),
            "by_verdict": dict(verdicts),
            "by_verification": _count(one.verification for one in cases.values()),
            "by_source": _count(one.opened.source for one in cases.values()),
            "by_severity": _count(_severity(one) for one in cases.values()),
            "by_category": _count(categories[one.opened.place] for one in cases.values()),
            "by_cause": _count(book.judged[id].cause for id in cases if id in book.judged),
            "by_hour": _count(str(one.opened.at.astimezone(zone).hour) for one in cases.values()),
            "false_alarm_rate": (verdicts["false"] + verdicts["unfounded"]) / judged if judged else None,
        },
        "orders": {
            "by_state": _count(one["state"] for one in orders),
            "by_kind": _count(one["kind"] for one in orders),
            "by_reason": _count(one["reason"] for one in orders),
            "lapsed": _count(one["kind"] for one in orders if _ever(one, "lapsed")),
            "declined": sum(_ever(one, "declined") for one in orders),
        },
        "seconds": _seconds(orders, times),
        "incident_seconds": _incident_seconds(book, cases, times),
        "one_three_five": _one_three_five(fires, times),
        "stations": _stations(orders),
        "days": _days(cases.values(), zone),
    }


def told(whole: Mapping[str, Any], stations: Sequence[Mapping[str, Any]], days: Sequence[Mapping[str, Any]],
         ) -> dict[str, Any]:  # fmt: skip
    """The same members of what the system says; `stations` and `days` are lines."""
    names = ("orders", "lapsed", "declined", "cancelled")
    return {
        **{name: whole[name] for name in ("alarms", "incidents", "seconds", "incident_seconds")},
        "orders": whole["orders"] | {"declined": sum(whole["orders"]["declined"].values())},
        "one_three_five": {
            name: {"due": one["due"], "met": one["met"]} for name, one in whole["one_three_five"].items()
        },
        "stations": {one["key"]: {name: one[name] for name in names} for one in stations if one["orders"]},
        "days": {one["key"]: one["incidents"] for one in days if one["incidents"]},
    }


def differences(ours: Any, theirs: Any, name: str = "") -> list[str]:
    """Where the script's count and the system's are not the same; what only the system counts is not compared."""
    if isinstance(ours, Mapping):
        if not isinstance(theirs, Mapping):
            return [f"{name}: {ours} by the script, {theirs} by the system"]
        named = name.rpartition(".")[2]
        keys = ours.keys() | (theirs.keys() if named.startswith("by_") or named in WHOLE else set())
        return [each for key in sorted(keys) for each in differences(ours.get(key), theirs.get(key), f"{name}.{key}")]
    if isinstance(ours, float) and isinstance(theirs, float):
        return [] if abs(ours - theirs) < WITHIN_S else [f"{name}: {ours} by the script, {theirs} by the system"]
    return [] if ours == theirs else [f"{name}: {ours} by the script, {theirs} by the system"]


WHOLE = ("lapsed", "stations", "days", "one_three_five")
"""Members in which the system may name nothing that the script does not know."""


def size(ours: Any) -> int:
    """How many values are compared."""
    return sum(map(size, ours.values())) if isinstance(ours, Mapping) else 1


Times = Mapping[str, Mapping[str, datetime]]
"""Order -> event -> when the script's press of it was first taken."""


def _times(presses: Iterable[Press]) -> dict[str, dict[str, datetime]]:
    found: dict[str, dict[str, datetime]] = defaultdict(dict)
    for one in sorted(presses, key=lambda one: one.at):
        found[one.order].setdefault(ACTIONS[one.action], one.at)
    return found


def _cases(book: Book, times: Times) -> dict[str, Case]:
    cases = {id: Case(one) for id, one in book.opened.items()}
    for one in cases.values():
        if one.opened.confirmed:
            one.verification, one.confirmed_at = "confirmed", one.opened.at
    for order in book.orders.values():
        if order["kind"] == "respond":
            cases[order["incident"]].crews.append(order)
    for press in sorted(book.presses, key=lambda one: one.at):
        order = book.orders[press.order]
        _take(cases[order["incident"]], order, press, times[press.order])
    for id, one in cases.items():
        judged = book.judged.get(id)
        if judged is None or judged.verdict != "real":
            one.harmless_at = min((at for at in (one.denied_at, judged and judged.at) if at), default=None)
    return cases


def _take(case: Case, order: Mapping[str, Any], press: Press, times: Mapping[str, datetime]) -> None:
    """A word counts from who verifies, and from a crew or leader that is there; after a confirmation none is false."""
    match press.action:
        case "confirm_fire":
            case.verification, case.denied_at = "confirmed", None
            case.confirmed_at = case.confirmed_at or press.at
        case "report_false" if case.verification != "confirmed":
            there = any(name in times and times[name] <= press.at for name in THERE)
            if order["kind"] == "verify" or there:
                case.verification, case.denied_at = "false", case.denied_at or press.at
        case "report_brigade":
            case.reported_at = press.at
        case _:
            pass


def _severity(case: Case) -> str:
    """By docs/websocket.md: a detector 2, a person's call 3, confirmed 4; maintenance 1."""
    if case.opened.kind == "maintenance":
        return "1"
    if case.confirmed_at is not None:
        return "4"
    return "2" if case.opened.source == "device" else "3"


def _seconds(orders: Iterable[Mapping[str, Any]], times: Times) -> dict[str, Any]:
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in orders:
        drafted = moment(one["drafted_at"])
        for step in STEPS:
            if (at := times.get(one["id"], {}).get(step)) is not None:
                found[one["kind"]][step].append((at - drafted).total_seconds())
    return {kind: {step: _spread(each) for step, each in steps.items()} for kind, steps in found.items()}


def _incident_seconds(book: Book, cases: Mapping[str, Case], times: Times) -> dict[str, Any]:
    found: dict[str, list[float]] = {
        name: []
        for name in ("own_response", "acknowledged", "turned_out", "first_arrival", "second_arrival", "confirmed",
                     "controlled", "brigade_reported", "closed")
    }  # fmt: skip
    for id, case in cases.items():
        own = [one for one in case.crews if one["reason"] == "own_unit"]
        arrivals = _arrivals(case, times)
        reached = {
            "own_response": _first(own, times, *ANSWERS),
            **{name: _first(case.crews, times, name) for name in ("acknowledged", "turned_out", "controlled")},
            "first_arrival": arrivals[0] if arrivals else None,
            "second_arrival": arrivals[1] if len(arrivals) > 1 else None,
            "confirmed": case.confirmed_at,
            "brigade_reported": case.reported_at,
            "closed": book.closed.get(id),
        }
        for name, at in reached.items():
            if at is not None:
                found[name].append((at - case.opened.at).total_seconds())
    return {name: _spread(each) for name, each in found.items()}


def _one_three_five(fires: Iterable[Case], times: Times) -> dict[str, Any]:
    found = {name: Counter(due=0, met=0) for name in MINUTES}
    for case in fires:
        own = [one for one in case.crews if one["reason"] == "own_unit"]
        arrivals = _arrivals(case, times)
        reached = {
            "minute_1": _first(own, times, *ANSWERS) if own else "not due",
            "minute_3": arrivals[0] if arrivals else None,
            # the shipped policy wants neighbours for a fire of severity 4, and none has it before it is confirmed
            "minute_5": (arrivals[1] if len(arrivals) > 1 else None) if case.confirmed_at is not None else "not due",
        }
        for name, at in reached.items():
            by = case.opened.at + timedelta(seconds=MINUTES[name])
            met = isinstance(at, datetime) and at <= by
            left_out = at == "not due" or (not met and case.harmless_at is not None and case.harmless_at <= by)
            found[name].update(due=int(not left_out), met=int(met))
    return {name: dict(counts) for name, counts in found.items()}


def _arrivals(case: Case, times: Times) -> list[datetime]:
    """Each station's first, soonest first."""
    found: dict[str, datetime] = {}
    for one in case.crews:
        if (at := _first([one], times, *THERE)) is not None:
            found[one["recipient"]] = min(at, found.get(one["recipient"], at))
    return sorted(found.values())


def _first(orders: Iterable[Mapping[str, Any]], times: Times, *events: str) -> datetime | None:
    found = (times[one["id"]].get(event) for one in orders if one["id"] in times for event in events)
    return min((at for at in found if at is not None), default=None)


def _stations(orders: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(lambda: Counter(orders=0, lapsed=0, declined=0, cancelled=0))
    for one in orders:
        if one["kind"] == "respond":
            found[one["recipient"].removeprefix("station:")].update(
                orders=1, lapsed=_ever(one, "lapsed"), declined=_ever(one, "declined"),
                cancelled=int(one["state"] == "cancelled"),
            )  # fmt: skip
    return {code: dict(counts) for code, counts in found.items()}


def _days(cases: Iterable[Case], zone: ZoneInfo) -> dict[str, int]:
    return _count(f"{one.opened.at.astimezone(zone):%Y-%m-%d}" for one in cases)


def _ever(order: Mapping[str, Any], event: str) -> int:
    return int(any(step["event"] == event for step in order["history"]))


def _count(names: Iterable[str | None]) -> dict[str, int]:
    return dict(Counter(one for one in names if one is not None))


def _spread(values: Sequence[float]) -> dict[str, Any]:
    return {"count": len(values), "p50": _share(values, 0.5), "p90": _share(values, 0.9)}


def _share(values: Sequence[float], share: float) -> float | None:
    """Interpolated between neighbours (PostgreSQL's percentile_cont)."""
    if not values:
        return None
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = int(at)
    return ordered[low] + (ordered[min(low + 1, len(ordered) - 1)] - ordered[low]) * (at - low)
