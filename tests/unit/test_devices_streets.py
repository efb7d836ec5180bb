"""Streets read from OpenStreetMap, against small files whose right answer is plain, and the real centre of a city."""

import itertools
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import osmium
import pytest

from devices import streets
from devices.model import Mode

SHANGHAI = Path(__file__).parents[3] / "shared" / "data" / "shanghai-center.osm"
FOOT, EBIKE, MOTORCYCLE, VEHICLE = range(4)
STEP_M = 111.195  # 0.001 degrees of latitude on the mean sphere


def osm(*ways: dict[str, str], nodes: Sequence[dict[str, str]] = ({}, {}, {})) -> bytes:
    """Nodes 1.. northwards 0.001 degrees apart; each way runs along all of them."""

    def tagged(tags: dict[str, str]) -> str:
        return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())

    points = "".join(
        f'<node id="{i}" version="1" lon="121.5" lat="{31 + i / 1000}">{tagged(tags)}</node>'
        for i, tags in enumerate(nodes, 1)
    )
    line = "".join(f'<nd ref="{i}"/>' for i in range(1, len(nodes) + 1))
    lines = "".join(f'<way id="{i}" version="1">{line}{tagged(tags)}</way>' for i, tags in enumerate(ways, 1))
    return f'<osm version="0.6">{points}{lines}</osm>'.encode()


def directions(network: streets.StreetNetwork, mode: int) -> set[tuple[int, int]]:
    open_ = np.isfinite(network.seconds[mode])
    return set(zip(network.start[open_].tolist(), network.end[open_].tolist(), strict=True))


THERE = {(0, 1), (1, 2)}
BACK = {(1, 0), (2, 1)}


def test_an_edge_takes_its_length_over_the_modes_speed():
    network = streets.read("roads.osm", osm({"highway": "residential"}))
    assert network.length_m == pytest.approx([STEP_M] * 4, rel=1e-4)
    speeds = np.array(streets.SPEEDS_MPS["residential"])
    assert network.seconds == pytest.approx(np.outer(1 / speeds, [STEP_M] * 4), rel=1e-4)
    assert list(network.lat) == pytest.approx([31.001, 31.002, 31.003])


@pytest.mark.parametrize(
    ("tags", "wheels"),
    [
        ({"oneway": "yes"}, THERE),
        ({"oneway": "-1"}, BACK),
        ({"oneway": "no"}, THERE | BACK),
        ({"oneway": "reversible"}, set()),
        ({"junction": "roundabout"}, THERE),
        ({"junction": "roundabout", "oneway": "-1"}, BACK),
        ({}, THERE | BACK),
    ],
)
def test_oneway_binds_wheels_but_not_feet(tags, wheels):
    network = streets.read("roads.osm", osm({"highway": "tertiary", **tags}))
    assert directions(network, VEHICLE) == wheels
    assert directions(network, MOTORCYCLE) == wheels
    assert directions(network, EBIKE) == wheels
    assert directions(network, FOOT) == THERE | BACK


@pytest.mark.parametrize("tag", [{"oneway:bicycle": "no"}, {"cycleway": "opposite_lane"}])
def test_an_ebike_rides_against_a_oneway_that_lets_bicycles(tag):
    network = streets.read("roads.osm", osm({"highway": "tertiary", "oneway": "yes", **tag}))
    assert directions(network, EBIKE) == THERE | BACK
    assert directions(network, VEHICLE) == THERE


def test_a_motorway_is_oneway_and_for_vehicles_only():
    network = streets.read("roads.osm", osm({"highway": "motorway"}))
    assert directions(network, VEHICLE) == THERE
    assert not directions(network, FOOT) | directions(network, EBIKE)


@pytest.mark.parametrize(
    ("tags", "modes"),
    [
        ({"highway": "residential"}, "fEmv"),
        ({"highway": "residential", "access": "no"}, ""),
        ({"highway": "residential", "access": "private"}, "fEmv"),
        ({"highway": "residential", "access": "no", "foot": "yes"}, "f"),
        ({"highway": "residential", "access": "no", "emergency": "yes"}, "fEmv"),
        ({"highway": "residential", "motor_vehicle": "no"}, "fE"),
        ({"highway": "residential", "vehicle": "no"}, "f"),
        ({"highway": "residential", "vehicle": "no", "bicycle": "yes"}, "fE"),
        ({"highway": "residential", "motorcycle": "no"}, "fEv"),
        ({"highway": "residential", "foot": "no"}, "Emv"),
        ({"highway": "footway"}, "fE"),
        ({"highway": "footway", "bicycle": "no"}, "f"),
        ({"highway": "steps"}, "f"),
        ({"highway": "pedestrian", "motor_vehicle": "delivery"}, "fEmv"),
        ({"highway": "pedestrian", "access": "yes"}, "fE"),
        ({"highway": "trunk"}, "fEmv"),
        ({"highway": "trunk", "bridge": "yes"}, "mv"),
        ({"highway": "trunk", "name": "龙湾高架路"}, "mv"),
        ({"highway": "trunk", "tunnel": "yes", "bicycle": "yes"}, "Emv"),
        ({"highway": "primary", "motorroad": "yes"}, "mv"),
    ],
)
def test_a_way_opens_to_the_modes_its_tags_let_in(tags, modes):
    along, against = streets.speeds(tags)
    assert "".join(letter for letter, speed in zip("fEmv", along, strict=True) if speed) == modes
    assert along == against


