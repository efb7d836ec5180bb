import csv
import io
import itertools
import json
from datetime import datetime
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from devices import catalogue, pack, streets
from devices.model import DutyKind, Mode, StationKind
from dispatch.ways.roads import Roads
from simulators.district import pack as district

LOCAL = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def texts():
    return district.draw(1)


@pytest.fixture(scope="module")
def read(texts):
    found = pack.parse({name: text.encode() for name, text in texts.items()}, "wgs84", catalogue.load())
    assert isinstance(found, pack.Pack), [str(fault) for fault in found[:5]]
    return found


@pytest.fixture(scope="module")
def registry(read):
    return read.registry


def rows(texts, name):
    return list(csv.DictReader(io.StringIO(texts[name])))


def test_the_same_seed_writes_the_same_bytes(texts, tmp_path):
    district.write(tmp_path, 1)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == texts


def test_another_seed_is_another_district(texts):
    other = district.draw(2)
    assert all(other[name] != text for name, text in texts.items())


def test_the_pack_is_taken_without_a_fault_or_a_note(read):
    assert read.notes == ()


def test_there_is_as_much_of_everything_as_a_district_has(registry):
    assert [sum(grid.level == level for grid in registry.grids.values()) for level in (1, 2, 3)] == [3, 12, 60]
    counts = len(registry.places), len(registry.stations), len(registry.gateways), len(registry.devices)
    assert counts == (600, 40, 60, 3000)
    kinds = [station.kind for station in registry.stations.values()]
    assert [kinds.count(kind) for kind in StationKind] == [15, 19, 4, 2]


def test_children_tile_their_parent_without_gap_or_overlap(texts):
    features = json.loads(texts["grids.geojson"])["features"]
    polygons = {feature["properties"]["code"]: shape(feature["geometry"]) for feature in features}
    children = {}
    for feature in features:
        children.setdefault(feature["properties"]["parent"], []).append(polygons[feature["properties"]["code"]])
    for code, parts in children.items():
        assert all(part.is_valid for part in parts)
        assert shapely.coverage_is_valid(parts)
        if code is not None:
            assert shapely.coverage_union_all(parts).equals(polygons[code])


def test_every_place_lies_in_the_grid_it_names(texts):
    polygons = {f["properties"]["code"]: shape(f["geometry"]) for f in json.loads(texts["grids.geojson"])["features"]}
    for row in rows(texts, "places.csv") + rows(texts, "stations.csv"):
        assert polygons[row["grid"]].contains(shapely.Point(float(row["lon"]), float(row["lat"]))), row["code"]


def test_no_place_stands_in_the_river(texts):
    river = shapely.from_wkt(_water(texts["roads.osm"]))
    wet = [row["code"] for row in rows(texts, "places.csv") if river.contains(shapely.Point(_at(row)))]
    assert wet == []


def _at(row):
    return float(row["lon"]), float(row["lat"])


def _water(osm):
    root = ET.fromstring(osm)
    nodes = {node.get("id"): f"{node.get('lon')} {node.get('lat')}" for node in root.iter("node")}
    river = next(way for way in root.iter("way") if any(tag.get("v") == "river" for tag in way.iter("tag")))
    return f"POLYGON(({','.join(nodes[each.get('ref')] for each in river.iter('nd'))}))"


def test_three_bridges_carry_all_streets_over_the_river(texts):
    assert texts["roads.osm"].count('k="bridge"') == 3


def test_nearest_by_line_is_often_not_nearest_by_road(read):
    """With one speed for all, so that only the streets make the difference."""
    places = list(read.registry.places.values())
    stations = list(read.registry.stations.values())
    at = np.array([(station.lon, station.lat) for station in stations])
    roads = Roads(streets.from_bytes(read.roads.network))
    differ = 0
    for place in places:
        by_line = streets.distance_m(place.lon, place.lat, at[:, 0], at[:, 1])
        by_road = roads.seconds_to((place.lon, place.lat), Mode.VEHICLE, at, 7200.0)
        assert np.isfinite(by_road).all(), place.code
        differ += int(np.argmin(by_line)) != int(np.argmin(by_road))
    assert differ >= 0.1 * len(places)


def test_names_of_people_places_and_stations_come_once(registry):
    for things in (registry.people, registry.places, registry.stations, registry.grids):
        names = [thing.name for thing in things.values()]
        assert len(set(names)) == len(names)


def test_no_telephone_number_could_be_real(registry):
    phones = [thing.phone for thing in itertools.chain(registry.people.values(), registry.stations.values())]
    assert all(phone.startswith("000-") for phone in phones)
    assert len(set(phones)) == len(phones)


def test_every_grid_has_a_leader_and_every_place_a_manager(registry):
    assert all(registry.holders(DutyKind.LEADER, grid) for grid in registry.grids)
    assert all(registry.holders(DutyKind.MANAGER, place) for place in registry.places)
    assert len(registry.holders(DutyKind.COMMANDER, "")) == 1


def test_a_shift_is_never_weaker_than_the_least_crew(registry):
    for code, station in registry.stations.items():
        for weekday, hour in itertools.product(range(2, 9), (0, 9, 21)):
            crew = registry.on_shift(code, datetime(2026, 11, weekday, hour, 30, tzinfo=LOCAL))
            assert crew is None or len(crew) == 0 or len(crew) >= station.crew_min


def test_most_stations_are_on_duty_at_any_hour_and_some_unit_stations_sleep(registry):
    asleep = {code for code in registry.stations if not registry.on_duty(code, datetime(2026, 11, 4, 3, tzinfo=LOCAL))}
    assert 1 <= len(asleep) <= 10
    assert {registry.stations[code].kind for code in asleep} == {StationKind.UNIT}
    assert all(registry.on_duty(code, datetime(2026, 11, 4, 12, tzinfo=LOCAL)) for code in registry.stations)


def test_unit_stations_belong_to_a_place_of_their_own(registry):
    owned = [place.station for place in registry.places.values() if place.station is not None]
    units = [code for code, station in registry.stations.items() if station.kind is StationKind.UNIT]
    assert sorted(owned) == sorted(units)


def test_devices_are_of_shipped_models_and_stand_behind_the_gateway_of_their_grid(registry):
    profiles = catalogue.load()
    home = {code: registry.places[gateway.place].grid for code, gateway in registry.gateways.items()}
    for device in registry.devices.values():
        assert device.profile in profiles
        place = registry.places[device.place]
        assert home[device.gateway] == place.grid
        assert 1 <= device.floor <= place.floors
    assert {device.profile for device in registry.devices.values()} == set(profiles)


def test_a_restaurant_and_a_high_rise_have_two_smoke_detectors_one_of_them_analogue(registry):
    for place in registry.places.values():
        if place.category in {"restaurant", "high_rise"}:
            models = [device.profile for device in registry.devices.values() if device.place == place.code]
            assert sum(model.startswith("smoke") for model in models) >= 2
            assert "smoke-photo" in models or "smoke-heat" in models


def test_too_few_devices_for_the_places_are_refused():
    with pytest.raises(ValueError, match="fewer than two"):
        district.draw(1, devices=1000)
