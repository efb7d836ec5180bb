"""A few devices, one with words of its own, readings of them, and decoding as a test wants to see it."""

import json
import math

import hypothesis.strategies as st

from devices.model import Device, Gateway, Kind
from devices.profile import CANONICAL, Field, Level, Profile
from devices.registry import Registry
from ingest import catalog, decode
from ingest.payload import Message
from ingest.rejection import Reason

NOW_US = 1_795_000_000_000_000
NOW_MS = NOW_US // 1000
SMOKE = Profile(
    "smoke",
    "smoke",
    Kind.SMOKE,
    limits={"smoke_db_m": (0, 40), "temperature_c": (-40, 125), "battery_pct": (0, 100)},
    levels=(Level("smoke_db_m", "fire", at_least=0.15, latching=True),),
)
POWER = Profile(
    "power",
    "power",
    Kind.ELECTRICAL,
    limits={
        "residual_ma": (0, 30000),
        "voltage_l1_v": (0, 500),
        "voltage_l2_v": (0, 500),
        "voltage_l3_v": (0, 500),
        "cable_temperature_1_c": (-40, 300),
        "cable_temperature_2_c": (-40, 300),
    },
)
VENDOR = Profile(
    "vendor",
    "vendor",
    Kind.ELECTRICAL,
    limits={"residual_ma": (0, 30000), "voltage_l1_v": (0, 500), "cable_temperature_1_c": (-40, 300)},
    fields={
        "aVol": Field("aVol", "voltage_l1_v", unit="V"),
        "aTemp": Field("aTemp", "cable_temperature_1_c", unit="℃"),
        "remainCurrent": Field("remainCurrent", "residual_ma", scale=1000, unit="A"),
        "rssi": Field("rssi", "rssi_dbm"),
    },
)
DEVICES = (
    Device("SMK-1", "smoke", "GW-1", "P1", id=11),
    Device("SMK-2", "smoke", "GW-1", "P1", id=12),
    Device("ELE-1", "power", "GW-1", "P1", id=21),
    Device("VEN-1", "vendor", "GW-1", "P1", id=31),
    Device("SMK-9", "smoke", "GW-2", "P2", id=19),
)
REGISTRY = Registry(
    version=1,
    gateways={code: Gateway(code, code, "P1") for code in ("GW-1", "GW-2")},
    devices={device.code: device for device in DEVICES},
    profiles={profile.code: profile for profile in (SMOKE, POWER, VENDOR)},
)
CATALOG = catalog.build(REGISTRY)


def read(*bodies: object, gateway: str = "GW-1", received_us: int = NOW_US) -> decode.Decoded:
    messages = [
        Message(
            gateway,
            f"fg/v1/{gateway}/telemetry",
            body if isinstance(body, bytes) else json.dumps(body).encode(),
            received_us,
        )
        for body in bodies
    ]
    return decode.readings(messages, CATALOG)


def rows(found: decode.Decoded, kind: Kind = Kind.SMOKE) -> list[dict[str, float]]:
    columns = found.sheets[kind].columns
    return [
        {
            "device": device,
            "ts_us": ts,
            "seq": seq,
            **{name: value for name, value in zip(CANONICAL[kind], row, strict=True) if not math.isnan(value)},
        }
        for device, ts, seq, row in zip(
            columns.device.tolist(), columns.ts_us.tolist(), columns.seq.tolist(), columns.values.tolist(), strict=True
        )
    ]


def reasons(found: decode.Decoded) -> list[Reason]:
    return [rejection.reason for rejection in found.rejections]


def smoke(**members: object) -> dict[str, object]:
    return {"device": "SMK-1", "ts": NOW_MS, "seq": 1, "smoke_db_m": 0.01, **members}


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=70),
    st.just(NOW_MS),
    st.sampled_from(["220V"]),
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)
others = (
    "device",
    "ts",
    "seq",
    "drill",
    "readings",
    "smoke_pct_m",
    "voltage_v",
    "cable_temperature_c",
    "aVol",
    "rssi",
    "x",
)
names = st.sampled_from([*others, *CANONICAL[Kind.SMOKE], *CANONICAL[Kind.ELECTRICAL]])
items = st.dictionaries(names, scalars | st.lists(scalars, max_size=6) | anything, max_size=8) | st.fixed_dictionaries(
    {"device": st.sampled_from([device.code for device in DEVICES])},
    optional={
        name: scalars | st.lists(scalars, max_size=5)
        for name in ("ts", "seq", "drill", "smoke_db_m", "aVol", "voltage_v")
    },
)