def test_a_dismounted_ebike_is_pushed_and_a_speed_limit_binds_wheels():
    assert streets.speeds({"highway": "residential", "bicycle": "dismount"})[0][EBIKE] == pytest.approx(1.4)
    along, _ = streets.speeds({"highway": "primary", "maxspeed": "5"})
    assert along == pytest.approx((2.5, 5 / 3.6, 5 / 3.6, 5 / 3.6))
    assert streets.speeds({"highway": "primary", "maxspeed": "10 mph"})[0][VEHICLE] == pytest.approx(4.4704)
    assert streets.speeds({"highway": "primary", "maxspeed": "CN:urban"}) == streets.speeds({"highway": "primary"})


@pytest.mark.parametrize(
    ("tags", "modes"),
    [
        ({"highway": "crossing"}, "fEmv"),
        ({"barrier": "bollard"}, "fEm"),
        ({"barrier": "bollard", "access": "yes"}, "fEm"),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, "fEmv"),
        ({"barrier": "gate"}, "fEmv"),
        ({"barrier": "gate", "access": "private"}, "fEmv"),
        ({"barrier": "gate", "access": "no", "foot": "yes"}, "f"),
        ({"barrier": "gate", "locked": "yes"}, "f"),
        ({"barrier": "cycle_barrier"}, "fE"),
        ({"barrier": "stile"}, "f"),
        ({"barrier": "wall"}, ""),
        ({"barrier": "planter"}, "fEm"),
    ],
)
def test_a_barrier_lets_past_the_modes_it_can(tags, modes):
    assert "".join(letter for letter, open_ in zip("fEmv", streets.passes(tags), strict=True) if open_) == modes


def test_a_bollard_cuts_the_street_for_vehicles_alone():
    network = streets.read("roads.osm", osm({"highway": "service"}, nodes=({}, {"barrier": "bollard"}, {}, {})))
    assert directions(network, VEHICLE) == {(2, 3), (3, 2)}
    assert directions(network, MOTORCYCLE) == {(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2)}


@pytest.mark.parametrize(
    ("barrier", "lost"),
    [("gate", (3, 6, 10, 15)), ("lift_gate", (0, 3, 5, 10)), ("bollard", (0, 0, 0, 0)), ("entrance", (0, 0, 0, 0))],
)
def test_a_gate_costs_time_by_mode_however_one_comes_to_it(barrier, lost):
    way = {"highway": "residential"}
    free = streets.read("x.osm", osm(way))
    gated = streets.read("x.osm", osm(way, nodes=({}, {"barrier": barrier}, {})))
    north = [edge for edge in range(len(free.start)) if free.lat[free.end[edge]] > free.lat[free.start[edge]]]
    for mode in (FOOT, EBIKE, MOTORCYCLE):
        assert gated.seconds[mode, north].sum() - free.seconds[mode, north].sum() == pytest.approx(lost[mode], abs=1e-3)
    if barrier != "bollard":
        assert gated.seconds[VEHICLE].sum() - free.seconds[VEHICLE].sum() == pytest.approx(2 * lost[VEHICLE], abs=1e-3)


@pytest.mark.parametrize(
    ("tags", "passed"),
    [({"maxheight": "2.5"}, False), ({"maxheight": "2.5 m"}, False), ({"maxheight": "2.6"}, True),
     ({"maxweight": "3,5 t"}, False), ({"maxweight": "10"}, True), ({"maxwidth": "1.8"}, False),
     ({"maxheight": "default"}, True), ({"maxheight": "8'6\""}, True)],
)  # fmt: skip
def test_what_is_too_low_weak_or_narrow_stops_vehicles_and_nobody_else(tags, passed):
    along, against = streets.speeds({"highway": "residential", **tags})
    assert (along[VEHICLE] > 0, against[VEHICLE] > 0) == (passed, passed)
    assert min(along[:VEHICLE]) > 0
    assert streets.passes({"barrier": "height_restrictor", **tags}) == (True, True, True, passed)


def test_areas_works_and_plans_are_no_streets():
    ways = [
        {"highway": "construction"},
        {"highway": "proposed"},
        {"highway": "pedestrian", "area": "yes"},
        {"railway": "rail"},
    ]
    network = streets.read("roads.osm", osm({"highway": "service", "name": "桥巷"}, *ways))
    assert list(network.way_name) == ["桥巷"]
    with pytest.raises(ValueError, match=r"roads\.osm: holds no street"):
        streets.read("roads.osm", osm(*ways))


