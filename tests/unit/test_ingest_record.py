import dataclasses
import json
import struct
import zlib
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as arrays

from devices import signal
from devices.model import Kind
from devices.profile import CANONICAL
from devices.signal import Signal
from ingest import columns, record
from ingest.batch import Batch
from ingest.columns import Columns
from ingest.event import Event, What
from ingest.rejection import Reason, Rejection
from ingest.status import Status

US = st.integers(-(2**53), 2**53)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
# what a payload of JSON can hold once msgspec has read it: integers of any size it reads, no NaN
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
TIMES = st.integers(0, 4_000_000_000_000_000).map(
    lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)


@st.composite
def readings(draw: st.DrawFn, kind: Kind) -> Columns:
    count = draw(st.integers(0, 5))

    def whole(form: type[np.generic]) -> np.ndarray:
        return draw(arrays.arrays(form, count))

    values = draw(
        arrays.arrays(np.float64, (count, len(CANONICAL[kind])), elements=st.floats() | st.just(float("nan")))
    )
    return Columns(kind, whole(np.int64), whole(np.int32), whole(np.int64), whole(np.int64), values)


EVENTS = st.builds(
    Event,
    id=WORDS, gateway=WORDS, device=WORDS, place=WORDS, what=st.sampled_from(What), ts_us=US, seq=US, received_us=US,
    value=st.none() | st.dictionaries(WORDS, JSON, max_size=3), flags=st.lists(WORDS, max_size=2).map(tuple),
    undated=st.booleans(), drill=st.none() | WORDS,
)  # fmt: skip
SIGNALS = st.builds(
    Signal,
    id=WORDS, gateway=WORDS, device=WORDS, place=WORDS, ts=TIMES, received_at=TIMES, event=st.none() | WORDS, seq=US,
    values=st.dictionaries(WORDS, st.floats(allow_nan=False, allow_infinity=False), max_size=3),
    value=st.none() | st.dictionaries(WORDS, JSON, max_size=3), flags=st.lists(WORDS, max_size=2).map(tuple),
    undated=st.booleans(), drill=st.none() | WORDS,
)  # fmt: skip
STATUSES = st.builds(Status, gateway=WORDS, state=WORDS, ts_us=US, received_us=US)
REJECTIONS = st.builds(
    Rejection,
    reason=st.sampled_from(Reason), detail=WORDS, gateway=WORDS, topic=WORDS, device=st.none() | WORDS,
    item=st.binary(max_size=20), received_us=US,
)  # fmt: skip
BATCHES = st.builds(
    Batch,
    st.fixed_dictionaries({}, optional={kind: readings(kind) for kind in Kind}),
    st.lists(EVENTS, max_size=3),
    st.lists(SIGNALS, max_size=3),
    st.lists(STATUSES, max_size=3),
    st.lists(REJECTIONS, max_size=3),
)


def content(batch: Batch) -> object:
    """Everything in it, to the bit."""
    return (
        {
            kind: [
                (each.name, part.dtype.str, part.shape, part.tobytes())
                for each in dataclasses.fields(columns)
                if isinstance(part := getattr(columns, each.name), np.ndarray)
            ]
            for kind, columns in batch.readings.items()
        },
        [(each, json.dumps(each.value, sort_keys=True)) for each in batch.events],
        [(each, json.dumps((each.value, each.values), sort_keys=True)) for each in batch.signals],
        list(batch.statuses),
        list(batch.rejections),
    )


@settings(max_examples=40, deadline=None)
@given(BATCHES, st.integers(1, 2**64 - 1))
def test_a_batch_comes_back_from_its_record_to_the_bit(batch: Batch, number: int) -> None:
    data = record.encode(batch, number)
    head = record.header(data)
    assert head is not None
    assert (head.number, head.whole) == (number, len(data))
    assert (head.readings, head.events) == (sum(map(len, batch.readings.values())), len(batch.events))
    body = data[record.HEADER_BYTES :]
    back = record.decode(head, body)
    assert back is not None
    assert content(back) == content(batch)
    assert record.signals(head, body[: head.signals_length]) == [json_of(each) for each in batch.signals]


def json_of(one: Signal) -> bytes:
    return signal.encode(one)


def small() -> Batch:
    one = columns.empty(Kind.SMOKE)
    one = Columns(
        Kind.SMOKE, *(np.ones(2, each.dtype) for each in (one.ts_us, one.device, one.seq, one.received_us)),
        np.full((2, len(CANONICAL[Kind.SMOKE])), np.nan),
    )  # fmt: skip
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    fire = Signal(id="e:1", gateway="G", device="D", place="P", ts=moment, received_at=moment, event="fire")
    return Batch({Kind.SMOKE: one}, signals=[fire], statuses=[Status("G", "online", 1, 1)])


def test_no_single_flipped_bit_goes_unnoticed() -> None:
    data = record.encode(small(), 7)
    for place in range(len(data)):
        for bit in range(8):
            broken = bytearray(data)
            broken[place] ^= 1 << bit
            head = record.header(bytes(broken))
            assert head is None or record.decode(head, bytes(broken[record.HEADER_BYTES :])) is None, (place, bit)


def test_no_beginning_of_a_record_is_taken_for_the_whole() -> None:
    data = record.encode(small(), 7)
    for length in range(len(data)):
        head = record.header(data[:length])
        assert head is None or record.decode(head, data[record.HEADER_BYTES : length]) is None
        assert record.find(data[:length], 0) is None


def test_a_record_is_found_among_other_bytes() -> None:
    data = record.encode(small(), 7)
    assert record.find(record.MAGIC + b"x" * 90 + data, 0) == len(record.MAGIC) + 90
    assert record.find(data + data, 1) == len(data)


def test_a_newer_record_is_refused_and_not_taken_for_damage() -> None:
    with pytest.raises(record.Newer, match="format 2"):
        record.header(newer())


def newer() -> bytes:
    """A record of the next version, whose header is longer."""
    head = struct.pack("<8sHHI", record.MAGIC, 2, 80, 5) + bytes(60)
    return head + struct.pack("<I", zlib.crc32(head)) + b"hello"


def test_what_json_cannot_say_is_not_written_at_all() -> None:
    event = Event("i", "G", "D", "P", What.FIRE, 1, 1, 1, {"n": object()}, (), undated=False, drill=None)
    with pytest.raises(record.NotEncodable):
        record.encode(Batch(events=[event]), 1)


def test_the_oldest_receipt_is_that_of_whatever_came_first() -> None:
    assert record.oldest_us(Batch()) == 0
    assert record.oldest_us(Batch(statuses=[Status("G", "online", 1, 9), Status("G", "online", 1, 5)])) == 5
    assert record.oldest_us(small()) == 1
