import asyncio
import re
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from devices import catalogue, edit, pack, pack_store, store
from devices.fault import Fault
from devices.model import Shift
from devices.pack import Pack
from devices.statements import statement

PROFILES = catalogue.load()

GRIDS = """{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"code":"G1","name":"大","level":1},"geometry":{"type":"Polygon","coordinates":
  [[[121.4,31.1],[121.6,31.1],[121.6,31.3],[121.4,31.3],[121.4,31.1]]]}},
{"type":"Feature","properties":{"code":"G2","name":"中","level":2,"parent":"G1"},"geometry":{"type":"Polygon",
  "coordinates":[[[121.4,31.1],[121.6,31.1],[121.6,31.3],[121.4,31.3],[121.4,31.1]]]}},
{"type":"Feature","properties":{"code":"G3-A","name":"小甲","level":3,"parent":"G2"},"geometry":{"type":"Polygon",
  "coordinates":[[[121.4,31.1],[121.5,31.1],[121.5,31.3],[121.4,31.3],[121.4,31.1]]]}},
{"type":"Feature","properties":{"code":"G3-B","name":"小乙","level":3,"parent":"G2"},"geometry":{"type":"MultiPolygon",
  "coordinates":[[[[121.5,31.1],[121.6,31.1],[121.6,31.3],[121.5,31.3],[121.5,31.1]]],
  [[[122,31],[122.1,31],[122.1,31.1],[122,31.1],[122,31]],
   [[122.02,31.02],[122.04,31.02],[122.04,31.04],[122.02,31.02]]]]}}
]}"""

FILES = {
    "grids.geojson": GRIDS,
    "places.csv": """code,name,category,address,lon,lat,floors,grid,station,risk,hazards,vulnerable,keyholder
P-1,梧桐里,住宅,梧桐路 1 号,121.45,31.2,6,,ST-1,高,"充电
堵塞",独居老人,A
P-2,"药房, 一店",九小场所,梧桐路 2 号,121.55000000000001,31.2,2,,,,,,
P-3,手动,商铺,梧桐路 3 号,121.45,31.25,1,G3-B,,,,,
""",
    "stations.csv": """code,name,kind,lon,lat,grid,phone,crew_min,muster_s,mode,capacity,fallback
ST-1,一站,unit,121.45,31.2,G3-A,000-1,3,60,foot,,
ST-2,二站,community,121.55,31.21,G3-B,000-2,5,45,ebike,2,https://sms.example/st-2
""",
    "people.csv": "code,name,phone,station,fallback\nA,甲,000-3,ST-1,http://sms.example/?to=a\nB,乙,000-4,,\n",
    "duties.csv": "person,duty,scope\nB,leader,G3-A\nA,leader,G3-A\nA,chief,ST-1\nB,manager,P-2\nB,commander,\n",
    "rosters.csv": """station,weekday,from,to,person
ST-1,1-5,08:00,20:00,A
ST-1,*,20:00,08:00,B
ST-1,7,00:00,24:00,A
""",
    "gateways.csv": "code,name,place\nGW-1,网关,P-1\n",
    "devices.csv": """code,profile,gateway,place,floor,room,lon,lat,installed_on
SMK-1,smoke-photo,GW-1,P-1,3,301,121.4501,31.2001,2026-01-31
SMK-2,smoke-alarm,GW-1,P-1,-1,,,,
ELE-1,electric-3p,GW-1,P-2,,,,,
""",
    "closures.csv": """code,kind,place,lon,lat,from,until,modes,note
C-1,road,,121.46,31.2,2026-03-31T08:00:00+08:00,,vehicle ebike,施工
C-2,lift,P-1,,,,,,
""",
    "water.csv": "code,kind,lon,lat,state\nW-1,消火栓,121.46,31.2,ok\n",
    "lanes.geojson": """{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"name":"通道","width_m":4.0},
"geometry":{"type":"LineString","coordinates":[[121.45,31.2],[121.46,31.2]]}}]}""",
    "equipment.csv": "station,item,count,checked_on,expires_on\nST-1,灭火器,8,2026-01-01,\n",
    "rules.csv": """code,alarm,place,device,column,at_least,delay_s,latching,confirm,alone_s
R-1,fire,P-1,,,,2.5,true,floor,60
R-2,residual,,ELE-1,residual_ma,100,,,,
""",
    "roads.osm": """<osm version="0.6">
<node id="1" version="1" lat="31.2" lon="121.45"/><node id="2" version="1" lat="31.2" lon="121.46"/>
<way id="3" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
</osm>
""",
}


