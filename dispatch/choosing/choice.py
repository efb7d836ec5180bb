"""Which station goes: ranked by when it can be there, each with the reason for or against it (DESIGN decision 11)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from math import inf, isfinite

import numpy as np

from devices.model import Station, StationKind
from dispatch.choosing import standing
from dispatch.choosing.ranking import NEAR_S, Ranked, Ranking, Times, Verdict
from dispatch.choosing.standing import Standing
from dispatch.state.state import State
from dispatch.world import Point, World


class Reason(StrEnum):
    """Why an order goes to its recipient; stored with it."""

    OWN_UNIT = "own_unit"
    SOONEST = "soonest"
    STACKED = "stacked"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    NOT_TURNED_OUT = "not_turned_out"
    DECLINED = "declined"
    HELP_REQUESTED = "help_requested"
    STRENGTH = "strength"
    SUPPORT = "support"
    UNCHECKED = "unchecked"
    CALLED = "called"
    LEADER = "leader"
    ESCALATED = "escalated"
    MANAGER = "manager"
    CONTRACTOR = "contractor"
    NO_MANAGER = "no_manager"
    CONTROL_ROOM = "control_room"
    CONTACT = "contact"
    WARDEN = "warden"
    CONFIRMED = "confirmed"


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

    searches = [far] if world.near is None or not stations else [near, far]
    return Ranking(
        stations,
        weigh,
        searches,
        lambda one: standing.demoted(state, one),
        lambda one: engagements.get(one.code, 0) >= one.capacity,
    )


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
    """The station to order and why; `tier` is the policy's that wants it."""

    taken: Ranked
    reason: Reason
    tier: str | None = None


OWN_GOES = frozenset({Verdict.FREE, Verdict.AT_CAPACITY, Verdict.OFF_DUTY, Verdict.UNREACHABLE})
"""A unit's own station is called however it stands."""
