"""Which places no free crew reaches in time: against the desk's own travel times place by place, and for how long."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from drawn import at, both, network, rings_with_chords
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model import Closure, ClosureKind, Grid, Mode, Place, Station, StationKind
from devices.registry import Registry
from dispatch.choosing.standing import Standing
from dispatch.cover import coverage, uncovered
from dispatch.cover.uncovered import DISTRICT, Uncovered
from dispatch.ways import ground
from dispatch.ways.roads import Roads
from runtime.survey import Survey

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
FAR_S = 1e9


def station(code: str, x_m: float, y_m: float, mode: Mode = Mode.EBIKE, muster_s: int = 30) -> Station:
    return Station(code, code, StationKind.COMMUNITY, *at(x_m, y_m), "G3", "", 4, muster_s, mode)


def place(code: str, x_m: float, y_m: float, grid: str = "G3") -> Place:
    return Place(code, code, "mall", "", *at(x_m, y_m), 3, grid)


def registry(places, stations) -> Registry:
    grids = [Grid("G1", "", 1, None, ()), Grid("G2", "", 2, "G1", ()), Grid("G3", "", 3, "G2", ()),
             Grid("H3", "", 3, "G2", ())]  # fmt: skip
    return Registry(
        grids={one.code: one for one in grids},
        places={one.code: one for one in places},
        stations={one.code: one for one in stations},
    )


spots = st.tuples(st.integers(-6000, 6000), st.integers(-6000, 6000))


@st.composite
def towns(draw):
    """A graph, and people and places on its nodes, near to them, beside one another and anywhere."""
    nodes, edges = draw(rings_with_chords())
    somewhere = st.one_of(
        spots,
        st.tuples(st.sampled_from(nodes), st.integers(-400, 400), st.integers(-90, 90)).map(
            lambda drawn: (drawn[0][0] + drawn[1], drawn[0][1] + drawn[2])
        ),
    )
    places = draw(st.lists(somewhere, min_size=1, max_size=8))
    stations = draw(
        st.lists(
            st.tuples(somewhere, st.sampled_from([Mode.EBIKE, Mode.FOOT]), st.integers(0, 90)), min_size=1, max_size=6
        )
    )
    return nodes, edges, places, stations


@settings(max_examples=60, deadline=None)
@given(towns(), st.lists(st.booleans(), min_size=6, max_size=6), st.booleans())
def test_the_soonest_crew_at_each_place_is_the_one_the_desk_would_find(town, free, with_roads):
    nodes, edges, spots, drawn = town
    places = [place(f"P-{number}", *xy) for number, xy in enumerate(spots)]
    stations = [station(f"ST-{number}", *xy, mode, muster) for number, (xy, mode, muster) in enumerate(drawn)]
    known = registry(places, stations)
    survey = Survey(known, Roads(network(nodes, edges)) if with_roads else None, FAR_S)
    picture = ground.picture(ground.survey(known, survey.roads, FAR_S), np.array(free[: len(stations)]), 600)
    for number, one in enumerate(places):
        times = survey.travel((one.lon, one.lat), stations)
        right = min(
            (each.muster_s + seconds for each, (seconds, _), can in zip(stations, times, free, strict=False) if can),
            default=np.inf,
        )
        assert picture.soonest.seconds[number] == pytest.approx(right, rel=1e-6, abs=0.05)
        assert bool(picture.uncovered[number]) == (not picture.soonest.seconds[number] <= 600)
        who = picture.soonest.who[number]
        if np.isfinite(right):
            seconds = times[who][0]
            assert free[who]
            assert stations[who].muster_s + seconds == pytest.approx(right, rel=1e-6, abs=0.05)
        else:
            assert who == -1


LINE = network([(0, 0), (1000, 0), (2000, 0)], both((0, 1, 200), (1, 2, 200)))
TOWN = registry(
    [place("P-A", 0, 0), place("P-B", 1000, 0), place("P-C", 2000, 0, "H3")],
    [station("ST-1", 0, 0), station("ST-2", 2000, 0)],
)


def pictured(*free: str) -> ground.Picture:
    return ground.picture(ground.survey(TOWN, Roads(LINE), FAR_S), np.isin(["ST-1", "ST-2"], free), 180)


def test_a_closed_road_leaves_uncovered_what_lies_beyond_it_and_opened_it_is_as_before():
    lon, lat = at(500, 0)
    closed = Roads(LINE).closing([Closure("C-1", ClosureKind.ROAD, lon=lon, lat=lat)])
    before = ground.survey(TOWN, closed.closing([]), FAR_S)
    shut = ground.closed(before, closed)
    free = np.array([True, False])
    for on, roads in ((shut, closed), (ground.closed(shut, closed.closing([])), Roads(LINE))):
        anew = ground.picture(ground.survey(TOWN, roads, FAR_S), free, 300)
        assert ground.picture(on, free, 300).soonest.seconds.tolist() == anew.soonest.seconds.tolist()
    assert [ground.picture(on, free, 300).uncovered.tolist() for on in (before, shut)] == [
        [False, False, True],
        [False, True, True],
    ]


async def test_coverage_follows_a_closure_that_begins_though_the_registry_is_the_same():
    lon, lat = at(500, 0)
    roads = Roads(LINE).closing([])
    surveys = [Survey(TOWN, roads, FAR_S)]
    stands = Standing(on_duty=True, crew=4)
    desk = SimpleNamespace(
        policy=lambda: SimpleNamespace(arrive_within=timedelta(seconds=300)),
        last_entry=lambda: 7,
        engagements=lambda: {"ST-2": 1},
        standing=lambda _station: stands,
    )
    covering = coverage.Coverage(desk, lambda: surveys[-1], lambda: NOON, uncovered.Uncovered(NOON))
    seen = []
    for closures in ([], [Closure("C-1", ClosureKind.ROAD, lon=lon, lat=lat)], []):
        surveys.append(Survey(TOWN, roads.closing(closures), FAR_S, tuple(closures)))
        await covering._look()
        seen.append(covering.now.picture.uncovered.tolist())
    assert seen == [[False, False, True], [False, True, True], [False, False, True]]


def test_each_grid_counts_its_uncovered_places_and_those_of_the_grids_below():
    both_free = pictured("ST-1", "ST-2")
    assert both_free.uncovered.tolist() == [False, True, False]
    assert dict(zip(both_free.ground.grids, both_free.by_grid.tolist(), strict=True)) == {
        "G1": 1, "G2": 1, "G3": 1, "H3": 0,
    }  # fmt: skip
    one_free = pictured("ST-1")
    assert dict(zip(one_free.ground.grids, one_free.by_grid.tolist(), strict=True)) == {
        "G1": 2, "G2": 2, "G3": 1, "H3": 1,
    }  # fmt: skip
    assert one_free.nearest(2) == ("ST-1", 430)
    assert pictured().nearest(0) == (None, None)


# ---- for how long


def told(kept: Uncovered) -> dict[tuple[datetime, str], tuple[float, float, float]]:
    return {(row["hour"], row["grid"]): (row["watched_s"], row["uncovered_s"], row["place_s"]) for row in kept.rows()}


def test_seconds_uncovered_are_those_between_looks_divided_among_hours():
    kept = Uncovered(NOON)
    kept.tell(NOON + timedelta(minutes=59, seconds=40), 0, pictured("ST-1"))
    kept.tell(NOON + timedelta(minutes=60, seconds=10), 30, pictured("ST-1", "ST-2"))
    kept.tell(NOON + timedelta(minutes=61), 31, pictured("ST-1", "ST-2"))
    after = NOON + timedelta(hours=1)
    sums = told(kept)
    assert sums[NOON, DISTRICT] == (20, 20, 40)
    assert sums[after, DISTRICT] == (60, 60, 70)
    assert sums[NOON, "H3"] == (0, 20, 20)
    assert sums[after, "H3"] == (0, 10, 10)
    assert sums[after, "G3"] == (0, 60, 60)


def test_a_pause_in_looking_is_not_counted():
    kept = Uncovered(NOON)
    kept.tell(NOON, 0, pictured("ST-1"))
    kept.tell(NOON + timedelta(minutes=10), uncovered.PAUSE_S + 1, pictured("ST-1"))
    assert kept.rows() == []


def test_a_clock_that_runs_fast_is_counted_by_its_own_hours():
    kept = Uncovered(NOON)
    kept.tell(NOON, 0, pictured("ST-1"))
    kept.tell(NOON + timedelta(hours=3), 1, pictured("ST-1"))
    assert [told(kept)[NOON + timedelta(hours=hour), DISTRICT][0] for hour in range(3)] == [3600] * 3


def test_what_was_written_is_forgotten_once_its_hour_is_over_and_what_came_meanwhile_is_not():
    kept = Uncovered(NOON)
    kept.tell(NOON, 0, pictured("ST-1"))
    kept.tell(NOON + timedelta(minutes=90), 1, pictured("ST-1"))
    rows = kept.rows()
    kept.tell(NOON + timedelta(minutes=91), 2, pictured("ST-1"))
    kept.written(rows)
    left = {hour for hour, _ in told(kept)}
    assert left == {NOON + timedelta(hours=1)}
    kept.written(kept.rows())
    assert kept.rows() == []
    kept.tell(NOON + timedelta(minutes=92), 3, pictured("ST-1"))
    assert told(kept)[NOON + timedelta(hours=1), DISTRICT][0] == 32 * 60


def test_sums_for_a_database_that_stays_away_are_bounded_and_the_oldest_go_first(monkeypatch):
    monkeypatch.setattr(uncovered, "KEPT_ROWS", 6)
    kept = Uncovered(NOON)
    kept.tell(NOON, 0, pictured("ST-1"))
    for hour in range(1, 10):
        kept.tell(NOON + timedelta(hours=hour), hour, pictured("ST-1"))
        kept.bound()
    hours = [hour for hour, _ in told(kept)]
    assert len(hours) == 6
    assert max(hours) == NOON + timedelta(hours=8)
    assert all(before <= after for before, after in pairwise(hours))