def written(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def taken(folder: Path) -> Pack:
    found = pack.read(folder, "wgs84", PROFILES)
    assert isinstance(found, Pack), [str(fault) for fault in found]
    return found


def without_ids(registry):
    devices = {code: replace(device, id=0) for code, device in registry.devices.items()}
    return replace(registry, version=0, devices=devices, shifts=tuple(sorted(registry.shifts, key=repr)))


def in_order(registry):
    nouns = ("grids", "places", "stations", "people", "gateways", "devices", "water", "lanes")
    ordered = {noun: dict(sorted(getattr(registry, noun).items())) for noun in nouns}
    return without_ids(replace(registry, **ordered))


@pytest.fixture
def connection(database):
    with psycopg.connect(database) as connection:
        yield connection


@pytest.fixture
def folder(tmp_path):
    return written(tmp_path / "pack", FILES)


def test_an_imported_pack_is_the_registry(connection, folder):
    summary = pack_store.apply(connection, taken(folder))
    registry = store.read(connection)
    assert in_order(registry) == in_order(taken(folder).registry)
    assert registry.version == summary.version == 1
    assert sorted(device.id for device in registry.devices.values()) == [1, 2, 3]
    assert connection.execute("SELECT version FROM access_version").fetchone() == (1,)
    assert (summary.added, summary.returned, summary.retired) == (3, 0, 0)
    assert "places 3" in summary.lines()
    assert any("P-3" not in line and "G3-B is kept as given" in line for line in summary.lines())


def test_of_a_pack_with_mistakes_there_is_nothing_to_apply_but_each_is_named(tmp_path):
    wrong = {
        "places.csv": FILES["places.csv"].replace("121.45,31.25,1,G3-B", "121.45,31.25,one,G9"),
        "devices.csv": FILES["devices.csv"].replace("smoke-photo", "smoke-laser").replace("GW-1,P-2", "GW-1,P-9"),
        "rosters.csv": FILES["rosters.csv"].replace("1-5", "1-9"),
    }
    found = pack.read(written(tmp_path / "bad", {**FILES, **wrong}), "wgs84", PROFILES)
    assert isinstance(found, list)
    assert [(fault.file, fault.line) for fault in found] == [
        ("places.csv", 5),
        ("devices.csv", 2),
        ("devices.csv", 4),
        ("rosters.csv", 2),
    ]
    assert all(isinstance(fault, Fault) and fault.reason for fault in found)


def test_an_import_that_fails_half_way_leaves_the_registry_as_it_was(connection, folder):
    good = taken(folder)
    pack_store.apply(connection, good)
    before = store.read(connection)
    twice = replace(good.registry, shifts=(*good.registry.shifts, good.registry.shifts[0]))
    with pytest.raises(psycopg.errors.UniqueViolation):
        pack_store.apply(connection, replace(good, registry=replace(twice, people={})))
    assert store.read(connection) == before


def test_devices_keep_their_ids_through_every_import(connection, tmp_path, folder):
    pack_store.apply(connection, taken(folder))
    first = {code: device.id for code, device in store.read(connection).devices.items()}
    fewer = FILES["devices.csv"].replace("SMK-2,smoke-alarm,GW-1,P-1,-1,,,,\n", "NEW-1,electric-1p,GW-1,P-1,,,,,\n")
    summary = pack_store.apply(connection, taken(written(tmp_path / "fewer", {**FILES, "devices.csv": fewer})))
    assert (summary.added, summary.returned, summary.retired) == (1, 0, 1)
    second = {code: device.id for code, device in store.read(connection).devices.items()}
    assert second == {"SMK-1": first["SMK-1"], "ELE-1": first["ELE-1"], "NEW-1": 4}
    summary = pack_store.apply(connection, taken(folder))
    assert (summary.added, summary.returned, summary.retired) == (0, 1, 1)
    assert {code: device.id for code, device in store.read(connection).devices.items()} == first


def test_what_a_new_pack_lacks_is_gone(connection, tmp_path, folder):
    pack_store.apply(connection, taken(folder))
    bare = {name: text for name, text in FILES.items() if name not in ("roads.osm", "rosters.csv", "water.csv")}
    bare["stations.csv"] = FILES["stations.csv"].replace("ST-2,", "ST-3,")
    bare["equipment.csv"] = "station,item,count\n"
    pack_store.apply(connection, taken(written(tmp_path / "bare", bare)))
    registry = store.read(connection)
    assert (registry.shifts, registry.water, registry.equipment) == ((), {}, ())
    assert set(registry.stations) == {"ST-1", "ST-3"}
    assert connection.execute("SELECT count(*) FROM roads").fetchone() == (0,)
    assert registry.version == 2


def test_an_export_imports_to_the_same_registry_and_exports_the_same_bytes(connection, tmp_path, folder):
    pack_store.apply(connection, taken(folder))
    before = store.read(connection)
    names = pack_store.export(connection, tmp_path / "out")
    assert names == sorted(FILES)
    pack_store.apply(connection, taken(tmp_path / "out"))
    assert replace(store.read(connection), version=before.version) == before
    pack_store.export(connection, tmp_path / "again")
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name
    assert (tmp_path / "out" / "roads.osm").read_text(encoding="utf-8") == FILES["roads.osm"]
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0


def test_an_export_replaces_a_pack_and_nothing_else(connection, tmp_path, folder):
    bare = {name: text for name, text in FILES.items() if name != "water.csv"}
    pack_store.apply(connection, taken(written(tmp_path / "bare", bare)))
    pack_store.export(connection, folder)
    assert not (folder / "water.csv").exists()
    (folder / "holiday.jpg").write_bytes(b"")
    with pytest.raises(ValueError, match=r"holiday\.jpg"):
        pack_store.export(connection, folder)


async def test_the_registry_and_its_version_are_loaded_asynchronously(database, folder):
    with psycopg.connect(database) as connection:
        pack_store.apply(connection, taken(folder))
        expected = store.read(connection)
    async with await psycopg.AsyncConnection.connect(database) as connection:
        assert await store.version(connection) == 1
        assert await store.load(connection) == expected
        assert await store.version(connection) == 1


async def test_a_load_sees_one_moment_while_packs_are_imported(database, tmp_path, folder):
    one = taken(folder)
    other_files = {
        **FILES,
        "people.csv": FILES["people.csv"].replace("乙", "丙"),
        "gateways.csv": FILES["gateways.csv"].replace("网关", "新"),
    }
    other = taken(written(tmp_path / "other", other_files))

    def alternate():
        with psycopg.connect(database) as connection:
            for turn in range(8):
                pack_store.apply(connection, (one, other)[turn % 2])

    alternating = asyncio.get_running_loop().run_in_executor(None, alternate)
    async with await psycopg.AsyncConnection.connect(database) as connection:
        seen = set()
        while not alternating.done():
            registry = await store.load(connection)
            if registry.version:
                seen.add((registry.version % 2, registry.people["B"].name, registry.gateways["GW-1"].name))
    await alternating
    assert seen
    assert seen <= {(1, "乙", "网关"), (0, "丙", "新")}


async def test_an_edit_is_stored_with_new_versions_or_refused_without(database, folder):
    with psycopg.connect(database) as connection:
        pack_store.apply(connection, taken(folder))
    async with await psycopg.AsyncConnection.connect(database) as connection:
        assert await edit.put(connection, "gateways", "GW-2", {"name": "二号", "place": "P-2"}) is None
        body = {"profile": "electric-1p", "gateway": "GW-2", "place": "P-2", "lon": 121.55, "lat": 31.2}
        assert await edit.put(connection, "devices", "ELE-2", body) is None
        registry = await store.load(connection)
        assert registry.gateways["GW-2"].name == "二号"
        assert registry.devices["ELE-2"].id == 4
        assert registry.version == 3
        assert await edit.put(connection, "places", "P-1", {"name": "x"}) != []
        assert await edit.delete(connection, "gateways", "GW-2") == ["gateway GW-2 is still used by device ELE-2"]
        assert await store.load(connection) == registry
        assert await edit.delete(connection, "devices", "ELE-2") is None
        assert await edit.delete(connection, "gateways", "GW-2") is None
        assert await edit.put(connection, "gateways", "GW-2", {"name": "二号", "place": "P-2"}) is None
        assert await edit.put(connection, "devices", "ELE-2", body) is None
        assert (await store.load(connection)).devices["ELE-2"].id == 4
        cursor = await connection.execute("SELECT version FROM access_version")
        assert await cursor.fetchone() == (1 + 3,)  # the import, and each coming or going of a gateway


async def test_moving_a_border_moves_places_in_the_database(database, folder):
    with psycopg.connect(database) as connection:
        pack_store.apply(connection, taken(folder))
    ring = [[121.4, 31.1], [121.6, 31.1], [121.6, 31.3], [121.4, 31.3], [121.4, 31.1]]
    body = {"name": "小甲", "level": 3, "parent": "G2", "geometry": {"type": "Polygon", "coordinates": [ring]}}
    async with await psycopg.AsyncConnection.connect(database) as connection:
        assert await edit.put(connection, "grids", "G3-A", body) is None
        registry = await store.load(connection)
    assert {code: place.grid for code, place in registry.places.items()} == {
        "P-1": "G3-A",
        "P-2": "G3-A",
        "P-3": "G3-B",
    }


def test_every_statement_of_the_room_fits_the_schema_and_says_why(connection):
    for path in sorted((Path(pack_store.__file__).parent / "sql").glob("*.sql")):
        text = statement(path.stem).decode()
        assert text.startswith("-- why: "), path.name
        names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", text)))
        for number, name in enumerate(names, 1):
            text = text.replace(f"%({name})s", f"${number}")
        connection.execute(f"PREPARE {path.stem} AS {text}".encode())


def test_a_shift_of_24_hours_comes_back_as_one(connection, folder):
    pack_store.apply(connection, taken(folder))
    shift = next(shift for shift in store.read(connection).shifts if shift.weekday == 7 and shift.start == shift.until)
    assert isinstance(shift, Shift)
    assert (shift.start.hour, shift.person) == (0, "A")
