import json

import hypothesis.strategies as st
import pytest
from canon import CATALOG, NOW_MS, NOW_US, anything, items, read, reasons, rows, smoke
from hypothesis import example, given, settings

from devices.model import Device, Gateway, Kind
from devices.profile import Field, Profile
from devices.registry import Registry
from ingest import catalog, decode, payload
from ingest.payload import Message
from ingest.rejection import Reason


@pytest.mark.parametrize(
    "body",
    [
        smoke(),
        {"readings": [smoke()]},
        [smoke()],
        {**smoke(), "unknown": {"a": [1]}},
        {"readings": [smoke()], "sent_by": "a box"},
    ],
)
def test_one_reading_comes_alone_in_an_envelope_or_in_an_array(body: object) -> None:
    found = read(body)
    assert rows(found) == [{"device": 11, "ts_us": NOW_US, "seq": 1, "smoke_db_m": 0.01}]
    assert found.rejections == []


def test_readings_keep_their_order_and_go_to_the_columns_of_their_kind() -> None:
    power = {"device": "ELE-1", "ts": NOW_MS, "residual_ma": 12, "rssi_dbm": -60, "power_w": 5, "arc_half_cycles": 3}
    found = read([smoke(seq=1), power, smoke(seq=2, temperature_c=20)], smoke(seq=3))
    assert [row["seq"] for row in rows(found)] == [1, 2, 3]
    assert rows(found)[1]["temperature_c"] == 20
    assert rows(found, Kind.ELECTRICAL) == [
        {
            "device": 21,
            "ts_us": NOW_US,
            "seq": -1,
            "residual_ma": 12,
            "rssi_dbm": -60,
            "power_w": 5,
            "arc_half_cycles": 3,
        }
    ]


def test_readings_in_other_words_keep_their_place_among_the_canonical_ones() -> None:
    found = read(
        smoke(seq=1), smoke(seq=2, color="red"), [smoke(seq=3), smoke(seq=4, smoke_db_m=99)], smoke(seq=5, x=1)
    )
    assert [row["seq"] for row in rows(found)] == [1, 2, 3, 5]
    vendor = {"device": "VEN-1", "aVol": 220}
    found = read([vendor, {"device": "ELE-1", "power_w": 1}, vendor], {"device": "VEN-1", "power_w": 2}, vendor)
    assert [row["device"] for row in rows(found, Kind.ELECTRICAL)] == [31, 21, 31, 31, 31]


def test_what_a_profile_says_of_a_canonical_word_comes_before_what_the_word_means_elsewhere() -> None:
    words = {"residual_ma": Field("residual_ma", "residual_ma", scale=1000)}
    amperes = Profile("a", "a", Kind.ELECTRICAL, limits={}, fields=words)
    registry = Registry(
        gateways={"GW-1": Gateway("GW-1", "one", "P1")},
        devices={"ELE-7": Device("ELE-7", "a", "GW-1", "P1", id=7)},
        profiles={"a": amperes},
    )
    message = Message("GW-1", "t", b'{"device":"ELE-7","residual_ma":0.5}', NOW_US)
    found = decode.readings([message], catalog.build(registry))
    assert [row["residual_ma"] for row in rows(found, Kind.ELECTRICAL)] == [500]


def test_lists_are_spread_over_their_columns_and_a_number_is_the_first() -> None:
    found = read(
        {"device": "ELE-1", "voltage_v": [220, 221, 222], "current_a": [1, 2], "cable_temperature_c": 40},
        {"device": "ELE-1", "voltage_v": [220, None, "x"], "cable_temperature_c": [30, 31, 32, 33]},
    )
    first, second = rows(found, Kind.ELECTRICAL)
    assert [first[f"voltage_l{n}_v"] for n in (1, 2, 3)] == [220, 221, 222]
    assert (first["current_l1_a"], first["current_l2_a"], "current_l3_a" in first) == (1, 2, False)
    assert (first["cable_temperature_1_c"], "cable_temperature_2_c" in first) == (40, False)
    assert (second["voltage_l1_v"], "voltage_l2_v" in second, "voltage_l3_v" in second) == (220, False, False)
    assert [second[f"cable_temperature_{n}_c"] for n in (1, 2, 3, 4)] == [30, 31, 32, 33]
    assert reasons(found) == [Reason.WRONG_TYPE]


def test_percent_per_metre_becomes_decibels_per_metre() -> None:
    found = read({"device": "SMK-1", "smoke_pct_m": 3.39}, {"device": "SMK-1", "smoke_pct_m": 1.14, "extra": 1})
    assert [row["smoke_db_m"] for row in rows(found)] == pytest.approx([0.15, 0.05], abs=5e-4)


