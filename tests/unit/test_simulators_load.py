"""The load generator's messages and acknowledgements, against the codec and decoders that ingest uses."""

from datetime import UTC, datetime

import cbor2
import districts
import hypothesis.strategies as st
import mqtt5
import msgspec
import numpy as np
import pytest
from hypothesis import given

from simulators.load import corpus, fleet, packets
from simulators.load.corpus import FIRST_SEQ, Format, Said

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
TS = 1_763_750_000_123
SAID = [
    Said(f"GW-{number % 3}", f"SMK-{number}", {"smoke_db_m": number / 1000, "battery_v": 2.98}) for number in range(50)
]
READ = {Format.JSON: msgspec.json.decode, Format.MSGPACK: msgspec.msgpack.decode, Format.CBOR: cbor2.loads}


def published(data: bytes) -> list[mqtt5.PublishPacket]:
    """All PUBLISH packets of a stream of MQTT 5, read by the codec that ingest uses."""
    found, at = [], 0
    while at < len(data):
        packet, size = mqtt5.read(memoryview(data)[at:])
        assert isinstance(packet, mqtt5.PublishPacket)
        found.append(packet)
        at += size
    return found


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("per_message", [1, 20, 700])
def test_every_reading_of_every_message_carries_its_time_and_a_number_of_its_own(
    form: Format, per_message: int
) -> None:
    made = corpus.build(SAID, "fg/v1", per_message=per_message, form=form)
    numbers = []
    for turn in range(2):
        ids = np.arange(1, len(made) + 1) + 300
        stream = made.stamped(0, len(made), ids, TS + turn, FIRST_SEQ + turn * int(made.readings[-1]))
        taken = published(stream)
        assert [packet.packet_id for packet in taken] == ids.tolist()
        for packet in taken:
            assert packet.content_type == corpus.CONTENT_TYPES[form]
            value = READ[form](packet.payload)
            items = [value] if per_message == 1 else value["readings"]
            assert len(items) == per_message
            for item in items:
                [own] = [one for one in SAID if one.device == item["device"]]
                assert packet.topic == f"fg/v1/{own.gateway}/telemetry"
                assert item["ts"] == TS + turn
                assert item["smoke_db_m"] == own.values["smoke_db_m"]
                numbers.append(item["seq"])
    assert numbers == list(range(FIRST_SEQ, FIRST_SEQ + len(numbers)))


def test_part_of_the_messages_is_stamped_and_the_rest_is_as_it_was() -> None:
    made = corpus.build(SAID, "fg/v1")
    before = made.buffer.tobytes()
    part = made.stamped(10, 13, np.array([7, 8, 9]), TS, FIRST_SEQ)
    assert [packet.packet_id for packet in published(part)] == [7, 8, 9]
    begin, end = int(made.starts[10]), int(made.starts[13])
    after = made.buffer.tobytes()
    assert after[begin:end] == part
    assert after[:begin] + after[end:] == before[:begin] + before[end:]


def test_mqtt_3_has_no_properties() -> None:
    made = packets.publish("t", b"{}", 4, "application/cbor")
    assert made.packet == b"\x32\x07\x00\x01t\x00\x00{}"
    assert made.packet[made.id_at : made.id_at + 2] == b"\0\0"
    assert made.packet[made.payload_at :] == b"{}"


def test_neighbours_are_of_different_gateways_and_a_connection_has_all_of_its_gateways() -> None:
    made = corpus.build(SAID, "fg/v1")
    stream = made.stamped(0, 9, np.arange(1, 10), TS, FIRST_SEQ)
    assert [packet.topic.split("/")[2] for packet in published(stream)] == ["GW-0", "GW-1", "GW-2"] * 3
    shares = fleet.shares(SAID, 2)
    gateways = [{one.gateway for one in share} for share in shares]
    assert gateways[0].isdisjoint(gateways[1])
    assert sorted(one.device for share in shares for one in share) == sorted(one.device for one in SAID)


def test_the_same_seed_says_the_same_and_nothing_that_alarms() -> None:
    registry = districts.small()
    once, again = (fleet.said(registry, 7, NOW) for _ in range(2))
    assert once == again
    assert once != fleet.said(registry, 8, NOW)
    assert {one.device for one in once} <= set(registry.devices)
    assert once


def test_connect_is_what_the_codec_writes() -> None:
    theirs = mqtt5.ConnectPacket("me", username="_firegrid", password=b"word", clean_start=True, keep_alive=0)
    ours = packets.connect("me", "_firegrid", "word", 5)
    assert sorted(ours.replace(b"\x05\x11\0\0\0\0", b"\0")[2:]) == sorted(theirs.write()[2:])


def test_the_receive_maximum_is_read_among_other_properties() -> None:
    answer = mqtt5.ConnAckPacket(
        session_present=False,
        reason_code=mqtt5.ConnAckReasonCode.SUCCESS,
        receive_max=321,
        assigned_client_id="somebody",
        server_keep_alive=7,
        topic_alias_max=10,
    )
    first = packets.first(answer.write())
    assert first is not None
    assert packets.welcome(first[1], 5) == packets.Welcome(0, 321)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("yes"), st.integers(1, 65_535)),
            st.tuples(st.just("reason"), st.integers(1, 65_535)),
            st.tuples(st.just("no"), st.integers(1, 65_535)),
            st.tuples(st.just("ping"), st.just(0)),
        ),
        max_size=40,
    ),
    st.integers(0, 200),
)
def test_acknowledgements_are_counted_wherever_the_stream_is_cut(said: list[tuple[str, int]], cut: int) -> None:
    forms = {"yes": b"\x40\x02%b", "reason": b"\x40\x03%b\x10", "no": b"\x40\x04%b\x97\x00", "ping": b"\xd0\x00%b"}
    stream = b"".join(forms[kind] % (b"" if kind == "ping" else number.to_bytes(2, "big")) for kind, number in said)
    taken, refused, rest = [], [], b""
    for piece in (stream[:cut], stream[cut:], b""):
        ids, noes, used = packets.acknowledged(rest + piece)
        rest = (rest + piece)[used:]
        taken += ids.tolist()
        refused += noes.tolist()
    assert taken == [number for kind, number in said if kind in ("yes", "reason")]
    assert refused == [number for kind, number in said if kind == "no"]
    assert not rest
