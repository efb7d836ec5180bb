"""Which station goes: ranked by when it can be there, each with the reason for or against it (DESIGN decision 11)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import isfinite

from devices.model import Station, StationKind
from dispatch.fact import Candidate
from dispatch.world import Point, World


class Verdict(StrEnum):
    """Why a candidate was or was not taken."""

    FREE = "free"
    AT_CAPACITY = "at_capacity"
    OFF_DUTY = "off_duty"
    ALREADY_CALLED = "already_called"
    UNREACHABLE = "unreachable"
    REPORTED_TO = "reported_to"


class Reason(StrEnum):
    """Why an order goes to its recipient; stored with it."""

    OWN_UNIT = "own_unit"
    SOONEST = "soonest"
    STACKED = "stacked"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    DECLINED = "declined"
    HELP_REQUESTED = "help_requested"
    CALLED = "called"
    LEADER = "leader"
    ESCALATED = "escalated"
    MANAGER = "manager"
    CONTRACTOR = "contractor"
    NO_MANAGER = "no_manager"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A station with its estimate (seconds from order to arrival, muster included) and how it stands."""

    station: Station
    eta_s: float
    method: str
    verdict: Verdict

    def candidate(self) -> Candidate:
        """As the ledger keeps it."""
        reachable = isfinite(self.eta_s)
        return Candidate(
            self.station.code,
            self.verdict.value,
            round(self.eta_s) if reachable else None,
            self.method if reachable else None,
        )


def rank(
    world: World, place: Point, now: datetime, engagements: Mapping[str, int], called: Collection[str]
) -> list[Ranked]:
    """Every station, soonest first (ties by code), with its verdict at `now`.

    `engagements`: station -> open incidents; `called`: stations that this incident has ordered already.
    """
    stations = list(world.registry.stations.values())
    times = world.travel(place, stations)
    local = world.local(now)
    ranked = []
    for station, (travel_s, method) in zip(stations, times, strict=True):
        if station.kind is StationKind.BRIGADE:
            verdict = Verdict.REPORTED_TO
        elif station.code in called:
            verdict = Verdict.ALREADY_CALLED
        elif not isfinite(travel_s):
            verdict = Verdict.UNREACHABLE
        elif not world.registry.on_duty(station.code, local):
            verdict = Verdict.OFF_DUTY
        elif engagements.get(station.code, 0) >= station.capacity:
            verdict = Verdict.AT_CAPACITY
        else:
            verdict = Verdict.FREE
        ranked.append(Ranked(station, station.muster_s + travel_s, method, verdict))
    return sorted(ranked, key=lambda one: (one.eta_s, one.station.code))


@dataclass(frozen=True, slots=True)
class Choice:
    """The station to order and why."""

    taken: Ranked
    reason: Reason


def first(ranked: list[Ranked], own: str | None) -> list[Choice]:
    """Whom a new fire calls: the unit's own station always, and the soonest free one; at capacity all, the soonest is
    stacked. Empty when nobody on duty can come.
    """
    choices: list[Choice] = []
    best = following(ranked, Reason.SOONEST)
    mine = next((one for one in ranked if one.station.code == own and one.verdict in _OWN_GOES), None)
    if mine is not None:
        choices.append(Choice(mine, Reason.OWN_UNIT))
    if best is not None and (mine is None or best.taken.station.code != mine.station.code):
        choices.append(best)
    return choices


_OWN_GOES = frozenset({Verdict.FREE, Verdict.AT_CAPACITY, Verdict.OFF_DUTY, Verdict.UNREACHABLE})


def following(ranked: list[Ranked], reason: Reason) -> Choice | None:
    """The next to call: the soonest free station, for `reason`; else the soonest on duty, `stacked`; else None."""
    for verdict, why in ((Verdict.FREE, reason), (Verdict.AT_CAPACITY, Reason.STACKED)):
        for one in ranked:
            if one.verdict is verdict:
                return Choice(one, why)
    return None