def test_a_way_is_cut_where_its_node_is_missing():
    source = osm({"highway": "service"}, nodes=({},) * 5).replace(b'<node id="3"', b'<node id="99"')
    network = streets.read("roads.osm", source)
    assert len(network.lon) == 4
    assert directions(network, FOOT) == {(0, 1), (1, 0), (2, 3), (3, 2)}
    assert len(network.way_class) == 2


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("roads.osm", b""),
        ("roads.osm", b"\x00\x01 not xml"),
        ("roads.osm", b"<html/>"),
        ("roads.osm", osm({"highway": "service"})[:-30]),
        ("roads.osm", osm({"highway": "service"}).replace(b'lat="31.002"', b'lat="north"')),
        ("roads.osm.pbf", b""),
        ("roads.osm.pbf", osm({"highway": "service"})),
        ("roads.shp", b""),
        ("roads.osm", osm()),
    ],
)
def test_a_bad_file_is_refused_by_name(name, source):
    with pytest.raises(ValueError, match=name.replace(".", r"\.")):
        streets.read(name, source)


def test_pbf_and_xml_of_the_same_streets_are_the_same_network(tmp_path):
    source = osm({"highway": "service", "oneway": "yes"}, {"highway": "steps"}, nodes=({}, {"barrier": "gate"}, {}))
    with osmium.SimpleWriter(str(tmp_path / "roads.osm.pbf")) as writer:
        for thing in osmium.FileProcessor(osmium.io.FileBuffer(source, "osm")):
            writer.add(thing)
    packed = streets.read("roads.osm.pbf", (tmp_path / "roads.osm.pbf").read_bytes())
    assert packed.to_bytes() == streets.read("roads.osm", source).to_bytes()


def test_a_stored_network_comes_back_and_others_are_refused():
    network = streets.read("roads.osm", osm({"highway": "service", "name": "桥巷"}))
    stored = network.to_bytes()
    again = streets.from_bytes(stored)
    assert again.to_bytes() == stored
    assert again.seconds.dtype == again.length_m.dtype == np.float32
    assert again.start.dtype == np.int32
    assert str(again.way_name[0]) == "桥巷"
    for bad in (b"", b"PK", stored[:-40], stored[:200], b"\x93NUMPY"):
        with pytest.raises(ValueError, match="not a stored street network"):
            streets.from_bytes(bad)


def test_the_map_draws_each_way_with_its_class_and_name():
    drawn = json.loads(
        streets.geojson(streets.read("roads.osm", osm({"highway": "primary", "name": "滨江路"}, {"highway": "steps"})))
    )
    assert drawn["type"] == "FeatureCollection"
    assert [feature["properties"] for feature in drawn["features"]] == [
        {"class": "primary", "name": "滨江路"},
        {"class": "steps", "name": ""},
    ]
    for feature in drawn["features"]:
        assert feature["geometry"] == {
            "type": "LineString",
            "coordinates": [[121.5, 31.001], [121.5, 31.002], [121.5, 31.003]],
        }


def test_distances_are_great_circles():
    quarter = streets.distance_m(np.array([0.0]), np.array([0.0]), np.array([90.0]), np.array([0.0]))
    assert quarter[0] == pytest.approx(math.pi / 2 * 6_371_008.8)


def test_modes_stand_in_the_models_order():
    assert streets.MODES == (Mode.FOOT, Mode.EBIKE, Mode.MOTORCYCLE, Mode.VEHICLE)


@pytest.mark.skipif(not SHANGHAI.exists(), reason=f"REAL DATA ABSENT: no {SHANGHAI.name} in ../shared/data")
def test_the_centre_of_shanghai_is_read_whole():
    network = streets.read(SHANGHAI.name, SHANGHAI.read_bytes())
    assert len(network.way_class) == 796
    assert len(network.lon) == 2458
    # 3,387 directed edges, less three two-way streets with access=no, each written there and back
    assert np.isfinite(network.seconds[VEHICLE]).sum() == 3387 - 3 * 4
    # on foot, every piece both ways, but for those three and the expressways with their bridges, tunnels and ramps
    lines = np.split(network.way_node, network.way_offset[1:-1])
    walked = {
        (int(a), int(b))
        for line, kind, name in zip(lines, network.way_class, network.way_name, strict=True)
        for a, b in itertools.pairwise(line)
        if "trunk" not in streets.CLASSES[kind]
    }
    assert len(walked) > 2000
    missing = {(b, a) for a, b in walked} | walked
    missing -= directions(network, FOOT)
    assert len(missing) == 3 * 2
    assert set(network.start) | set(network.end) <= set(range(2458))
    assert 121.46 < network.lon.min() < network.lon.max() < 121.487
    assert 31.219 < network.lat.min() < network.lat.max() < 31.242
    elevated = [w for w, name in enumerate(network.way_name) if name == "南北高架路"]
    assert elevated
    assert {streets.CLASSES[network.way_class[w]] for w in elevated} == {"trunk"}