@pytest.mark.parametrize("percent", [100, 100.5, -1, 1e999])
def test_an_impossible_percentage_is_out_of_range(percent: float) -> None:
    body = b'{"device":"SMK-1","temperature_c":20,"smoke_pct_m":%s}' % repr(percent).replace("inf", "1e999").encode()
    found = read(body)
    assert reasons(found) == [Reason.OUT_OF_RANGE]
    assert rows(found) == [{"device": 11, "ts_us": NOW_US, "seq": -1, "temperature_c": 20}]


def test_vendor_words_units_and_text_are_mapped_by_the_profile() -> None:
    body = {
        "device": "VEN-1",
        "aVol": "220V",
        "aTemp": " 25.3 ℃ ",
        "remainCurrent": "0.032A",
        "rssi": "-71",
        "fw": "1.2",
    }
    found = read(body)
    (row,) = rows(found, Kind.ELECTRICAL)
    assert (row["voltage_l1_v"], row["cable_temperature_1_c"], row["rssi_dbm"]) == (220, 25.3, -71)
    assert row["residual_ma"] == pytest.approx(32)
    assert (found.ignored, found.rejections) == (1, [])


@pytest.mark.parametrize("text", ["nan", "inf", "1_000", "٣", "0x10", "", "V", "2 2 0V", "220VV"])
def test_vendor_text_that_is_no_number_is_refused(text: str) -> None:
    found = read({"device": "VEN-1", "aVol": text, "aTemp": 20})
    assert reasons(found) == [Reason.WRONG_TYPE]
    assert "voltage_l1_v" not in rows(found, Kind.ELECTRICAL)[0]


def test_text_is_no_number_where_the_profile_does_not_say_so() -> None:
    found = read(smoke(temperature_c="20"))
    assert reasons(found) == [Reason.WRONG_TYPE]
    assert rows(found) == [{"device": 11, "ts_us": NOW_US, "seq": 1, "smoke_db_m": 0.01}]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", Reason.NOT_JSON),
        (b"\xff\xfe", Reason.NOT_JSON),
        (b'{"device":"SMK-1","smoke_db_m":NaN}', Reason.NOT_JSON),
        (b'{"device":"SMK-1","smoke_db_m":Infinity}', Reason.NOT_JSON),
        (b'[{"device":"SMK-1","smoke_db_m":1},{"device":"SMK-1","smoke_db_m":NaN}]', Reason.NOT_JSON),
        (b'{"device":"SMK-1"', Reason.NOT_JSON),
        (b'{"device":"SMK-1","smoke_db_m":1}}', Reason.NOT_JSON),
        (b"[" * 100_000, Reason.TOO_DEEP),
        (b"[" * 5_000 + b"]" * 5_000, Reason.TOO_DEEP),
        (b'{"a":' * 50_000, Reason.TOO_DEEP),
        (json.dumps(smoke(pad="x" * payload.LARGEST_BYTES)).encode(), Reason.TOO_LARGE),
        (b"1", Reason.WRONG_TYPE),
        (b'"text"', Reason.WRONG_TYPE),
        (b"null", Reason.WRONG_TYPE),
        (b'{"readings":5}', Reason.WRONG_TYPE),
        (b'{"readings":null}', Reason.WRONG_TYPE),
        (b"[5]", Reason.WRONG_TYPE),
        (b"{}", Reason.WRONG_TYPE),
        (smoke(device=12), Reason.WRONG_TYPE),
        (smoke(device=None), Reason.WRONG_TYPE),
        (smoke(device="SMK-404"), Reason.UNKNOWN_DEVICE),
        (smoke(device="SMK-9"), Reason.OTHER_GATEWAY),
        (smoke(device="S" * 65), Reason.TOO_LONG),
        (smoke(seq="1"), Reason.WRONG_TYPE),
        (smoke(seq=True), Reason.WRONG_TYPE),
        (smoke(seq=1.5), Reason.WRONG_TYPE),
        (smoke(seq=2**63), Reason.OUT_OF_RANGE),
        (smoke(seq=-(2**63) - 1), Reason.OUT_OF_RANGE),
        (b'{"device":"SMK-1","smoke_db_m":0.1,"seq":1' + b"0" * 5000 + b"}", Reason.WRONG_TYPE),
        (smoke(ts="yesterday"), Reason.WRONG_TYPE),
        (smoke(ts="2026-11-18T11:06:40"), Reason.WRONG_TYPE),
        (smoke(ts=True), Reason.WRONG_TYPE),
        (smoke(ts=None), Reason.WRONG_TYPE),
        (smoke(ts=1e300), Reason.WRONG_TYPE),
        (smoke(ts="0001-01-01T00:00:00+14:00"), Reason.TIME_RANGE),
        (smoke(ts=-62_135_596_800_000), Reason.TIME_RANGE),
        (smoke(ts=NOW_MS + 24 * 3_600_000 + 1), Reason.TIME_AHEAD),
        (smoke(smoke_db_m=41), Reason.OUT_OF_RANGE),
        (smoke(smoke_db_m=-0.001), Reason.OUT_OF_RANGE),
        (smoke(smoke_db_m=10**400), Reason.OUT_OF_RANGE),
        (b'{"device":"SMK-1","smoke_db_m":1e999}', Reason.OUT_OF_RANGE),
        (smoke(smoke_db_m=True), Reason.WRONG_TYPE),
        (smoke(smoke_db_m="0.1"), Reason.WRONG_TYPE),
        (smoke(smoke_db_m=[0.1]), Reason.WRONG_TYPE),
        (smoke(smoke_db_m={"value": 0.1}), Reason.WRONG_TYPE),
        (smoke(smoke_db_m=None), Reason.WRONG_TYPE),
        ({"device": "SMK-1", "ts": NOW_MS}, Reason.NO_VALUES),
        ({"device": "SMK-1", "ts": NOW_MS, "residual_ma": 5}, Reason.NO_VALUES),
        ({"device": "VEN-1", "aVol": "2" * 65}, Reason.TOO_LONG),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason_and_nothing_is_stored(body: object, reason: Reason) -> None:
    found = read(body)
    assert reasons(found) == [reason]
    assert not any(len(sheet.columns) for sheet in found.sheets.values())


