"""The same judgement for JSON, MessagePack and CBOR; what these two can say beyond JSON harms nobody."""

import datetime as dt
import json
import math
import struct
import tracemalloc
from decimal import Decimal

import canon
import cbor2
import hypothesis.strategies as st
import msgspec
import numpy as np
import pytest
from copied import numbers, parse
from hypothesis import example, given, settings

from devices.model import Kind
from ingest import binary, columns, decode, encoding, event, image, payload, status
from ingest.binary import DEEPEST
from ingest.encoding import Encoding
from ingest.payload import Message
from ingest.rejection import SAMPLE_BYTES, Reason

NOW_US, NOW_MS = canon.NOW_US, canon.NOW_MS
MSGPACK, CBOR = "application/msgpack", "application/cbor"
WRITERS = {None: lambda value: json.dumps(value).encode(), MSGPACK: msgspec.msgpack.encode, CBOR: cbor2.dumps}


def message(data: bytes, content_type: str | None) -> Message:
    return Message("GW-1", "fg/v1/GW-1/telemetry", data, NOW_US, content_type)


def read(data: bytes, content_type: str | None) -> decode.Decoded:
    return decode.readings([message(data, content_type)], canon.CATALOG)


def told(found: decode.Decoded) -> tuple[object, ...]:
    """Everything in `found` but the wording of details."""
    rows = [canon.rows(found, kind) for kind in Kind]
    return rows, [(each.reason, each.device, each.item) for each in found.rejections], found.ignored, found.next_us


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (None, Encoding.JSON),
        ("", Encoding.JSON),
        ("application/json", Encoding.JSON),
        ("Application/JSON; charset=utf-8", Encoding.JSON),
        ("application/msgpack", Encoding.MSGPACK),
        ("application/x-msgpack", Encoding.MSGPACK),
        ("APPLICATION/VND.MSGPACK", Encoding.MSGPACK),
        ("application/cbor ;x=y", Encoding.CBOR),
        ("text/plain", None),
        ("json", None),
        ("application/cbor-seq", None),
        ("; application/cbor", None),
    ],
)
def test_a_content_type_names_an_encoding_whatever_its_case_and_parameters(
    content_type: str | None, expected: Encoding | None
) -> None:
    assert encoding.of(content_type) is expected


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "x" * 65_000, "\x00"])
def test_with_any_other_content_type_the_message_is_refused_whole_and_told_what_is_taken(content_type: str) -> None:
    (refused,) = read(b'{"device":"SMK-1","smoke_db_m":0.01}', content_type).rejections
    assert refused.reason is Reason.CONTENT_TYPE
    if len(content_type) < 100:
        assert all(name in refused.detail for name in encoding.TAKEN)


BODIES = [
    canon.smoke(),
    [canon.smoke(seq=1), canon.smoke(seq=2, temperature_c=20)],
    {"readings": [canon.smoke(), {"device": "ELE-1", "voltage_v": [220, 221.5], "current_a": 2, "residual_ma": 12}]},
    canon.smoke(color="red", drill="D-1"),
    [canon.smoke(smoke_db_m=99, temperature_c=20), canon.smoke(seq=True), 5, None],
    {"device": "VEN-1", "aVol": "220V", "aTemp": 25, "rssi": "-71", "remainCurrent": 0.032},
    {"device": "ELE-1", "cable_temperature_c": [30, None, "x", 33], "voltage_v": [1, 2, 3, 4]},
    [canon.smoke(device="SMK-9"), canon.smoke(device="SMK-404"), {"smoke_db_m": 1}, {}],
    [canon.smoke(ts="2026-11-18T11:06:40Z"), canon.smoke(ts=None), canon.smoke(ts=1e300), canon.smoke(ts=1.5)],
    canon.smoke(seq=2**63),
    canon.smoke(seq=-(2**63)),
    {"readings": 5},
    {"readings": []},
    [],
    7,
    "text",
    {"device": "SMK-1", "smoke_db_m": 0.01, "x": {"y": [{"z": [1, [2, [3, {"a": []}]]]}]}},
]


