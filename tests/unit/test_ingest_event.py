import json
from datetime import UTC, datetime

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from devices import signal as seam
from devices.model import Device, Gateway
from devices.registry import Registry
from ingest import event, signal
from ingest.payload import Message
from ingest.rejection import Reason
from ingest.value import at

NOW_US = 1_795_000_000_000_000
NOW_MS = NOW_US // 1000
DAY_MS = 24 * 3_600_000
REGISTRY = Registry(
    gateways={"GW-1": Gateway("GW-1", "one", "P1"), "GW-2": Gateway("GW-2", "two", "P2")},
    devices={
        "SMK-1": Device("SMK-1", "smoke", "GW-1", "P-ROOM", id=1),
        "SMK-9": Device("SMK-9", "smoke", "GW-2", "P2", id=9),
    },
)


def read(*bodies: object, gateway: str = "GW-1", received_us: int = NOW_US) -> event.Decoded:
    messages = [
        Message(
            gateway,
            f"fg/v1/{gateway}/event",
            body if isinstance(body, bytes) else json.dumps(body).encode(),
            received_us,
        )
        for body in bodies
    ]
    return event.events(messages, REGISTRY)


def fire(**members: object) -> dict[str, object]:
    return {"device": "SMK-1", "event": "fire", "ts": NOW_MS, "seq": 4, **members}


def reasons(found: event.Decoded) -> list[Reason]:
    return [rejection.reason for rejection in found.rejections]


@pytest.mark.parametrize("body", [fire(), {"events": [fire()]}, [fire()]])
def test_one_event_comes_alone_in_an_envelope_or_in_an_array(body: object) -> None:
    (one,) = read(body).events
    assert (one.device, one.place, one.what, one.ts_us, one.seq) == ("SMK-1", "P-ROOM", event.What.FIRE, NOW_US, 4)
    assert (one.flags, one.undated, one.drill, one.value) == ((), False, None, None)


@pytest.mark.parametrize("what", list(event.What))
def test_every_event_of_the_contract_is_taken(what: str) -> None:
    assert [one.what for one in read(fire(event=what)).events] == [what]


def test_the_same_event_has_the_same_id_however_often_and_by_whatever_gateway_time_it_comes() -> None:
    first = read(fire()).events[0]
    assert read(fire(value={"x": 1}), received_us=NOW_US + 3_600_000_000).events[0].id == first.id
    assert first.id.startswith("e:")
    assert len(first.id) == 34
    others = [fire(ts=NOW_MS + 1), fire(seq=5), fire(event="fault")]
    assert len({first.id, *(read(other).events[0].id for other in others)}) == 4


def test_an_undated_event_is_known_by_its_gateway_and_content() -> None:
    bare = {"device": "SMK-1", "event": "fire", "value": {"a": 1, "b": 2}}
    turned = {"value": {"b": 2, "a": 1}, "event": "fire", "device": "SMK-1"}
    one, two = read(bare, turned).events
    assert one.undated
    assert one.id == two.id
    assert one.ts_us == NOW_US != two.ts_us
    assert read({**bare, "value": {"a": 2}}).events[0].id != one.id


def test_an_undated_event_repeated_within_a_minute_is_one_and_after_it_another() -> None:
    bare = {"device": "SMK-1", "event": "fire"}
    times = [NOW_US, NOW_US + 59_000_000, NOW_US + 60_000_000]
    events = [read(bare, received_us=received).events[0] for received in times]
    assert [one.received_us for one in event.distinct(events)] == [times[0], times[2]]
    assert len(event.distinct(read(fire(), fire()).events)) == 1


@pytest.mark.parametrize(
    "ts", [NOW_MS + DAY_MS + 1, 0, 1_577_836_799_999, -(10**14), 4e12, 10**18, 1e300, "2099-01-01T00:00:00Z"]
)
def test_an_impossible_time_is_replaced_by_that_of_receipt_and_flagged(ts: object) -> None:
    (one,) = read(fire(ts=ts)).events
    assert (one.ts_us, one.flags, one.undated) == (NOW_US, ("clock",), True)


@pytest.mark.parametrize("ts", ["yesterday", None, True, [], {}, "2026-11-18T11:06:40"])
def test_what_is_no_time_refuses_no_event_but_is_told(ts: object) -> None:
    found = read(fire(ts=ts))
    assert [(one.ts_us, one.flags) for one in found.events] == [(NOW_US, ("clock",))]
    assert reasons(found) == [Reason.WRONG_TYPE]


@pytest.mark.parametrize(
    ("ts", "flags"),
    [
        (NOW_MS - 60_000, ()),
        (NOW_MS - 60_001, ("late",)),
        (1_577_836_800_000, ("late",)),
        (NOW_MS + DAY_MS, ()),
    ],
)
def test_an_event_more_than_a_minute_before_receipt_is_flagged_late(ts: int, flags: tuple[str, ...]) -> None:
    (one,) = read(fire(ts=ts)).events
    assert (one.ts_us, one.flags, one.undated) == (ts * 1000, flags, False)