def test_a_gateway_that_is_not_registered_is_refused_whole() -> None:
    found = read([smoke(), smoke()], gateway="GW-404")
    assert reasons(found) == [Reason.UNKNOWN_GATEWAY]


def test_of_a_bad_value_among_good_ones_only_the_bad_one_is_refused() -> None:
    found = read(smoke(temperature_c=9999, battery_pct=50), [smoke(temperature_c=True, battery_pct=50)])
    expected = {"device": 11, "ts_us": NOW_US, "seq": 1, "smoke_db_m": 0.01, "battery_pct": 50}
    assert rows(found) == [expected, expected]
    assert reasons(found) == [Reason.OUT_OF_RANGE, Reason.WRONG_TYPE] or reasons(found) == [
        Reason.WRONG_TYPE,
        Reason.OUT_OF_RANGE,
    ]


def test_a_reading_is_refused_once_per_reason_with_all_details() -> None:
    found = read({"device": "ELE-1", "voltage_v": [900, 901, 902], "residual_ma": 1, "power_w": "x"})
    assert sorted(reasons(found)) == [Reason.OUT_OF_RANGE, Reason.WRONG_TYPE]
    (ranged,) = (each for each in found.rejections if each.reason is Reason.OUT_OF_RANGE)
    assert all(f"voltage_l{n}_v" in ranged.detail for n in (1, 2, 3))
    assert (ranged.device, ranged.gateway, ranged.topic) == ("ELE-1", "GW-1", "fg/v1/GW-1/telemetry")


def test_a_list_longer_than_its_columns_keeps_what_fits() -> None:
    found = read({"device": "ELE-1", "voltage_v": [220, 221, 222, 223]})
    assert reasons(found) == [Reason.TOO_LONG]
    assert rows(found, Kind.ELECTRICAL)[0]["voltage_l3_v"] == 222


def test_the_refused_item_is_cut_out_of_its_message() -> None:
    found = read([smoke(seq=1), smoke(seq=2, smoke_db_m=99), smoke(seq=3)])
    assert [json.loads(each.item)["seq"] for each in found.rejections] == [2]
    assert [row["seq"] for row in rows(found)] == [1, 3]


def test_of_a_message_of_a_hundred_thousand_mistakes_ten_thousand_are_told_apart_and_all_counted() -> None:
    found = read(b"[" + b"1," * 12_000 + b'{"device":"SMK-404"},' * 3 + b"[]]", b"[2]")
    wrong = [each for each in found.rejections if each.reason is Reason.WRONG_TYPE]
    assert (len(wrong), sum(each.count for each in wrong)) == (10_001, 12_002)
    assert [each.count for each in wrong if each.count > 1] == [2_002]
    assert reasons(found).count(Reason.UNKNOWN_DEVICE) == 3