@pytest.mark.parametrize("content_type", [MSGPACK, CBOR])
@pytest.mark.parametrize("body", BODIES)
def test_what_json_can_say_is_judged_alike_in_every_encoding(body: object, content_type: str) -> None:
    expected = told(read(WRITERS[None](body), None))
    found = read(WRITERS[content_type](body), content_type)
    if found.rejections and found.rejections[0].item == WRITERS[content_type](body):
        # refused whole: the payload is kept as it came
        assert [each.reason for each in found.rejections] == [each[0] for each in expected[1]]
    else:
        assert told(found) == expected


def nested(levels: int, content_type: str) -> bytes:
    inner: object = 1
    for _ in range(levels):
        inner = [inner]
    return WRITERS[content_type]({"device": "SMK-1", "smoke_db_m": 0.01, "x": inner})


@pytest.mark.parametrize("content_type", [MSGPACK, CBOR])
def test_lists_and_maps_may_lie_so_deep_in_each_other_and_no_deeper(content_type: str) -> None:
    assert read(nested(DEEPEST - 1, content_type), content_type).rejections == []
    assert canon.reasons(read(nested(DEEPEST, content_type), content_type)) == [Reason.TOO_DEEP]


READING = {"device": "SMK-1", "ts": NOW_MS, "temperature_c": 20}


def with_value(raw: bytes, content_type: str) -> bytes:
    """READING with `raw` as its `smoke_db_m`."""
    data = WRITERS[content_type]({**READING, "smoke_db_m": "@@"})
    at = b"\xa2@@" if content_type == MSGPACK else b"\x62@@"
    assert data.count(at) == 1
    return data.replace(at, raw)


@pytest.mark.parametrize(
    ("raw", "content_type", "reason"),
    [
        (b"\xcb" + struct.pack("!d", math.nan), MSGPACK, Reason.WRONG_TYPE),
        (b"\xca" + struct.pack("!f", math.nan), MSGPACK, Reason.WRONG_TYPE),
        (b"\xcb" + struct.pack("!d", math.inf), MSGPACK, Reason.OUT_OF_RANGE),
        (b"\xcb" + struct.pack("!d", -math.inf), MSGPACK, Reason.OUT_OF_RANGE),
        (b"\xcf" + b"\xff" * 8, MSGPACK, Reason.OUT_OF_RANGE),
        (b"\xc4\x010", MSGPACK, Reason.WRONG_TYPE),
        (b"\xd4\x05\x00", MSGPACK, Reason.WRONG_TYPE),
        (b"\xd6\xff\x00\x00\x00\x01", MSGPACK, Reason.WRONG_TYPE),
        (b"\xd7\xff" + b"\xff" * 8, MSGPACK, Reason.WRONG_TYPE),
        (b"\xc3", MSGPACK, Reason.WRONG_TYPE),
        (b"\xc0", MSGPACK, Reason.WRONG_TYPE),
        (b"\xf9\x7e\x00", CBOR, Reason.WRONG_TYPE),
        (b"\xfb" + struct.pack("!d", math.nan), CBOR, Reason.WRONG_TYPE),
        (b"\xf9\x7c\x00", CBOR, Reason.OUT_OF_RANGE),
        (b"\x1b" + b"\xff" * 8, CBOR, Reason.OUT_OF_RANGE),
        (b"\x410", CBOR, Reason.WRONG_TYPE),
        (b"\xf7", CBOR, Reason.WRONG_TYPE),
        (b"\xe5", CBOR, Reason.WRONG_TYPE),
        (b"\xf5", CBOR, Reason.WRONG_TYPE),
        (cbor2.dumps(2**80), CBOR, Reason.WRONG_TYPE),
        (cbor2.dumps(Decimal("1E+2000000000")), CBOR, Reason.WRONG_TYPE),
        (cbor2.dumps(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)), CBOR, Reason.WRONG_TYPE),
        (b"\xc4\x82\x1a\x7f\xff\xff\xff\x01", CBOR, Reason.WRONG_TYPE),
        (b"\xd8\x23\x68(a+)+$aa", CBOR, Reason.WRONG_TYPE),
        (b"\xd8\x1c\x81\xd8\x1d\x00", CBOR, Reason.WRONG_TYPE),
        (b"\xdb" + b"\xff" * 8 + b"\x01", CBOR, Reason.WRONG_TYPE),
    ],
)
def test_a_value_that_is_no_number_of_json_is_refused_alone_and_its_payload_kept_as_it_came(
    raw: bytes, content_type: str, reason: Reason
) -> None:
    data = with_value(raw, content_type)
    found = read(data, content_type)
    assert canon.reasons(found) == [reason]
    assert [row["temperature_c"] for row in canon.rows(found)] == [20]
    assert "smoke_db_m" not in canon.rows(found)[0]
    json_says = raw in (b"\xc3", b"\xc0", b"\xf5") or reason is Reason.OUT_OF_RANGE
    assert (found.rejections[0].item == data) is not json_says


