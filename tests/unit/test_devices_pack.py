import json
from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices import catalogue, gcj02, pack, pack_files
from devices.fault import Fault
from devices.model import Shift
from devices.pack import Pack

PROFILES = catalogue.load()


def feature(code, level, parent, west, south, east, north, **more):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    properties = {"code": code, "name": f"grid {code}", "level": level, "parent": parent, **more}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def collection(*members):
    lines = ",\n".join(json.dumps(member, ensure_ascii=False) for member in members)
    return f'{{"type":"FeatureCollection",\n"features":[\n{lines}\n]}}'.encode()


def good():
    """A pack of one large, one middle and two small grids, side by side along longitude 121.5."""
    return {
        "grids.geojson": collection(
            feature("G1", 1, None, 121.4, 31.1, 121.6, 31.3),
            feature("G2", 2, "G1", 121.4, 31.1, 121.6, 31.3),
            feature("G3-B", 3, "G2", 121.5, 31.1, 121.6, 31.3),
            feature("G3-A", 3, "G2", 121.4, 31.1, 121.5, 31.3),
        ),
        "places.csv": (
            "code,name,category,address,lon,lat,floors,grid,station,risk,hazards,vulnerable,keyholder\n"
            "P-1,梧桐里,住宅,梧桐路 1 号,121.45,31.2,6,,ST-1,,,,\n"
            'P-2,"大药房, 一店",九小场所,梧桐路 2 号,121.55,31.2,2,,,高,"充电\n堵塞",,\n'
            "P-3,on the border,shop,x,121.5,31.2,1,,,,,,\n"
            "P-4,set by hand,shop,x,121.45,31.25,1,G3-B,,,,,\n"
        ).encode(),
        "stations.csv": (
            b"code,name,kind,lon,lat,grid,phone,crew_min,muster_s,mode,capacity,fallback\n"
            b"ST-1,one,unit,121.45,31.2,G3-A,000-1,3,60,foot,,\n"
            b"ST-2,two,community,121.55,31.21,G3-B,000-2,5,45,ebike,2,https://sms.example/st-2\n"
        ),
        "people.csv": b"code,name,phone,station,fallback\nA,ann,000-3,ST-1,http://sms.example/?to=a\nB,bob,000-4,,\n",
        "duties.csv": b"person,duty,scope\nB,leader,G3-A\nA,leader,G3-A\nA,chief,ST-1\nB,manager,P-2\nB,commander,\n",
        "rosters.csv": (
            b"station,weekday,from,to,person\nST-1,1-5,08:00,20:00,A\nST-1,*,20:00,08:00,B\nST-1,7,00:00,24:00,A\n"
        ),
        "gateways.csv": b"code,name,place\nGW-1,gw,P-1\n",
        "devices.csv": (
            b"code,profile,gateway,place,floor,room,lon,lat,installed_on\n"
            b"SMK-1,smoke-photo,GW-1,P-1,3,301,121.4501,31.2001,2026-01-31\n"
            b"ELE-1,electric-3p,GW-1,P-2,,,,,\n"
        ),
        "closures.csv": b"""code,kind,place,lon,lat,from,until,modes,note
C-1,road,,121.46,31.2,2026-03-31T08:00:00+08:00,,vehicle ebike,works
C-2,lift,P-1,,,,,,
""",
        "water.csv": b"code,kind,lon,lat,state\nW-1,hydrant,121.46,31.2,ok\n",
        "lanes.geojson": collection(
            {
                "type": "Feature",
                "properties": {"name": "通道"},
                "geometry": {"type": "LineString", "coordinates": [[121.45, 31.2], [121.46, 31.2, 4]]},
            }
        ),
        "equipment.csv": b"station,item,count,checked_on,expires_on\nST-1,extinguisher,8,2026-01-01,\n",
        "rules.csv": b"code,alarm,place,confirm\nR-1,fire,P-1,floor\n",
    }


def faults(files, crs="wgs84"):
    found = pack.parse(files, crs, PROFILES)
    return [str(fault) for fault in found] if isinstance(found, list) else []


def edited(file, old, new):
    files = good()
    assert old in files[file]
    return {**files, file: files[file].replace(old, new)}


def test_a_good_pack_is_the_whole_registry():
    found = pack.parse(good(), "wgs84", PROFILES)
    assert isinstance(found, Pack), found
    registry = found.registry
    assert list(registry.grids) == ["G1", "G2", "G3-B", "G3-A"]
    assert {code: place.grid for code, place in registry.places.items()} == {
        "P-1": "G3-A",
        "P-2": "G3-B",
        "P-3": "G3-A",
        "P-4": "G3-B",
    }
    assert registry.places["P-2"].name == "大药房, 一店"
    assert registry.places["P-2"].hazards == "充电\n堵塞"
    assert [duty.person for duty in registry.duties][:2] == ["B", "A"]
    assert len(registry.shifts) == 5 + 7 + 1
    assert Shift("ST-1", 7, time(0), time(0), "A") in registry.shifts
    assert json.loads(registry.lanes["lane-1"].geometry)["coordinates"] == [[121.45, 31.2], [121.46, 31.2]]
    assert found.notes == (Fault("places.csv", 6, "its position lies in grid G3-A, G3-B is kept as given"),)


