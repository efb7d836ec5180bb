import json

import numpy as np
import pytest

from devices.model import Device, Gateway, Kind
from devices.profile import Level, Profile
from devices.registry import Registry
from ingest import catalog, decode, signal
from ingest.payload import Message
from ingest.value import at

NOW_US = 1_795_000_000_000_000
NOW_MS = NOW_US // 1000
SMOKE = Profile("smoke", "s", Kind.SMOKE, {"smoke_db_m": (0, 40)}, (Level("smoke_db_m", "fire", at_least=0.15),))
DULL = Profile("dull", "d", Kind.SMOKE, {"smoke_db_m": (0, 40)})
POWER = Profile(
    "power",
    "p",
    Kind.ELECTRICAL,
    {"voltage_l2_v": (0, 500), "residual_ma": (0, 1000)},
    (Level("voltage_l2_v", "voltage", at_least=253, at_most=187), Level("residual_ma", "residual", at_least=300)),
)
DEVICES = (
    Device("SMK-1", "smoke", "GW-1", "P1", id=1),
    Device("SMK-2", "dull", "GW-1", "P2", id=2),
    Device("ELE-1", "power", "GW-1", "P3", id=3),
)
CATALOG = catalog.build(
    Registry(
        gateways={"GW-1": Gateway("GW-1", "g", "P1")},
        devices={device.code: device for device in DEVICES},
        profiles={profile.code: profile for profile in (SMOKE, DULL, POWER)},
    )
)


def signals(*readings: dict[str, object], watched: tuple[str, ...] = ()) -> list[signal.Signal]:
    message = Message("GW-1", "t", json.dumps(readings).encode(), NOW_US)
    found = decode.readings([message], CATALOG)
    assert not found.rejections
    mask = CATALOG.rows(frozenset(watched))
    return [one for sheet in found.sheets.values() for one in signal.of_readings(sheet, CATALOG, mask)]


@pytest.mark.parametrize(("smoke", "count"), [(0.149999, 0), (0.15, 1), (3.0, 1)])
def test_a_value_at_or_over_its_level_is_a_signal(smoke: float, count: int) -> None:
    assert len(signals({"device": "SMK-1", "ts": NOW_MS, "smoke_db_m": smoke})) == count


@pytest.mark.parametrize(("volts", "count"), [(187, 1), (187.1, 0), (252.9, 0), (253, 1)])
def test_a_level_may_lie_below_and_above(volts: float, count: int) -> None:
    assert len(signals({"device": "ELE-1", "ts": NOW_MS, "voltage_v": [220, volts]})) == count


def test_a_device_without_levels_signals_only_while_it_is_watched() -> None:
    reading = {"device": "SMK-2", "ts": NOW_MS, "smoke_db_m": 5.0}
    assert signals(reading) == []
    assert [one.device for one in signals(reading, watched=("SMK-2", "GONE-1"))] == ["SMK-2"]


def test_every_reading_of_a_watched_device_is_a_signal() -> None:
    found = signals(
        {"device": "SMK-1", "ts": NOW_MS, "smoke_db_m": 0.0},
        {"device": "ELE-1", "ts": NOW_MS, "residual_ma": 1},
        {"device": "SMK-1", "ts": NOW_MS + 1, "smoke_db_m": 0.01},
        watched=("SMK-1",),
    )
    assert [(one.device, one.values) for one in found] == [
        ("SMK-1", {"smoke_db_m": 0.0}),
        ("SMK-1", {"smoke_db_m": 0.01}),
    ]


def test_what_comes_together_with_a_value_at_its_level_is_a_signal_too() -> None:
    found = signals(
        {"device": "ELE-1", "ts": NOW_MS, "residual_ma": 400},
        {"device": "SMK-1", "ts": NOW_MS, "smoke_db_m": 0.0},
        {"device": "ELE-1", "ts": NOW_MS + 1, "residual_ma": 100},
    )
    assert [(one.device, one.values) for one in found] == [
        ("ELE-1", {"residual_ma": 400}),
        ("ELE-1", {"residual_ma": 100}),
    ]


def test_a_readings_signal_says_where_and_what_and_has_the_same_id_each_time() -> None:
    reading = {"device": "ELE-1", "ts": NOW_MS, "seq": 9, "residual_ma": 400, "power_w": 10, "drill": "D-3"}
    (one,) = signals(reading)
    assert (one.gateway, one.place, one.seq, one.ts, one.drill) == ("GW-1", "P3", 9, at(NOW_US), "D-3")
    assert one.values == {"residual_ma": 400.0, "power_w": 10.0}
    assert (one.event, one.flags, one.undated) == (None, (), False)
    assert one.id == signals(reading)[0].id != signals({**reading, "seq": 10})[0].id
    assert one.id.startswith("r:")


def test_a_raise_is_never_dropped_for_age_but_flagged() -> None:
    late, stopped = signals(
        {"device": "SMK-1", "ts": NOW_MS - 60_001, "smoke_db_m": 1}, {"device": "SMK-1", "ts": 0, "smoke_db_m": 1}
    )
    assert (late.flags, late.ts) == (("late",), at(NOW_US - 60_001_000))
    assert (stopped.flags, stopped.ts) == (("clock",), stopped.received_at)


def test_no_readings_are_no_signals() -> None:
    empty = decode.readings([], CATALOG).sheets[Kind.SMOKE]
    assert signal.of_readings(empty, CATALOG, np.zeros(3, dtype=np.bool_)) == []