def test_an_infinity_is_not_kept_as_null() -> None:
    found = read(b'{"device":"SMK-1","smoke_db_m":1e999}', None)
    assert b"Infinity" in found.rejections[0].item


def test_what_json_cannot_say_is_ignored_where_it_means_nothing() -> None:
    for content_type, extra in ((MSGPACK, msgspec.msgpack.Ext(5, b"x")), (CBOR, {"when": cbor2.undefined, "b": b"x"})):
        found = read(WRITERS[content_type]({**READING, "x": extra}), content_type)
        assert (len(canon.rows(found)), found.rejections, found.ignored) == (1, [], 1)


def test_cbor_that_says_it_is_cbor_is_taken_and_so_are_lengths_left_open() -> None:
    assert len(canon.rows(read(b"\xd9\xd9\xf7" + cbor2.dumps(READING), CBOR))) == 1
    items = b"".join(cbor2.dumps(part) for pair in READING.items() for part in pair)
    assert len(canon.rows(read(b"\x9f\xbf" + items + b"\xff\xff", CBOR))) == 1
    assert len(canon.rows(read(b"\xbf" + items.replace(b"\x65SMK-1", b"\x7f\x62SM\x63K-1\xff") + b"\xff", CBOR))) == 1


def test_of_repeated_members_the_last_counts() -> None:
    pair = b"\xa6device\xa4SMK7\xa6device\xa5SMK-1"
    assert len(canon.rows(read(b"\x83" + pair + b"\xadtemperature_c\x14", MSGPACK))) == 1
    pair = b"\x66device\x64SMK7\x66device\x65SMK-1"
    assert len(canon.rows(read(b"\xa3" + pair + b"\x6dtemperature_c\x14", CBOR))) == 1


