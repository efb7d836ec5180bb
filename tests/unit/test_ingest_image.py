import math

import hypothesis.strategies as st
import numpy as np
from copied import numbers, parse
from hypothesis import given, settings
from hypothesis.extra import numpy as arrays

from devices.model import Kind
from devices.profile import CANONICAL
from ingest import columns, image
from ingest.columns import Columns


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