def test_optional_files_may_be_absent_and_mandatory_ones_may_not():
    files = good()
    for name in ("rosters.csv", "water.csv", "lanes.geojson", "equipment.csv", "closures.csv", "rules.csv"):
        del files[name]
    assert faults(files) == []
    del files["stations.csv"]
    assert faults(files) == ["stations.csv: is missing"]


def test_an_empty_folder_lacks_every_mandatory_file(tmp_path):
    found = pack.read(tmp_path, "wgs84", PROFILES)
    assert [str(fault) for fault in found] == [f"{name}: is missing" for name in pack.MANDATORY]


def test_a_folder_that_is_not_there_is_one_fault(tmp_path):
    (fault,) = pack.read(tmp_path / "none", "wgs84", PROFILES)
    assert "cannot be read" in str(fault)


def test_a_pack_on_disk_is_read_and_other_files_are_noted(tmp_path):
    for name, data in good().items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "roster.csv").write_text("x")
    found = pack.read(tmp_path, "wgs84", PROFILES)
    assert Fault("roster.csv", 0, "is no part of a pack and is ignored") in found.notes
    assert "places 4" in found.lines()


def test_an_unknown_reference_system_is_an_error_of_the_caller(tmp_path):
    with pytest.raises(ValueError, match="bd09"):
        pack.read(tmp_path, "bd09", PROFILES)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("places.csv", b"P-2", b"P-1", "places.csv:3: code: P-1 already stands on line 2"),
        ("places.csv", b"121.5,31.2,1", b"121.7,31.2,1", "places.csv:5: 121.7, 31.2 lies in no small grid"),
        ("places.csv", b"G3-B", b"G9", "places.csv:6: grid: there is no grid G9"),
        ("places.csv", b"G3-B", b"G2", "places.csv:6: grid: G2 is of level 2"),
        ("places.csv", b"ST-1", b"ST-9", "places.csv:2: station: there is no station ST-9"),
        ("places.csv", b",address", b",adress", "places.csv:1: the header lacks address"),
        ("places.csv", b"6,,ST-1,,,,", b"6,,ST-1,,,,,x", "places.csv:2: 14 values under 13 columns"),
        ("stations.csv", b"community", b"church", "stations.csv:3: kind: 'church' is none of unit, community"),
        ("stations.csv", b"G3-B", b"G9", "stations.csv:3: grid: there is no grid G9"),
        ("people.csv", b"ST-1", b"ST-9", "people.csv:2: station: there is no station ST-9"),
        ("people.csv", b"ann", b"\xb0\xa2", "people.csv:2: not UTF-8"),
        (
            "duties.csv",
            b"leader,G3-A\nA",
            b"leader,P-1\nA",
            "duties.csv:2: scope of a leader: there is no grid P-1 (P-1 is",
        ),
        ("duties.csv", b"B,manager", b"C,manager", "duties.csv:5: person: there is no person C"),
        ("duties.csv", b"\nA,leader", b"\nB,leader", "duties.csv:3: the same stands on line 2"),
        ("duties.csv", b"chief", b"boss", "duties.csv:4: duty: 'boss' is none of"),
        ("rosters.csv", b"1-5", b"1-8", "rosters.csv:2: weekday: '1-8' is not"),
        ("rosters.csv", b"20:00,A", b"25:00,A", "rosters.csv:2: to: '25:00' is not a time"),
        ("rosters.csv", b"ST-1,*", b"ST-9,*", "rosters.csv:3: station: there is no station ST-9"),
        ("gateways.csv", b"P-1", b"P-9", "gateways.csv:2: place: there is no place P-9"),
        ("gateways.csv", b"GW-1", b"_", "gateways.csv:2: code: '_' is not a code"),
        (
            "devices.csv",
            b"smoke-photo",
            b"smoke-laser",
            "devices.csv:2: profile: there is no profile smoke-laser; there are",
        ),
        (
            "devices.csv",
            b"ELE-1,electric-3p,GW-1",
            b"ELE-1,electric-3p,GW-2",
            "devices.csv:3: gateway: there is no gateway",
        ),
        ("devices.csv", b"2026-01-31", b"31.1.2026", "devices.csv:2: installed_on: '31.1.2026' is not a date"),
        ("devices.csv", b"3,301", b'3,"301', "devices.csv:2: a quoted value begins here and never ends"),
        ("water.csv", b"31.2", b"91.2", "water.csv:2: lat: 91.2 is not within"),
        ("equipment.csv", b"ST-1", b"ST-9", "equipment.csv:2: station: there is no station ST-9"),
        ("rules.csv", b"P-1", b"P-9", "rules.csv:2: place: there is no place P-9"),
        ("rules.csv", b"fire", b"fault", "rules.csv:2: rules.fault: only a fire waits for a second detector"),
        ("rules.csv", b"floor", b"zone", "rules.csv:2: confirm: 'zone' is none of room, floor, place, none"),
        ("grids.geojson", b'"level": 2', b'"level": 3', "grids.geojson:4: parent: G1 is of level 1, one of level 2"),
        ("grids.geojson", b'"parent": "G1"', b'"parent": "G0"', "grids.geojson:4: parent: there is no grid G0"),
        ("grids.geojson", b'"code": "G3-A"', b'"code": "G3-B"', "grids.geojson:6: code: G3-B already stands on line 5"),
        (
            "grids.geojson",
            b"[121.5, 31.3], [121.5, 31.1]]]",
            b"[121.5, 31.3], [121.5, 31.2]]]",
            "grids.geojson:5: a ring is not closed",
        ),
        ("grids.geojson", b'"FeatureCollection",', b'"FeatureCollection"', "grids.geojson:2: not JSON"),
        ("grids.geojson", b"FeatureCollection", b"Feature", "grids.geojson: not a GeoJSON FeatureCollection"),
        ("lanes.geojson", b"LineString", b"Point", "lanes.geojson:3: geometry is none of"),
    ],
)
def test_each_mistake_is_reported_with_file_line_and_reason(file, old, new, expected):
    files = edited(file, old, new)
    assert any(fault.startswith(expected) for fault in faults(files)), faults(files)


