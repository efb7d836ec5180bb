"""Stations are ranked as a slow reference ranks them, however far ways were searched at first."""

from datetime import UTC, datetime
from math import inf, isfinite

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from devices.model import Mode, Station, StationKind
from devices.registry import Registry
from dispatch.choosing import choice, ranking, standing
from dispatch.choosing.ranking import NEAR_S, Ranked, Verdict
from dispatch.choosing.standing import Standing
from dispatch.policy.policy import Policy
from dispatch.state.state import Post, State
from dispatch.world import World

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HERE = (120.0, 30.0)

times = st.one_of(st.just(inf), st.integers(0, 12).map(lambda minutes: minutes * 60.0))
stations = st.lists(
    st.tuples(times, st.integers(0, 2).map(lambda each: each * 30), st.booleans(), st.booleans(), st.booleans()),
    min_size=1,
    max_size=40,
)


def _world(drawn, *, near: bool) -> World:
    made = {
        f"ST-{number * 7 % 41:02d}": Station(
            f"ST-{number * 7 % 41:02d}", "", StationKind.COMMUNITY, *HERE, "G", "", 4, muster_s, Mode.EBIKE
        )
        for number, (_, muster_s, *_) in enumerate(drawn)
    }
    travel_s = dict(zip(made, [each[0] for each in drawn], strict=True))
    return World(
        Registry(stations=made),
        Policy(),
        lambda _place, asked: [(travel_s[one.code], "roads") for one in asked],
        lambda _recipient: 1,
        lambda at: at,
        lambda _lon, _lat: None,
        (lambda _place, asked, within_s: np.array([_within(travel_s[one.code], within_s) for one in asked]))
        if near
        else None,
    )


def _within(seconds: float, limit_s: float) -> float:
    return seconds if seconds <= limit_s else inf


def _slowly(world: World, drawn, called: set[str], busy: dict[str, int]) -> list[Ranked]:
    ranked = []
    for station, (travel_s, muster_s, on_duty, demoted, _) in zip(world.registry.stations.values(), drawn, strict=True):
        if station.code in called:
            verdict = Verdict.ALREADY_CALLED
        elif not isfinite(travel_s):
            verdict = Verdict.UNREACHABLE
        elif not on_duty:
            verdict = Verdict.OFF_DUTY
        else:
            verdict = Verdict.AT_CAPACITY if station.code in busy else Verdict.FREE
        ranked.append(Ranked(station, muster_s + travel_s, "roads", verdict, 3, demoted))
    return sorted(ranked, key=lambda one: (one.demoted, one.eta_s, one.station.code))


def _missed(world: World, drawn) -> State:
    """A state in which the demoted have missed their duty check."""
    codes = [code for code, each in zip(world.registry.stations, drawn, strict=True) if each[3]]
    return State(posts={code: Post(demoted_since=NOW) for code in codes})


def _stands(monkeypatch, world: World, drawn) -> None:
    known = {
        code: Standing(on_duty, 3, demoted)
        for code, (_, _, on_duty, demoted, _) in zip(world.registry.stations, drawn, strict=True)
    }
    monkeypatch.setattr(standing, "of", lambda _world, _state, station, _now: known[station.code])


@given(stations, st.booleans(), st.sets(st.integers(0, 40), max_size=3))
def test_the_ranking_is_that_of_a_plain_sort(drawn, near, some):
    world = _world(drawn, near=near)
    called = {f"ST-{number:02d}" for number in some}
    busy = {code: 1 for code, each in zip(world.registry.stations, drawn, strict=True) if each[4]}
    right = _slowly(world, drawn, called, busy)
    known = {one.station.code: one for one in right}
    stands = {
        code: Standing(on_duty, 3, demoted)
        for code, (_, _, on_duty, demoted, _) in zip(world.registry.stations, drawn, strict=True)
    }
    real, standing.of = standing.of, lambda _world, _state, station, _now: stands[station.code]
    try:
        free = [one for one in right if one.verdict is Verdict.FREE]
        ranked = choice.rank(world, _missed(world, drawn), HERE, NOW, busy, called)
        assert list(ranked.free()) == free
        assert list(ranked.free({StationKind.BRIGADE})) == []
        assert list(ranked.free({one.station.kind for one in free})) == free
        assert [ranked.of(code) for code in known] == list(known.values())
        assert list(ranked) == right
        assert ranked[:5] == right[:5]
        assert len(ranked) == len(right)
        for one in right:
            sooner = [each for each in right if each.demoted and each.eta_s <= one.eta_s]
            assert one.demoted or ranked.passed_over(one) == sooner
    finally:
        standing.of = real


def test_an_order_keeps_the_first_candidates_and_the_one_taken(monkeypatch):
    drawn = [(60.0 * number, 0, True, False, False) for number in range(40)]
    world = _world(drawn, near=True)
    _stands(monkeypatch, world, drawn)
    ranked = choice.rank(world, State(), HERE, NOW, {}, set())
    last = ranked.of(_slowly(world, drawn, set(), {})[-1].station.code)
    kept = ranked.candidates(last)
    assert len(kept) == ranking.KEPT + 1
    assert kept[-1].station == last.station.code
    assert len(ranked.candidates(ranked[3])) == ranking.KEPT


def test_who_is_near_needs_no_search_of_the_whole_district(monkeypatch):
    drawn = [(60.0 * number, 0, True, False, False) for number in range(40)]
    world = _world(drawn, near=True)
    _stands(monkeypatch, world, drawn)
    asked = []
    monkeypatch.setattr(World, "travel", property(lambda _self: asked.append))
    ranked = choice.rank(world, State(), HERE, NOW, {}, set())
    assert [one.eta_s for one in ranked[:6]] == [0, 60, 120, 180, 240, NEAR_S]
    assert asked == []


def test_a_demoted_station_comes_after_those_that_answered_and_is_not_left_out(monkeypatch):
    drawn = [(0.0, 0, True, True, False), (600.0, 0, True, False, False)]
    world = _world(drawn, near=True)
    _stands(monkeypatch, world, drawn)
    ranked = choice.rank(world, _missed(world, drawn), HERE, NOW, {}, set())
    assert [(one.station.code, one.demoted) for one in ranked] == [("ST-07", False), ("ST-00", True)]