@pytest.mark.parametrize(
    ("data", "content_type", "reason"),
    [
        (b"", MSGPACK, Reason.NOT_MSGPACK),
        (b"\xc1", MSGPACK, Reason.NOT_MSGPACK),
        (b"\x91", MSGPACK, Reason.NOT_MSGPACK),
        (msgspec.msgpack.encode(READING) + b"\x01", MSGPACK, Reason.NOT_MSGPACK),
        (b"\x81\xa1\xff\x01", MSGPACK, Reason.NOT_MSGPACK),
        (b"\xdd\x80\x00\x00\x00", MSGPACK, Reason.NOT_MSGPACK),
        (b"\xdf\x80\x00\x00\x00", MSGPACK, Reason.NOT_MSGPACK),
        (b"\xc6\xff\xff\xff\xff", MSGPACK, Reason.NOT_MSGPACK),
        (b"\xc9\xff\xff\xff\xff\x01", MSGPACK, Reason.NOT_MSGPACK),
        (b"\x91" * 200_000, MSGPACK, Reason.TOO_DEEP),
        (b"\x81\xa1a" * 80_000, MSGPACK, Reason.TOO_DEEP),
        (b"\x81\x01\x02", MSGPACK, Reason.WRONG_TYPE),
        (b"\x81\x91\x01\x02", MSGPACK, Reason.WRONG_TYPE),
        (b"\x91\x81\xa1a\x91\x81\x91\x91\x01\x02", MSGPACK, Reason.WRONG_TYPE),
        (b"\x05", MSGPACK, Reason.WRONG_TYPE),
        (b"\x90" + b"\x01" * payload.LARGEST_BYTES, MSGPACK, Reason.TOO_LARGE),
        (b"", CBOR, Reason.NOT_CBOR),
        (b"\xff", CBOR, Reason.NOT_CBOR),
        (b"\x81", CBOR, Reason.NOT_CBOR),
        (b"\x1c", CBOR, Reason.NOT_CBOR),
        (cbor2.dumps(READING) + b"\x01", CBOR, Reason.NOT_CBOR),
        (cbor2.dumps([]) + b"\xff", CBOR, Reason.NOT_CBOR),
        (b"\xa1\x61\xff\x01", CBOR, Reason.NOT_CBOR),
        (b"\x9a\x80\x00\x00\x00", CBOR, Reason.NOT_CBOR),
        (b"\x9b" + b"\xff" * 8, CBOR, Reason.NOT_CBOR),
        (b"\xba\x80\x00\x00\x00", CBOR, Reason.NOT_CBOR),
        (b"\x5b\x7f" + b"\xff" * 7, CBOR, Reason.NOT_CBOR),
        (b"\x81" * 200_000, CBOR, Reason.TOO_DEEP),
        (b"\x9f" * 200_000, CBOR, Reason.TOO_DEEP),
        (b"\xc1" * 200_000, CBOR, Reason.TOO_DEEP),
        (b"\xa1\x01\x02", CBOR, Reason.WRONG_TYPE),
        (b"\xa1\x81\x01\x02", CBOR, Reason.WRONG_TYPE),
        (b"\xa1\x41a\x02", CBOR, Reason.WRONG_TYPE),
        (cbor2.dumps(7), CBOR, Reason.WRONG_TYPE),
        (cbor2.dumps(dt.date(2026, 1, 1)), CBOR, Reason.WRONG_TYPE),
    ],
)
def test_what_is_not_of_its_encoding_or_unusable_is_refused_whole_at_no_great_cost(
    data: bytes, content_type: str, reason: Reason
) -> None:
    tracemalloc.start()
    found = read(data, content_type)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert canon.reasons(found) == [reason]
    assert found.rejections[0].item == data[:SAMPLE_BYTES]
    assert peak < 8 * 1024**2, "a length that is declared reserves nothing"


def test_keys_that_are_no_text_are_refused_before_a_dict_is_made_of_them() -> None:
    # afterwards is too late: ten thousand lists can be found that fall into one place of the dict
    with pytest.raises(binary.UnusableError):
        binary.cbor(b"\xa1\x81\x01\x02")
    with pytest.raises(binary.UnusableError):
        binary._opened(b"\x81\x91\x01\x02")


def test_an_event_and_a_status_come_in_every_encoding() -> None:
    fire = {"device": "SMK-1", "event": "fire", "ts": NOW_MS, "seq": 4, "value": {"smoke_db_m": 0.3}}
    ids = set()
    for content_type, write in WRITERS.items():
        found = event.events([message(write({"events": [fire]}), content_type)], canon.REGISTRY)
        assert found.rejections == []
        assert [(one.ts_us, one.value) for one in found.events] == [(NOW_US, {"smoke_db_m": 0.3})]
        ids.add(found.events[0].id)
        statuses, refused = status.statuses([message(write({"state": "offline"}), content_type)], canon.REGISTRY)
        assert ([one.state for one in statuses], refused) == (["offline"], [])
    assert len(ids) == 1