def test_mistakes_in_many_files_are_reported_together_in_order():
    files = good()
    files["grids.geojson"] = files["grids.geojson"].replace(b'"name": "grid G2"', b'"name": ""')
    files["places.csv"] = files["places.csv"].replace(b"121.45,31.2,6", b"x,31.2,y")
    files["devices.csv"] = files["devices.csv"].replace(b"electric-3p", b"electric-9p")
    assert [fault.partition(": ")[0] for fault in faults(files)] == [
        "grids.geojson:4",
        "places.csv:2",
        "places.csv:2",
        "devices.csv:3",
    ]


def test_what_refers_to_a_row_with_faults_is_not_reported_too():
    files = edited("places.csv", b"121.45,31.2,6", b"121.45,31.2,six")
    assert faults(files) == ["places.csv:2: floors: 'six' is not a whole number"]


def test_places_in_a_flawed_grid_are_not_reported_too_but_those_outside_are():
    files = edited("places.csv", b"121.5,31.2,1", b"130,40,1")
    ring = b"[121.4, 31.1], [121.5, 31.1], [121.5, 31.3], [121.4, 31.3], [121.4, 31.1]"
    bow_tie = b"[121.4, 31.1], [121.5, 31.3], [121.5, 31.1], [121.4, 31.3], [121.4, 31.1]"
    assert ring in files["grids.geojson"]
    files["grids.geojson"] = files["grids.geojson"].replace(ring, bow_tie)
    found = faults(files)
    assert [fault.partition(": ")[0] for fault in found] == ["grids.geojson:6", "places.csv:5"]
    assert "Self-intersection" in found[0]


def test_a_byte_order_mark_blank_lines_other_column_orders_and_crlf_are_taken():
    files = good()
    files["people.csv"] = "\ufeffphone, name ,code,favourite\r\n\r\n000-3,ann,A,tea\r\n000-4,bob,B,\r\n".encode()
    found = pack.parse(files, "wgs84", PROFILES)
    assert isinstance(found, Pack), found
    assert found.registry.people["A"].name == "ann"
    assert Fault("people.csv", 1, "column 'favourite' is not known and is ignored") in found.notes


def test_line_numbers_are_the_files_also_after_values_of_several_lines():
    files = edited("places.csv", b"on the border", b"")
    assert faults(files) == ["places.csv:5: name is empty"]


def test_a_gcj02_pack_is_moved_to_wgs84_and_places_fall_into_the_same_grids():
    moved = pack.parse(good(), "gcj02", PROFILES)
    assert isinstance(moved, Pack), moved
    plain = pack.parse(good(), "wgs84", PROFILES).registry
    assert moved.registry.places["P-1"].grid == "G3-A"
    for noun in ("places", "stations", "water"):
        for code, value in getattr(plain, noun).items():
            there = getattr(moved.registry, noun)[code]
            assert (there.lon, there.lat) == gcj02.to_wgs84(value.lon, value.lat)
    device = moved.registry.devices["SMK-1"]
    assert (device.lon, device.lat) == gcj02.to_wgs84(121.4501, 31.2001)
    corner = plain.grids["G1"].polygon[0][0][0]
    assert moved.registry.grids["G1"].polygon[0][0][0] == gcj02.to_wgs84(*corner)
    lane = json.loads(moved.registry.lanes["lane-1"].geometry)["coordinates"][0]
    assert tuple(lane) == gcj02.to_wgs84(121.45, 31.2)


