"""The binary COPY image of columns: what `COPY … FROM STDIN (FORMAT binary)` reads, built by numpy."""

import struct

import numpy as np
from numpy.typing import NDArray

from devices.profile import CANONICAL
from ingest.columns import Columns

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
TRAILER = struct.pack("!h", -1)

PG_EPOCH_US = 946_684_800_000_000
"""PostgreSQL counts its timestamps from 2000-01-01."""

MISDATED_US = 30 * 24 * 3600 * 1_000_000
"""Older than this at receipt, a reading does not go to the hypertable (DESIGN decision 13)."""


def image(columns: Columns) -> bytes:
    """`columns` as a COPY image, rows in order; NaN becomes NULL.

    Every row is laid out as if all its values were there; the bytes of those that are not are then left out.
    """
    count = len(CANONICAL[columns.kind])
    rows = np.empty(len(columns), dtype=_layout(count))
    rows["fields"] = 4 + count
    for number, (name, content) in enumerate(_key(columns).items()):
        rows[f"length{number}"] = rows.dtype[name].itemsize
        rows[name] = content
    present = ~np.isnan(columns.values)
    for number in range(count):
        rows[f"length{4 + number}"] = np.where(present[:, number], 8, -1)
        rows[f"value{number}"] = columns.values[:, number]
    if present.all():
        return HEADER + rows.tobytes() + TRAILER
    return HEADER + rows.view(np.uint8)[_kept(rows.dtype, present)].tobytes() + TRAILER


def split_misdated(columns: Columns) -> tuple[Columns, Columns]:
    """The readings for the hypertable, and those dated more than 30 days before receipt."""
    misdated = columns.ts_us < columns.received_us - MISDATED_US
    if not misdated.any():
        return columns, columns.where(slice(0, 0))
    return columns.where(~misdated), columns.where(misdated)


def _key(columns: Columns) -> dict[str, NDArray[np.int64] | NDArray[np.int32]]:
    return {
        "ts": columns.ts_us - PG_EPOCH_US,
        "device": columns.device,
        "seq": columns.seq,
        "received_at": columns.received_us - PG_EPOCH_US,
    }


def _layout(count: int) -> np.dtype[np.void]:
    """One row: the number of fields, then length and content of each; big-endian, no padding."""
    fields = [("fields", ">i2")]
    key = (("ts", ">i8"), ("device", ">i4"), ("seq", ">i8"), ("received_at", ">i8"))
    for number, (name, form) in enumerate((*key, *((f"value{number}", ">f8") for number in range(count)))):
        fields += [(f"length{number}", ">i4"), (name, form)]
    return np.dtype(fields)


def _kept(layout: np.dtype[np.void], present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """True for the bytes of all rows but the contents of absent values; flat, like the rows' bytes."""
    mask = np.ones((len(present), layout.itemsize), dtype=np.bool_)
    first = layout.itemsize - present.shape[1] * 12
    contents = mask[:, first:].reshape(len(present), present.shape[1], 12)
    contents[:, :, 4:] = present[:, :, None]
    mask[:, first:] = contents.reshape(len(present), -1)
    return mask.reshape(-1)
