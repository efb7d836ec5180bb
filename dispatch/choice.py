"""Which station goes: ranked by when it can be there, each with the reason for or against it (DESIGN decision 11)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from math import inf, isfinite

import numpy as np

from devices.model import Station, StationKind
from dispatch import standing
from dispatch.ranking import NEAR_S, Ranked, Ranking, Times, Verdict
from dispatch.standing import Standing
from dispatch.state import State
from dispatch.world import Point, World


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


def rank(
    world: World, state: State, place: Point, now: datetime, engagements: Mapping[str, int], called: Collection[str]
) -> Ranking:
    """Every station, soonest first and the demoted last, with its verdict at `now`.

    `engagements`: station -> open incidents; `called`: stations that this incident has ordered already.
    """
    stations = tuple(world.registry.stations.values())

    def weigh(station: Station, eta_s: float, method: str) -> Ranked:
        stands = standing.of(world, state, station, now)
        verdict = _verdict(station, eta_s, stands, engagements, called)
        return Ranked(station, eta_s, method, verdict, stands.crew, stands.demoted)

    @cache
    def far() -> Times:
        found = world.travel(place, stations)
        return Times(np.array([seconds for seconds, _ in found]), found[0][1], inf)

    @cache
    def near() -> Times:
        assert world.near is not None  # noqa: S101 - listed only then
        return Times(world.near(place, stations, NEAR_S), "roads", NEAR_S)

    return Ranking(stations, weigh, [far] if world.near is None or not stations else [near, far])


def _verdict(
    station: Station, eta_s: float, stands: Standing, engagements: Mapping[str, int], called: Collection[str]
) -> Verdict:
    if station.kind is StationKind.BRIGADE:
        return Verdict.REPORTED_TO
    if station.code in called:
        return Verdict.ALREADY_CALLED
    if not isfinite(eta_s):
        return Verdict.UNREACHABLE
    if not stands.on_duty:
        return Verdict.OFF_DUTY
    return Verdict.AT_CAPACITY if engagements.get(station.code, 0) >= station.capacity else Verdict.FREE


@dataclass(frozen=True, slots=True)
class Choice:
    """The station to order and why."""

    taken: Ranked
    reason: Reason


def first(ranked: Ranking, own: str | None) -> list[Choice]:
    """Whom a new fire calls: the unit's own station always, and the soonest free one; at capacity all, the soonest is
    stacked. Empty when nobody on duty can come.
    """
    choices: list[Choice] = []
    best = following(ranked, Reason.SOONEST)
    mine = ranked.of(own) if own is not None else None
    if mine is not None and mine.verdict in _OWN_GOES:
        choices.append(Choice(mine, Reason.OWN_UNIT))
    if best is not None and all(best.taken.station is not one.taken.station for one in choices):
        choices.append(best)
    return choices


_OWN_GOES = frozenset({Verdict.FREE, Verdict.AT_CAPACITY, Verdict.OFF_DUTY, Verdict.UNREACHABLE})


def following(ranked: Ranking, reason: Reason) -> Choice | None:
    """The next to call: the first free station, for `reason`; else the first on duty, `stacked`; else None."""
    stacked = None
    for one in ranked:
        if one.verdict is Verdict.FREE:
            return Choice(one, reason)
        if stacked is None and one.verdict is Verdict.AT_CAPACITY:
            stacked = Choice(one, Reason.STACKED)
    return stacked