def test_a_grid_outside_its_parent_or_upon_another_is_noted():
    files = good()
    west = feature("G1-X", 1, None, 120.0, 31.1, 120.2, 31.3), feature("G2-X", 2, "G1-X", 121.4, 31.1, 121.6, 31.3)
    upon = feature("G3-C", 3, "G2", 121.45, 31.1, 121.5, 31.3)
    files["grids.geojson"] = files["grids.geojson"].replace(b"\n]}", b",\n" + collection(*west, upon)[41:])
    found = pack.parse(files, "wgs84", PROFILES)
    assert isinstance(found, Pack), found
    assert {note.reason for note in found.notes if note.file == "grids.geojson"} == {
        "most of it lies outside its parent G1-X",
        "100% of it or of G3-A lies in both: places there are G3-A's",
    }


def test_a_floor_far_above_the_roof_is_noted():
    found = pack.parse(edited("devices.csv", b"P-1,3,", b"P-1,30,"), "wgs84", PROFILES)
    assert Fault("devices.csv", 2, "floor 30: place P-1 has 6") in found.notes


def test_two_street_files_are_one_too_many_and_a_broken_one_is_a_fault():
    files = good()
    files["roads.osm"] = b"<osm"
    files["roads.osm.pbf"] = b""
    found = faults(files)
    assert "roads.osm.pbf: there is also roads.osm: keep one of them" in found
    assert any(fault.startswith("roads.osm: ") for fault in found)


def test_what_is_written_is_read_again_as_the_same_and_written_the_same():
    registry = pack.parse(good(), "wgs84", PROFILES).registry
    written = pack_files.files(registry)
    assert b"ST-1,7,00:00,24:00,A\n" in written["rosters.csv"]
    again = pack.parse(written, "wgs84", PROFILES)
    assert isinstance(again, Pack), again
    assert again.registry == registry.__class__(
        **{
            **{
                name: getattr(registry, name)
                for name in ("places", "stations", "people", "gateways", "devices", "rules")
            },
            **{
                name: getattr(registry, name)
                for name in ("grids", "duties", "water", "lanes", "equipment", "closures", "profiles")
            },
            "shifts": tuple(sorted(registry.shifts, key=lambda shift: (shift.weekday, shift.start, shift.until))),
        }
    )
    assert pack_files.files(again.registry) == written


def test_exported_places_follow_their_position_unless_set_by_hand():
    rows = pack_files.files(pack.parse(good(), "wgs84", PROFILES).registry)["places.csv"].decode().splitlines()
    assert ",1,G3-B,," in next(row for row in rows if row.startswith("P-4"))
    assert not any("G3" in row for row in rows if not row.startswith("P-4"))


def test_text_a_database_would_refuse_is_a_fault():
    files = good()
    files["lanes.geojson"] = files["lanes.geojson"].replace("通道".encode(), b"\\u0000")
    assert faults(files) == ["lanes.geojson:3: properties hold U+0000 or half a surrogate pair"]
    files = edited("grids.geojson", b"grid G1", b"grid \\ud800")
    assert faults(files) == ["grids.geojson:3: name: holds the control character U+D800"]


def test_numbers_that_are_none_in_geojson_are_faults_not_crashes():
    for number in (b"NaN", b"1e999", b"Infinity"):
        (fault,) = faults(edited("grids.geojson", b"121.4, 31.1", number + b", 31.1"))
        assert fault.startswith("grids.geojson: ")
    assert faults({**good(), "grids.geojson": b"[" * 100_000}) == ["grids.geojson: nested too deeply"]


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(sorted(good())),
    at=st.floats(0, 1),
    length=st.integers(0, 12),
    inserted=st.binary(max_size=6)
    | st.sampled_from([b'"', b",", b"\n", b"[", b"}", b"null", b"1e999", b"-1", b"G3-A"]),
    crs=st.sampled_from(sorted(pack.MOVES)),
)
def test_a_damaged_pack_is_taken_or_explained_but_never_crashes(name, at, length, inserted, crs):
    files = good()
    data = files[name]
    start = int(at * len(data))
    files[name] = data[:start] + inserted + data[start + length :]
    found = pack.parse(files, crs, PROFILES)
    if isinstance(found, list):
        assert found
        assert all(fault.reason and fault.line <= len(files[fault.file].splitlines()) + 1 for fault in found)
    else:
        assert pack.parse(pack_files.files(found.registry), "wgs84", PROFILES).registry.places == found.registry.places