def test_refusals_about_text_can_be_kept_in_the_database() -> None:
    found = read(b'{"device":"\\u0000\\ud800","smoke_db_m":1}', {"device": "VEN-1", "aVol": "\x00"})
    for each in found.rejections:
        assert "\x00" not in each.detail + (each.device or "")
        (each.detail + (each.device or "")).encode()


def test_the_last_of_repeated_members_counts() -> None:
    found = read(b'{"device":"SMK-404","device":"SMK-1","smoke_db_m":0.5,"smoke_db_m":0.02}')
    assert [row["smoke_db_m"] for row in rows(found)] == [0.02]


def test_unknown_members_are_ignored_and_counted() -> None:
    found = read(smoke(color="red", mood=3), smoke(residual_ma=5))
    assert (len(rows(found)), found.ignored, found.rejections) == (2, 3, [])


@pytest.mark.parametrize("ts", [NOW_MS, float(NOW_MS), "2026-11-18T11:06:40Z", "2026-11-18T19:06:40.000+08:00"])
def test_times_are_epoch_milliseconds_or_rfc_3339(ts: object) -> None:
    assert [row["ts_us"] for row in rows(read(smoke(ts=ts)))] == [NOW_US]


def test_a_reading_of_a_stopped_clock_is_kept_and_one_just_within_24_h_ahead_too() -> None:
    found = read(smoke(ts=0), smoke(ts=NOW_MS + 24 * 3_600_000))
    assert [row["ts_us"] for row in rows(found)] == [0, NOW_US + 24 * 3_600_000_000]


def test_undated_readings_take_the_time_of_receipt_and_never_share_it() -> None:
    bare = {"device": "SMK-1", "smoke_db_m": 0.01}
    found = read([bare, bare, bare], bare, {"readings": [bare, {**bare, "x": 1}]})
    assert [row["ts_us"] for row in rows(found)] == [NOW_US + index for index in range(6)]
    assert found.next_us == NOW_US + 6
    again = decode.readings([Message("GW-1", "t", json.dumps(bare).encode(), NOW_US)], CATALOG, found.next_us)
    assert rows(again)[0]["ts_us"] == NOW_US + 6


def test_a_reading_of_a_drill_is_marked_and_an_impossible_mark_leaves_it_real() -> None:
    found = read(smoke(smoke_db_m=99), smoke(drill="D-7"), smoke(drill=7), smoke(drill="a b"))
    assert found.sheets[Kind.SMOKE].drills == {0: "D-7"}
    assert len(rows(found)) == 3
    assert sorted(reasons(found)) == [Reason.OUT_OF_RANGE, Reason.WRONG_TYPE, Reason.WRONG_TYPE]


def test_catalog_rows_of_the_readings_name_their_devices() -> None:
    found = read([smoke(smoke_db_m=99), smoke(device="SMK-2"), smoke()])
    sheet = found.sheets[Kind.SMOKE]
    assert [CATALOG.devices[row].code for row in sheet.rows] == ["SMK-2", "SMK-1"]


bodies = (
    st.binary(max_size=300)
    | anything.map(lambda value: json.dumps(value).encode())
    | items.map(lambda value: json.dumps(value).encode())
    | st.lists(items, max_size=6).map(lambda value: json.dumps(value).encode())
    | st.lists(items, max_size=6).map(lambda value: json.dumps({"readings": value}).encode())
)


@settings(max_examples=80, deadline=None)
@given(st.lists(bodies, max_size=5))
@example([b'{"device":"SMK-1","ts":1e999,"smoke_db_m":1}'])
@example([b'{"device":"SMK-1","ts":-1e999,"smoke_db_m":1}'])
@example([b'{"device":"SMK-1","ts":9007199254740993,"smoke_db_m":1}'])
@example([b'{"device":"\\ud800","smoke_db_m":"\\ud800"}'])
@example([b'{"device":"VEN-1","aVol":"\\ud800"}'])
def test_whatever_the_bytes_decoding_raises_nothing_and_what_it_gives_is_within_range(payloads: list[bytes]) -> None:
    found = read(*payloads)
    for kind, sheet in found.sheets.items():
        columns = sheet.columns
        bounds, profiles = CATALOG.bounds[kind], CATALOG.profiles[sheet.rows]
        outside = (columns.values < bounds.low[profiles]) | (columns.values > bounds.high[profiles])
        assert not outside.any()
        assert not (columns.ts_us > columns.received_us + decode.AHEAD_US).any()
        assert not (columns.values != columns.values).all(axis=1).any()
        assert len(sheet.rows) == len(columns)
    for rejection in found.rejections:
        rejection.detail.encode()
        assert len(rejection.item) <= 4096