@pytest.mark.parametrize("what", ["fire", "manual_call"])
def test_a_stranger_behind_a_known_gateway_alarms_at_the_gateways_place(what: str) -> None:
    (one,) = read({"device": "NEW-7", "event": what, "ts": NOW_MS}).events
    assert (one.device, one.place, one.flags) == ("NEW-7", "P1", ("unregistered",))
    (late,) = read({"device": "NEW-7", "event": what, "ts": NOW_MS - 61_000}).events
    assert late.flags == ("unregistered", "late")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", Reason.NOT_JSON),
        (b'{"device":"SMK-1","event":"fire","value":{"x":NaN}}', Reason.NOT_JSON),
        (b"[" * 70_000, Reason.TOO_DEEP),
        (fire(pad="x" * 300_000), Reason.TOO_LARGE),
        (5, Reason.WRONG_TYPE),
        ([5], Reason.WRONG_TYPE),
        ({"events": {}}, Reason.WRONG_TYPE),
        ({"device": "SMK-1"}, Reason.WRONG_TYPE),
        (fire(event=7), Reason.WRONG_TYPE),
        (fire(event="explosion"), Reason.UNKNOWN_EVENT),
        (fire(seq="4"), Reason.WRONG_TYPE),
        (fire(seq=2**64), Reason.OUT_OF_RANGE),
        (fire(device=7), Reason.WRONG_TYPE),
        (fire(device=""), Reason.WRONG_TYPE),
        (fire(device="a\x00b"), Reason.WRONG_TYPE),
        (fire(device="D" * 65), Reason.TOO_LONG),
        (fire(device="SMK-9"), Reason.OTHER_GATEWAY),
        (fire(device="NEW-7", event="fault"), Reason.UNKNOWN_DEVICE),
        (fire(device="NEW-7", event="fire_restore"), Reason.UNKNOWN_DEVICE),
    ],
)
def test_what_is_no_event_is_refused_with_its_reason(body: object, reason: Reason) -> None:
    found = read(body)
    assert (found.events, reasons(found)) == ([], [reason])


def test_events_of_a_gateway_that_is_not_registered_are_refused_whole() -> None:
    found = read([fire(), fire()], gateway="GW-404")
    assert (found.events, reasons(found)) == ([], [Reason.UNKNOWN_GATEWAY])


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([1], Reason.WRONG_TYPE),
        ("high", Reason.WRONG_TYPE),
        ({"note": "x" * 5000}, Reason.TOO_LONG),
        ({"note": "\x00"}, Reason.WRONG_TYPE),
    ],
)
def test_a_value_that_cannot_be_kept_is_left_out_and_the_fire_still_counts(value: object, reason: Reason) -> None:
    found = read(fire(value=value))
    assert [(one.what, one.value) for one in found.events] == [("fire", None)]
    assert reasons(found) == [reason]


def test_a_drill_is_passed_on_and_one_that_cannot_be_leaves_the_event_real() -> None:
    found = read(fire(drill="D-1", seq=1), fire(drill=1, seq=2), fire(seq=3, drill="not a code"))
    assert [one.drill for one in found.events] == ["D-1", None, None]
    assert reasons(found) == [Reason.WRONG_TYPE] * 2


def test_unknown_members_are_ignored_and_counted() -> None:
    found = read(fire(colour="red", floor=3))
    assert (len(found.events), found.ignored) == (1, 2)


def test_every_event_is_a_signal_that_can_be_written_and_read_again() -> None:
    body = fire(value={"smoke_db_m": 0.3, "text": "三楼"}, drill="D-1", ts=NOW_MS - 120_000)
    found = read(body, {"device": "NEW-7", "event": "fire"}).events
    first, second = (seam.decode(seam.encode(one)) for one in signal.of_events(found))
    assert (first.id, first.place, first.event, first.flags) == (found[0].id, "P-ROOM", "fire", ("late",))
    assert (first.ts, first.received_at) == (
        at(NOW_US - 120_000_000),
        datetime.fromtimestamp(NOW_MS / 1000, UTC).replace(microsecond=0),
    )
    assert (first.value, first.drill, first.undated) == ({"smoke_db_m": 0.3, "text": "三楼"}, "D-1", False)
    assert (second.place, second.flags, second.undated, second.ts) == (
        "P1",
        ("unregistered",),
        True,
        second.received_at,
    )


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
items = st.fixed_dictionaries(
    {},
    optional={
        "device": st.sampled_from(["SMK-1", "SMK-9", "NEW-7"]) | anything,
        "event": st.sampled_from(list(event.What)) | anything,
        "ts": st.sampled_from([NOW_MS, 0]) | anything,
        "seq": st.integers() | anything,
        "value": anything,
        "drill": anything,
    },
)
bodies = (
    st.binary(max_size=200)
    | anything.map(lambda value: json.dumps(value).encode())
    | st.lists(items, max_size=5).map(lambda value: json.dumps(value).encode())
    | items.map(lambda value: json.dumps({"events": [value]}).encode())
)


@settings(max_examples=60, deadline=None)
@given(st.lists(bodies, max_size=4))
def test_whatever_the_bytes_nothing_is_raised_and_every_event_becomes_a_signal(payloads: list[bytes]) -> None:
    found = read(*payloads)
    for one, sent in zip(found.events, signal.of_events(found.events), strict=True):
        assert seam.decode(seam.encode(sent)).id == one.id
        assert event.EARLIEST_US <= one.ts_us <= one.received_us + event.AHEAD_US
        json.dumps(one.value, ensure_ascii=False).encode()


def test_of_a_message_of_mistakes_ten_thousand_are_told_apart_and_all_counted() -> None:
    found = read([5] * 10_400)
    assert (len(found.rejections), sum(each.count for each in found.rejections)) == (10_000, 10_400)
