"""Travel times, against an independent all-pairs search and against streets drawn so that the answer is plain."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from drawn import EAST, HERE, NORTH, at, both, network, points, rings_with_chords
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import floyd_warshall

from devices import streets
from devices.model import Mode
from devices.streets import MODES
from dispatch.ways import roads, way
from dispatch.ways.roads import Roads

SHANGHAI = Path(__file__).parents[3] / "shared" / "data" / "shanghai-center.osm"


@settings(max_examples=60, deadline=None)
@given(rings_with_chords(), st.integers(0, 11), st.integers(1, 3000), st.sampled_from([0, 5_000_000]))
def test_times_are_those_of_an_all_pairs_search(graph, goal, limit_s, cells):
    nodes, edges = graph
    goal %= len(nodes)
    dense = np.full((len(nodes), len(nodes)), np.inf)
    for start, end, seconds in edges:
        dense[start, end] = min(dense[start, end], seconds)
    right = floyd_warshall(dense)[:, goal]
    right[goal] = 0
    quick = Roads(network(nodes, edges), cells=cells)
    times = quick.seconds_to(at(*nodes[goal]), Mode.VEHICLE, points(*nodes), 1e9)
    assert times == pytest.approx(right, abs=0.05)  # standing on a node is exact to a few millimetres
    limited = Roads(network(nodes, edges), cells=cells).seconds_to(
        at(*nodes[goal]), Mode.VEHICLE, points(*nodes), limit_s + 0.5
    )
    assert limited == pytest.approx(np.where(right <= limit_s + 0.5, right, np.inf), abs=0.05)
    # asked again with less time, the remembered search answers the same
    assert quick.seconds_to(at(*nodes[goal]), Mode.VEHICLE, points(*nodes), limit_s + 0.5) == pytest.approx(limited)


@settings(max_examples=60, deadline=None)
@given(
    rings_with_chords(),
    st.lists(st.tuples(st.integers(-2500, 2500), st.integers(-2500, 2500)), min_size=1, max_size=6),
    st.integers(1, 3000),
)
def test_times_to_many_places_at_once_are_those_to_each(graph, spots, limit_s):
    nodes, edges = graph
    quick, origins, places = Roads(network(nodes, edges)), points(*nodes, *spots), points(*spots, *nodes)
    times = quick.table(places, Mode.VEHICLE, origins, limit_s)
    for row, place in enumerate(places):
        assert np.array_equal(times[row], quick.seconds_to(tuple(place), Mode.VEHICLE, origins, limit_s))
    assert Roads(network(nodes, edges), cells=0).table(places, Mode.VEHICLE, origins, limit_s) is None


@settings(max_examples=60, deadline=None)
@given(rings_with_chords(), st.integers(0, 11), st.integers(0, 11))
def test_a_path_takes_as_long_as_its_time_says(graph, origin, goal):
    nodes, edges = graph
    origin, goal = origin % len(nodes), goal % len(nodes)
    quick = Roads(network(nodes, edges))
    path = quick.path(at(*nodes[origin]), at(*nodes[goal]), Mode.FOOT)
    metres = (path - HERE) / [EAST, NORTH]
    steps = [int(np.argmin(np.hypot(*(np.array(nodes) - place).T))) for place in metres]
    best = {}
    for start, end, seconds in edges:
        best[start, end] = min(best.get((start, end), np.inf), seconds)
    taken = sum(best[a, b] for a, b in itertools.pairwise(steps) if a != b)
    expected = quick.seconds_to(at(*nodes[goal]), Mode.FOOT, points(nodes[origin]), 1e9)[0]
    assert taken == pytest.approx(expected, abs=0.05)


@settings(max_examples=60, deadline=None)
@given(
    rings_with_chords(),
    st.tuples(st.integers(-2500, 2500), st.integers(-2500, 2500)),
    st.tuples(st.integers(-2500, 2500), st.integers(-2500, 2500)),
)
def test_a_course_says_its_own_time_which_is_the_travel_time_unless_the_yard_is_crossed(graph, origin, goal):
    nodes, edges = graph
    quick = Roads(network(nodes, edges))
    line, seconds = quick.course(at(*origin), at(*goal), Mode.FOOT)
    expected = quick.seconds_to(at(*goal), Mode.FOOT, points(origin), 1e9)[0]
    if len(line) == 2:
        assert seconds >= expected - 0.05
    elif len(line):
        assert seconds == pytest.approx(expected, abs=0.05)
    else:
        assert np.isinf([seconds, expected]).all()


def test_a_way_is_drawn_by_road_and_by_line_where_none_leads():
    ring = Roads(network(SQUARE, both((0, 1, 100), (1, 2, 100))))
    by_road = way.find(ring, at(0, 0), at(2000, 2000), Mode.VEHICLE)
    assert (by_road.method, round(by_road.length_m, -1), round(by_road.travel_s)) == ("roads", 4000, 200)
    assert by_road.line[0] == at(0, 0)
    assert by_road.line[-1] == at(2000, 2000)
    off = way.find(ring, at(0, 0), at(-5000, 0), Mode.FOOT)
    assert (off.method, off.line) == ("line", (at(0, 0), at(-5000, 0)))
    assert off.travel_s == roads.line_seconds(at(-5000, 0), at(0, 0), Mode.FOOT)


SQUARE = [(0.0, 0.0), (2000.0, 0.0), (2000.0, 2000.0), (0.0, 2000.0)]


def test_of_parallel_edges_the_quickest_counts():
    line = network([(0, 0), (2000, 0)], both((0, 1, 90), (0, 1, 40), (0, 1, 60)))
    assert Roads(line).seconds_to(at(2000, 0), Mode.EBIKE, points((0, 0)), 600) == pytest.approx([40], abs=0.01)


def test_a_oneway_street_sends_the_crew_round():
    ring = network(SQUARE, [(0, 1, 100), (1, 2, 100), (2, 3, 100), (3, 0, 100)])
    times = Roads(ring).seconds_to(at(0, 0), Mode.VEHICLE, points((2000, 0), (0, 2000)), 1000)
    assert times == pytest.approx([300, 100], abs=0.01)


def test_on_one_oneway_segment_ahead_is_near_and_behind_is_round():
    ring = Roads(network(SQUARE, [(0, 1, 100), (1, 2, 100), (2, 3, 100), (3, 0, 100)]))
    assert ring.seconds_to(at(1500, 0), Mode.VEHICLE, points((500, 0)), 1000) == pytest.approx([50], abs=0.01)
    assert ring.seconds_to(at(500, 0), Mode.VEHICLE, points((1500, 0)), 1000) == pytest.approx([350], abs=0.01)
    assert len(ring.path(at(500, 0), at(1500, 0), Mode.VEHICLE)) == 4
    assert len(ring.path(at(1500, 0), at(500, 0), Mode.VEHICLE)) == 8


def test_the_walk_to_and_from_the_street_is_counted():
    line = Roads(network([(0, 0), (2000, 0)], both((0, 1, 400))))
    times = line.seconds_to(at(1500, 140), Mode.EBIKE, points((500, -280), (500, 0)), 2000)
    assert times == pytest.approx([200 + 420 / 1.4, 200 + 140 / 1.4], abs=0.1)


def test_a_point_in_the_middle_of_a_street_is_not_taken_to_its_corner():
    line = Roads(network([(0, 0), (2000, 0)], both((0, 1, 400))))
    assert line.seconds_to(at(1000, 0), Mode.EBIKE, points((0, 0), (2000, 0), (1100, 0)), 600) == pytest.approx(
        [200, 200, 20], abs=0.05
    )


def test_neighbours_off_the_street_cross_the_yard():
    line = Roads(network([(0, 0), (2000, 0)], both((0, 1, 400))))
    assert line.seconds_to(at(500, 300), Mode.EBIKE, points((500, 300), (570, 300)), 600) == pytest.approx(
        [0, 50], abs=0.05
    )
    # nor are they kept apart where there is no street at all
    assert line.seconds_to(at(500, 9000), Mode.EBIKE, points((500, 9070)), 600) == pytest.approx([50], abs=0.05)
    assert len(line.path(at(500, 300), at(570, 300), Mode.EBIKE)) == 2


def test_beyond_a_kilometre_from_any_street_is_unreachable():
    line = Roads(network([(0, 0), (2000, 0)], both((0, 1, 400))))
    times = line.seconds_to(at(1000, 0), Mode.FOOT, points((500, 990), (500, 1010)), 1e6)
    assert np.isfinite(times).tolist() == [True, False]
    assert np.isinf(line.seconds_to(at(500, 1010), Mode.FOOT, points((0, 0)), 1e6)).all()
    assert line.path(at(500, 1010), at(0, 0), Mode.FOOT).shape == (0, 2)


def test_an_island_is_unreachable_but_a_stub_of_the_map_is_not_mistaken_for_one():
    mainland = both((0, 1, 100), (1, 2, 100), (2, 3, 100))
    island = both((4, 5, 10))
    stub = both((6, 7, 10))
    nodes = [*SQUARE, (9000.0, 0.0), (9500.0, 0.0), (50.0, -50.0), (100.0, -50.0)]
    town = Roads(network(nodes, mainland + island + stub))
    times = town.seconds_to(at(0, 0), Mode.VEHICLE, points((9000, 0), (50, -50), (2000, 0)), 1e6)
    # the stub's point walks 50 m to the real street and drives 50 m
    assert times == pytest.approx([np.inf, 50 / 1.4 + 100 * 50 / 2000, 100], abs=0.05)


def test_across_the_river_nearest_by_line_is_not_nearest_by_road():
    """Two bank roads 200 m apart, one bridge 3 km away: the station opposite loses to one 1 km down the same bank."""
    nodes = [(0.0, 0.0), (1000.0, 0.0), (3000.0, 0.0), (0.0, 200.0), (3000.0, 200.0)]
    edges = both((0, 1, 200), (1, 2, 400), (2, 4, 40), (3, 4, 600))
    river = Roads(network(nodes, edges))
    place, opposite, down_the_bank = at(0, 0), at(0, 200), at(1000, 0)
    stations = np.array([opposite, down_the_bank])
    assert np.argmin(roads.line_seconds(place, stations, Mode.EBIKE)) == 0
    times = river.seconds_to(place, Mode.EBIKE, stations, 3600)
    assert times == pytest.approx([1240, 200], abs=0.1)
    assert np.argmin(times) == 1
    over_the_bridge = (river.path(opposite, place, Mode.EBIKE) - HERE) / [EAST, NORTH]
    assert over_the_bridge[:, 0].max() == pytest.approx(3000, abs=1)


def test_each_mode_goes_its_own_way():
    town = network(SQUARE, both((0, 1, 100), (1, 2, 100), (2, 3, 100), (3, 0, 100)))
    town.seconds[MODES.index(Mode.VEHICLE), [0, 4]] = np.inf  # the first street, both ways
    town.seconds[MODES.index(Mode.MOTORCYCLE)] = np.inf
    quick = Roads(town)
    origin = points((2000, 0))
    assert quick.seconds_to(at(0, 0), Mode.EBIKE, origin, 1e6) == pytest.approx([100], abs=0.01)
    assert quick.seconds_to(at(0, 0), Mode.VEHICLE, origin, 1e6) == pytest.approx([300], abs=0.01)
    assert np.isinf(quick.seconds_to(at(0, 0), Mode.MOTORCYCLE, origin, 1e6)).all()


def test_more_time_than_the_remembered_search_had_is_searched_again():
    ring = Roads(network(SQUARE, both((0, 1, 400), (1, 2, 400), (2, 3, 500), (3, 0, 500))))
    assert np.isinf(ring.seconds_to(at(2000, 2000), Mode.FOOT, points((0, 0)), 300)).all()
    assert ring.seconds_to(at(2000, 2000), Mode.FOOT, points((0, 0)), 1000) == pytest.approx([800], abs=0.01)


def test_what_is_remembered_is_bounded_and_forgetting_changes_no_answer():
    line = Roads(network([(0, 0), (2000, 0)], both((0, 1, 400))), trees=3, cells=0)
    first = [line.seconds_to(at(x, 0), Mode.FOOT, points((0, 0)), 1000)[0] for x in range(100, 2000, 100)]
    again = [line.seconds_to(at(x, 0), Mode.FOOT, points((0, 0)), 1000)[0] for x in range(100, 2000, 100)]
    assert first == again == pytest.approx([x / 5 for x in range(100, 2000, 100)], abs=0.05)
    assert len(line._trees._kept) == 3


def test_ways_from_the_stations_are_known_whatever_place_was_asked_for_first():
    line = Roads(network([(0, 0), (2000, 0)], both((0, 1, 400))))
    assert np.isinf(line.seconds_to(at(0, 90_000), Mode.FOOT, points((0, 0)), 1000)).all()
    (known,) = line._reaches._kept.values()
    assert line.seconds_to(at(1000, 0), Mode.FOOT, points((0, 0)), 1000) == pytest.approx([200], abs=0.05)
    assert line._reaches._kept.popitem()[1] is known


def test_no_origins_give_no_times():
    line = Roads(network([(0, 0), (2000, 0)], both((0, 1, 400))))
    assert line.seconds_to(at(0, 0), Mode.FOOT, np.empty((0, 2)), 100).shape == (0,)


def test_the_line_estimate_is_distance_times_detour_over_speed():
    assert roads.line_seconds(at(0, 0), at(0, 1000), Mode.EBIKE) == pytest.approx(1000 * 1.4 / 5, rel=1e-3)
    assert roads.line_seconds(at(0, 0), at(0, 1000), Mode.FOOT, 1.0) == pytest.approx(400, rel=1e-3)
    many = roads.line_seconds(at(0, 0), points((0, 1000), (0, 0)), Mode.EBIKE)
    assert many == pytest.approx([280, 0], rel=1e-3)


@pytest.mark.skipif(not SHANGHAI.exists(), reason=f"REAL DATA ABSENT: no {SHANGHAI.name} in ../shared/data")
def test_in_the_centre_of_shanghai_times_are_possible_and_the_path_runs_on_streets():
    read = streets.read(SHANGHAI.name, SHANGHAI.read_bytes())
    town = Roads(read)
    random = np.random.default_rng(7)
    stations = np.column_stack((random.uniform(121.463, 121.485, 300), random.uniform(31.221, 31.240, 300)))
    square = (121.4737, 31.2304)
    times = town.seconds_to(square, Mode.FOOT, stations, 3600)
    assert np.isfinite(times).all()
    for mode in Mode:  # whichever end is searched from
        from_place = Roads(read, cells=0).seconds_to(square, mode, stations, 3600)
        assert town.seconds_to(square, mode, stations, 3600) == pytest.approx(from_place, rel=1e-9)
    top = streets.distance_m(stations[:, 0], stations[:, 1], *np.array(square)) / 2.5
    # nobody outruns the straight line (0.5 % for the flat map)
    assert (times >= top * 0.995).all()
    assert 1.0 < np.median(times / top) < 2.0
    path = town.path(tuple(stations[0]), square, Mode.FOOT)
    assert len(path) > 4
    on_nodes = path[2:-2]
    apart = np.abs(on_nodes[:, None, 0] - read.lon) + np.abs(on_nodes[:, None, 1] - read.lat)
    assert apart.min(axis=1).max() < 1e-6
