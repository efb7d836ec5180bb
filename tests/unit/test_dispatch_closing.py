"""Closed roads: nothing is sooner for them, and who is on one is still reached."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from drawn import at, both, network, points, rings_with_chords
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model import Closure, ClosureKind, Mode, Place, Station, StationKind
from devices.registry import Registry
from dispatch.ways import roads
from dispatch.ways.roads import Roads
from runtime.survey import Surveyor

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def road(x_m: float, y_m: float, modes: str | None = None, code: str = "C-1", **more) -> Closure:
    lon, lat = at(x_m, y_m)
    return Closure(code, ClosureKind.ROAD, lon=lon, lat=lat, modes=modes, **more)


spots = st.tuples(st.integers(-6000, 6000), st.integers(-6000, 6000))


@settings(max_examples=80, deadline=None)
@given(rings_with_chords(), st.lists(spots, min_size=1, max_size=6), spots, st.data(), st.sampled_from([0, 5_000_000]))
def test_closing_roads_makes_nothing_sooner(graph, origins, goal, data, cells):
    nodes, edges = graph
    roads = Roads(network(nodes, edges), cells=cells)
    closed = []
    for number in range(data.draw(st.integers(0, 4))):
        start, end, _ = edges[data.draw(st.integers(0, len(edges) - 1))]
        share = data.draw(st.sampled_from([0.0, 0.3, 0.5]))
        x, y = (a + share * (b - a) for a, b in zip(nodes[start], nodes[end], strict=True))
        closed.append(road(x, y, code=f"C-{number}"))
    for mode in (Mode.FOOT, Mode.VEHICLE):
        before = roads.seconds_to(at(*goal), mode, points(*origins), 1e9)
        after = roads.closing(closed).seconds_to(at(*goal), mode, points(*origins), 1e9)
        assert np.all(after >= before - 1e-6)
        if not closed:
            assert after == pytest.approx(before)


def _drawn_closures(data, nodes, edges):
    closed = []
    for number in range(data.draw(st.integers(0, 3))):
        start, end, _ = edges[data.draw(st.integers(0, len(edges) - 1))]
        share = data.draw(st.sampled_from([0.0, 0.3, 0.5]))
        x, y = (a + share * (b - a) for a, b in zip(nodes[start], nodes[end], strict=True))
        modes = data.draw(st.sampled_from([None, None, "foot", "vehicle"]))
        closed.append(road(x, y, modes, code=f"C-{number}"))
    return closed


@settings(max_examples=40, deadline=None)
@given(rings_with_chords(), st.lists(spots, min_size=1, max_size=6), st.data())
def test_ways_that_begin_from_what_was_found_before_are_those_of_a_whole_search(graph, origins, data):
    nodes, edges = graph
    streets = Roads(network(nodes, edges))
    goals = points(*nodes, *origins)
    found = {}
    for _ in range(4):
        closed, limit_s = _drawn_closures(data, nodes, edges), data.draw(st.sampled_from([1e9, 900.0]))
        begun, whole = streets.closing(closed, found), streets.closing(closed)
        for mode in (Mode.FOOT, Mode.VEHICLE):
            tables = [roads.table(goals, mode, points(*origins), limit_s) for roads in (begun, whole)]
            assert np.array_equal(*tables)
        found = begun.settle()


def test_only_stations_whose_ways_a_closure_changes_are_searched_from_again_and_each_rests(monkeypatch):
    streets = Roads(network([(0, 0), (2000, 0), (2000, 2000), (0, 2000)], SQUARE))
    searches, rests = [], []
    dijkstra = roads.dijkstra
    monkeypatch.setattr(roads, "dijkstra", lambda *given, **how: searches.append(1) or dijkstra(*given, **how))
    # the first is on the road that is closed, the second goes along it, the third never does
    stations = points((1500, 0), (0, 0), (1000, 2000))
    open_ = streets.closing([], rest=lambda: rests.append(1))
    for closures, again in (([], 3), ([road(1000, 0)], 2), ([road(1000, 0)], 0), ([], 2)):
        searches.clear()
        rests.clear()
        open_ = streets.closing(closures, open_.settle(), lambda: rests.append(1))
        open_.table(points((2000, 0)), Mode.VEHICLE, stations, 1e6)
        assert (len(searches), len(rests)) == (again, again), closures
    open_.settle()
    rests.clear()
    open_.table(points((2000, 0)), Mode.VEHICLE, points((0, 0)), 1e6)
    assert rests == []  # whoever asks now is not kept waiting


SQUARE = both((0, 1, 100), (1, 2, 100), (2, 3, 100), (3, 0, 100))
TOWN = Roads(network([(0, 0), (2000, 0), (2000, 2000), (0, 2000)], SQUARE))


def seconds(closed: list[Closure], origin, place, mode=Mode.VEHICLE) -> float:
    return float(TOWN.closing(closed).seconds_to(at(*place), mode, points(origin), 1e6)[0])


def test_a_closed_road_sends_the_crew_round():
    assert seconds([], (0, 0), (2000, 0)) == pytest.approx(100, abs=0.1)
    assert seconds([road(1000, 10)], (0, 0), (2000, 0)) == pytest.approx(300, abs=0.1)


def test_at_a_crossing_all_roads_that_meet_are_closed():
    assert seconds([road(2000, 0)], (0, 0), (2000, 2000)) == pytest.approx(200, abs=0.1)
    # all four are closed: to the end of one and on along the next at a walk
    assert seconds([road(2000, 0), road(0, 2000)], (0, 0), (2000, 2000)) == pytest.approx(4000 / 1.4, rel=0.01)


def test_a_road_is_closed_to_the_modes_named_and_to_no_other():
    closed = [road(1000, 0, "vehicle,motorcycle")]
    assert seconds(closed, (0, 0), (2000, 0)) == pytest.approx(300, abs=0.1)
    assert seconds(closed, (0, 0), (2000, 0), Mode.FOOT) == pytest.approx(100, abs=0.1)


def test_a_fire_on_a_closed_road_is_reached_along_it_at_a_walk():
    assert seconds([road(1000, 0)], (0, 0), (500, 0)) == pytest.approx(500 / 1.4, rel=0.01)


def test_a_point_on_no_street_closes_nothing_and_is_told():
    closed = TOWN.closing([road(1000, 60), road(1000, 49, code="C-2")])
    assert closed.lost == ("C-1",)


def test_several_closures_in_turn_are_each_as_from_the_open_streets():
    again = TOWN.closing([road(1000, 0)]).closing([])
    assert again.seconds_to(at(2000, 0), Mode.VEHICLE, points((0, 0)), 1e6) == pytest.approx([100], abs=0.1)


# ---- as the registry says


def _registry(*closures: Closure) -> Registry:
    station = Station("ST", "", StationKind.COMMUNITY, *at(0, 0), "G", "", 1, 0, Mode.VEHICLE)
    place = Place("P", "", "mall", "", *at(2000, 0), 1, "G")
    return Registry(places={"P": place}, stations={"ST": station}, closures={one.code: one for one in closures})


def test_a_closure_counts_from_its_beginning_to_its_end_and_streets_are_read_once(monkeypatch):
    now = [NOON]
    surveyor = Surveyor(3600.0, lambda: now[0])
    streets = network([(0, 0), (2000, 0), (2000, 2000), (0, 2000)], SQUARE).to_bytes()
    known = _registry(road(1000, 0, start=NOON + timedelta(hours=1), until=NOON + timedelta(hours=2)))
    surveyor(known, streets)
    monkeypatch.setattr("devices.streets.from_bytes", lambda _: 1 / 0)
    found = []
    for minutes in (0, 61, 121):
        now[0] = NOON + timedelta(minutes=minutes)
        surveyor._again()
        ((travel_s, _),) = surveyor.survey.travel(at(2000, 0), list(known.stations.values()))
        found.append(round(travel_s))
    assert found == [100, 300, 100]
    surveyor(_registry(road(1000, 0)), streets)
    assert surveyor.survey.closed
    assert surveyor.survey.network is not None


def test_the_first_survey_is_made_without_a_rest_and_what_follows_beside_the_desk_with(monkeypatch):
    now, rests = [NOON], []
    monkeypatch.setattr("runtime.survey._rest", lambda: rests.append(now[0]))
    surveyor = Surveyor(3600.0, lambda: now[0])
    streets = network([(0, 0), (2000, 0), (2000, 2000), (0, 2000)], SQUARE).to_bytes()
    surveyor(_registry(road(1000, 0, start=NOON + timedelta(hours=1))), streets)
    assert rests == []
    now[0] += timedelta(hours=1)
    surveyor._again()
    assert rests == [now[0]]
