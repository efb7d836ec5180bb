import math
import struct

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings
from hypothesis.extra import numpy as arrays

from devices.model import Kind
from devices.profile import CANONICAL
from ingest import columns, image
from ingest.columns import Columns


def parse(data: bytes) -> list[tuple[bytes | None, ...]]:
    """Rows of a binary COPY image, as PostgreSQL's documentation lays it out ("COPY", section Binary Format)."""
    assert data[:11] == b"PGCOPY\n\xff\r\n\0"
    flags, extension = struct.unpack_from("!ii", data, 11)
    assert (flags, extension) == (0, 0)
    at, rows = 19, []
    while (count := struct.unpack_from("!h", data, at)[0]) != -1:
        at += 2
        row: list[bytes | None] = []
        for _ in range(count):
            (length,) = struct.unpack_from("!i", data, at)
            at += 4
            row.append(None if length == -1 else data[at : at + length])
            at += max(0, length)
        rows.append(tuple(row))
    assert at + 2 == len(data)
    return rows


def numbers(row: tuple[bytes | None, ...]) -> tuple[object, ...]:
    ts, device, seq, received = (
        struct.unpack(form, part)[0] for form, part in zip(("!q", "!i", "!q", "!q"), row, strict=False)
    )
    values = (None if part is None else struct.unpack("!d", part)[0] for part in row[4:])
    return (ts + image.PG_EPOCH_US, device, seq, received + image.PG_EPOCH_US, *values)


def int64s(count: int, low: int = -(2**62), high: int = 2**62) -> st.SearchStrategy[np.ndarray]:
    return arrays.arrays(np.int64, count, elements=st.integers(low, high))


@st.composite
def batches(draw: st.DrawFn) -> Columns:
    kind, count = draw(st.sampled_from(list(Kind))), draw(st.integers(0, 12))
    return Columns(
        kind,
        draw(int64s(count)),
        draw(arrays.arrays(np.int32, count)),
        draw(int64s(count, -(2**63), 2**63 - 1)),
        draw(int64s(count)),
        draw(arrays.arrays(np.float64, (count, len(CANONICAL[kind])), elements=st.floats() | st.just(float("nan")))),
    )


@settings(max_examples=60, deadline=None)
@given(batches())
def test_an_image_read_back_is_the_columns_it_was_made_of_with_null_for_nan(batch: Columns) -> None:
    expected = [
        (ts, device, seq, received, *(None if math.isnan(value) else value for value in values))
        for ts, device, seq, received, values in zip(
            batch.ts_us.tolist(),
            batch.device.tolist(),
            batch.seq.tolist(),
            batch.received_us.tolist(),
            batch.values.tolist(),
            strict=True,
        )
    ]
    assert [numbers(row) for row in parse(image.image(batch))] == expected


def test_readings_more_than_30_days_old_at_receipt_are_split_off() -> None:
    received = np.full(3, 10**16, dtype=np.int64)
    ts = received - np.array([0, image.MISDATED_US, image.MISDATED_US + 1])
    zeros = np.zeros(3, dtype=np.int64)
    batch = Columns(Kind.SMOKE, ts, zeros.astype(np.int32), np.arange(3), received, np.zeros((3, 6)))
    dated, misdated = image.split_misdated(batch)
    assert (dated.seq.tolist(), misdated.seq.tolist()) == ([0, 1], [2])
    assert len(image.split_misdated(columns.empty(Kind.SMOKE))[1]) == 0


@settings(max_examples=15, deadline=None)
@given(st.lists(batches(), max_size=4))
def test_joined_batches_hold_all_rows_in_order(parts: list[Columns]) -> None:
    for kind in Kind:
        same = [part for part in parts if part.kind is kind]
        assert columns.joined(kind, same).seq.tolist() == [seq for part in same for seq in part.seq.tolist()]