def test_an_event_counts_without_a_value_that_json_cannot_say() -> None:
    for content_type, write in ((MSGPACK, msgspec.msgpack.encode), (CBOR, cbor2.dumps)):
        for bad in (b"x", math.nan):
            fire = {"device": "SMK-1", "event": "fire", "value": {"a": bad}, "x": b"y"}
            found = event.events([message(write(fire), content_type)], canon.REGISTRY)
            assert [(one.what, one.value) for one in found.events] == [("fire", None)]
            assert [each.reason for each in found.rejections] == [Reason.WRONG_TYPE]


anything = st.recursive(
    canon.scalars | st.binary(max_size=8) | st.integers(-(2**64), 2**64 - 1),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8) | canon.names, inner, max_size=5),
    max_leaves=20,
)
bodies = canon.items | st.lists(canon.items | anything, max_size=6) | anything
types = st.sampled_from([None, MSGPACK, CBOR, "application/json;x", "Application/X-MsgPack"]) | st.text(max_size=20)


@st.composite
def payloads(draw: st.DrawFn) -> tuple[bytes, str | None]:
    """Bytes of any kind, or something written well, perhaps cut, lengthened or with a byte changed."""
    content_type = draw(types)
    if draw(st.booleans()):
        return draw(st.binary(max_size=200)), content_type
    body = draw(bodies)
    if draw(st.booleans()):
        body = {draw(st.sampled_from(["readings", "events"])): body}
    try:
        data = draw(st.sampled_from([msgspec.msgpack.encode, cbor2.dumps]))(body)
    except (OverflowError, ValueError, TypeError):
        data = cbor2.dumps(body)
    match draw(st.sampled_from(["whole", "whole", "cut", "longer", "changed"])):
        case "cut":
            data = data[: draw(st.integers(0, len(data)))]
        case "longer":
            data += draw(st.binary(max_size=5))
        case "changed" if data:
            at = draw(st.integers(0, len(data) - 1))
            data = data[:at] + draw(st.binary(min_size=1, max_size=1)) + data[at + 1 :]
    return data, content_type


@settings(max_examples=150, deadline=None)
@given(st.lists(payloads(), max_size=4))
@example([(b"\xa1\x67battery\xf9\x7e\x00", CBOR)])
@example([(cbor2.dumps({**READING, "ts": 2**64 - 1, "seq": -(2**64)}), CBOR)])
@example([(msgspec.msgpack.encode({**READING, "ts": math.inf, "seq": math.nan}), MSGPACK)])
def test_whatever_the_bytes_and_the_content_type_nothing_raises_and_images_hold_what_was_decoded(
    given_payloads: list[tuple[bytes, str | None]],
) -> None:
    messages = [message(data, content_type) for data, content_type in given_payloads]
    found = decode.readings(messages, canon.CATALOG)
    for kind, sheet in found.sheets.items():
        bounds, profiles = canon.CATALOG.bounds[kind], canon.CATALOG.profiles[sheet.rows]
        values = sheet.columns.values
        assert not ((values < bounds.low[profiles]) | (values > bounds.high[profiles])).any()
        assert not np.isnan(values).all(axis=1).any()
        dated, misdated = image.split_misdated(sheet.columns)
        rows = [numbers(row) for part in (dated, misdated) for row in parse(image.image(part))]
        both = columns.joined(kind, [dated, misdated])
        assert [row[:4] for row in rows] == list(
            zip(both.ts_us.tolist(), both.device.tolist(), both.seq.tolist(), both.received_us.tolist(), strict=True)
        )
        nulls = [[value is None for value in row[4:]] for row in rows]
        assert nulls == np.isnan(both.values).tolist()
    others = event.events(messages, canon.REGISTRY)
    _, refused = status.statuses(messages, canon.REGISTRY)
    for each in (*found.rejections, *others.rejections, *refused):
        each.detail.encode()
        assert len(each.item) <= SAMPLE_BYTES
    for one in others.events:
        msgspec.json.encode(one.value)
