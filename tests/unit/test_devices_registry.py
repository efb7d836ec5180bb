from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from devices import catalogue, store
from devices.model import Device, Duty, DutyKind, Grid, Mode, Place, Shift, Station, StationKind
from devices.registry import Registry

RING = ((121.0, 31.0), (121.5, 31.0), (121.5, 31.5), (121.0, 31.0))

DISTRICT = Registry(
    version=7,
    grids={
        "G1": Grid("G1", "large", 1, None, ((RING,),)),
        "G2": Grid("G2", "middle", 2, "G1", ((RING,),)),
        "GA": Grid("GA", "a", 3, "G2", ((RING,),)),
        "GB": Grid("GB", "b", 3, "G2", ((RING,),)),
    },
    places={
        "P-1": Place("P-1", "p", "shop", "x", 121.1, 31.1, 2, "GA"),
        "P-2": Place("P-2", "p", "shop", "x", 121.2, 31.2, 2, "GB"),
    },
    stations={"ST": Station("ST", "s", StationKind.UNIT, 121.1, 31.1, "GA", "1", 3, 60, Mode.FOOT)},
    duties=(Duty("b", DutyKind.LEADER, "GA"), Duty("a", DutyKind.LEADER, "GA"), Duty("a", DutyKind.CHIEF, "ST")),
    shifts=(Shift("ST", 1, time(8), time(20), "a"), Shift("ST", 7, time(20), time(8), "b")),
    devices={
        "D-1": Device("D-1", "smoke-photo", "GW", "P-1", id=11),
        "D-2": Device("D-2", "smoke-photo", "GW", "P-2", lon=121.3, lat=31.3, installed_on=date(2026, 1, 2), id=12),
    },
    profiles=catalogue.load(),
)


def test_places_and_devices_of_a_grid_are_those_of_all_grids_below():
    assert DISTRICT.places_in("G1") == ("P-1", "P-2")
    assert DISTRICT.places_in("GB") == ("P-2",)
    assert DISTRICT.devices_in("G2") == ("D-1", "D-2")
    assert DISTRICT.devices_in("GA") == ("D-1",)
    assert DISTRICT.places_in("none") == ()


def test_devices_are_found_by_gateway_number_and_place():
    assert DISTRICT.devices_behind("GW") == ("D-1", "D-2")
    assert DISTRICT.device_code(12) == "D-2"
    assert DISTRICT.device_code(99) is None
    assert DISTRICT.devices_at("P-1") == ("D-1",)


def test_a_device_is_at_its_own_position_or_its_places():
    assert DISTRICT.location("D-2") == (121.3, 31.3)
    assert DISTRICT.location("D-1") == (121.1, 31.1)
    assert DISTRICT.location("none") is None


def test_leaders_are_asked_in_the_packs_order():
    assert DISTRICT.holders(DutyKind.LEADER, "GA") == ("b", "a")
    assert [duty.duty for duty in DISTRICT.duties_of("a")] == [DutyKind.LEADER, DutyKind.CHIEF]


def test_a_night_shift_belongs_to_the_day_it_begins_on():
    def at(day, hour):
        return datetime(2026, 11, day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))

    sunday_night, monday_early, monday_late = at(22, 23), at(23, 7), at(23, 21)
    assert DISTRICT.on_shift("ST", sunday_night) == ("b",)
    assert DISTRICT.on_shift("ST", monday_early) == ("b",)
    assert DISTRICT.on_shift("ST", monday_late) == ()


moments = st.integers(0, 7 * 24 * 60 - 1).map(
    lambda minute: datetime(2026, 11, 16, tzinfo=UTC) + timedelta(minutes=minute)
)
times = st.sampled_from([time(0), time(0, 1), time(8), time(12), time(20), time(23, 59)])


@given(st.lists(st.tuples(st.integers(1, 7), times, times, st.sampled_from("abc")), min_size=1, max_size=8), moments)
def test_who_is_on_shift_is_who_a_shift_covers(drawn, local):
    shifts = tuple(Shift("ST", *one) for one in drawn)
    on = []
    for one in shifts:
        for week in (-1, 0):
            begins = datetime(2026, 11, 15 + one.weekday, tzinfo=UTC) + timedelta(weeks=week)
            start, end = (begins + timedelta(hours=each.hour, minutes=each.minute) for each in (one.start, one.until))
            if start <= local < (end if end > start else end + timedelta(days=1)):
                on.append(one.person)
    assert Registry(shifts=shifts).on_shift("ST", local) == tuple(dict.fromkeys(on))


def test_a_saved_registry_is_loaded_the_same(tmp_path):
    path = tmp_path / "data" / "registry.snapshot"
    store.save_snapshot(path, DISTRICT)
    assert store.load_snapshot(path) == DISTRICT
    store.save_snapshot(path, Registry(version=8, profiles=DISTRICT.profiles))
    assert store.load_snapshot(path).version == 8
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_without_a_readable_snapshot_there_is_none(tmp_path):
    assert store.load_snapshot(tmp_path / "none") is None
    store.save_snapshot(tmp_path / "half", DISTRICT)
    whole = (tmp_path / "half").read_bytes()
    (tmp_path / "half").write_bytes(whole[: len(whole) // 2])
    assert store.load_snapshot(tmp_path / "half") is None
    (tmp_path / "half").write_bytes(b"\x81\xa6format\x63" + b"")
    assert store.load_snapshot(tmp_path / "half") is None
