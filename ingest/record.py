"""One batch as bytes on disk: a header, the signals, and the rest. Exact both ways; whatever is not whole is known.

The first 16 bytes of the header, and that its last four are the CRC-32 of what is before them, stay the same in every
version of the format, so that an older FireGrid can tell a newer record from a damaged one.
"""

import dataclasses
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from devices import signal
from devices.model import Kind
from ingest.batch import Batch
from ingest.columns import Columns
from ingest.event import Event
from ingest.rejection import Rejection
from ingest.status import Status

VERSION = 1
MAGIC = b"\xf6FGSPOOL"
"""The first byte begins no UTF-8 text: what a gateway sent as text cannot look like a record."""

_FRAME = struct.Struct("<8sHHI")
"""Magic, version, length of the header, length of all after the header."""
_HEADER = struct.Struct("<8sHHIQqIIIIII")
"""The frame, then: number; oldest receipt in microseconds after 1970; readings; events; length of the signals, their
CRC-32; CRC-32 of the rest; CRC-32 of the header before this."""
HEADER_BYTES = _HEADER.size

HEADER_ROOM = 1024
"""What `header` should be given at least, where there is so much: a newer version's header may be longer."""

LARGEST = 2**31
"""No record is longer; a header that says so is no header."""


class Newer(Exception):  # noqa: N818 (it says what is the case)
    """The record was written by a newer FireGrid."""


class NotEncodable(ValueError):  # noqa: N818 (the same)
    """The batch holds something that cannot be written exactly."""


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of a record before it is read. `oldest_us`: microseconds after 1970, the earliest receipt in it."""

    number: int
    oldest_us: int
    readings: int
    events: int
    signals_length: int
    signals_crc: int
    rest_crc: int
    length: int

    @property
    def whole(self) -> int:
        """Bytes of the record, header included."""
        return HEADER_BYTES + self.length


class _Array(msgspec.Struct, array_like=True):
    dtype: str
    shape: tuple[int, ...]
    data: bytes


class _Rest(msgspec.Struct, array_like=True):
    """`values`: those of the events as JSON, which holds integers of any size; null for none."""

    readings: dict[str, dict[str, _Array]]
    events: list[Event]
    values: list[bytes | None]
    statuses: list[Status]
    rejections: list[Rejection]


_packer = msgspec.msgpack.Encoder()
_rest = msgspec.msgpack.Decoder(_Rest)
_signals = msgspec.msgpack.Decoder(list[bytes])


def encode(batch: Batch, number: int) -> bytes:
    """`batch` as the record `number`.

    Raises NotEncodable.
    """
    try:
        signals = _packer.encode([signal.encode(each) for each in batch.signals])
        rest = _packer.encode(
            _Rest(
                {kind.value: _arrays(columns) for kind, columns in batch.readings.items()},
                [dataclasses.replace(each, value=None) for each in batch.events],
                [None if each.value is None else msgspec.json.encode(each.value) for each in batch.events],
                list(batch.statuses),
                list(batch.rejections),
            )
        )
    except (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise NotEncodable(str(error)) from error
    length = len(signals) + len(rest)
    if HEADER_BYTES + length > LARGEST:
        raise NotEncodable(f"a record of {length} bytes")
    head = _HEADER.pack(
        MAGIC,
        VERSION,
        HEADER_BYTES,
        length,
        number,
        oldest_us(batch),
        sum(len(each) for each in batch.readings.values()),
        len(batch.events),
        len(signals),
        zlib.crc32(signals),
        zlib.crc32(rest),
        0,
    )[:-4]
    return b"".join((head, zlib.crc32(head).to_bytes(4, "little"), signals, rest))


def header(data: bytes | memoryview) -> Header | None:
    """The header at the start of `data`, None where there is none.

    Raises Newer.
    """
    if len(data) < _FRAME.size:
        return None
    magic, version, length, _ = _FRAME.unpack_from(data)
    if magic != MAGIC or not _FRAME.size + 4 <= length <= len(data):
        return None
    if zlib.crc32(data[: length - 4]) != int.from_bytes(data[length - 4 : length], "little"):
        return None
    if version != VERSION:
        raise Newer(f"a record of format {version}; this FireGrid reads format {VERSION}")
    _, _, _, body, number, oldest, readings, events, signals_length, signals_crc, rest_crc, _ = _HEADER.unpack_from(
        data
    )
    if signals_length > body or HEADER_BYTES + body > LARGEST:
        return None
    return Header(number, oldest, readings, events, signals_length, signals_crc, rest_crc, body)


def signals(head: Header, data: bytes | memoryview) -> list[bytes] | None:
    """The encoded signals of the record whose first bytes after the header are `data`; None when they are damaged."""
    part = data[: head.signals_length]
    if len(part) != head.signals_length or zlib.crc32(part) != head.signals_crc:
        return None
    return _signals.decode(part)


def sound(head: Header, body: bytes | memoryview) -> bool:
    """Whether `body`, the bytes after the header, are as they were written."""
    if len(body) < head.length or zlib.crc32(body[: head.signals_length]) != head.signals_crc:
        return False
    return zlib.crc32(memoryview(body)[head.signals_length : head.length]) == head.rest_crc


def decode(head: Header, body: bytes) -> Batch | None:
    """The batch of the record whose bytes after the header are `body`; None when they are damaged."""
    encoded = signals(head, body)
    rest = memoryview(body)[head.signals_length : head.length]
    if encoded is None or not sound(head, body):
        return None
    read = _rest.decode(rest)
    events = [
        each if value is None else dataclasses.replace(each, value=msgspec.json.decode(value))
        for each, value in zip(read.events, read.values, strict=True)
    ]
    return Batch(
        {Kind(kind): _columns(Kind(kind), arrays) for kind, arrays in read.readings.items()},
        events,
        [signal.decode(each) for each in encoded],
        read.statuses,
        read.rejections,
    )


def find(data: bytes, start: int) -> int | None:
    """Where the next whole record with a sound header begins in `data`, from `start` on; None when there is none.

    Raises Newer.
    """
    at = data.find(MAGIC, start)
    while at >= 0:
        head = header(data[at : at + HEADER_ROOM])
        if head is not None and at + head.whole <= len(data):
            return at
        at = data.find(MAGIC, at + 1)
    return None


def oldest_us(batch: Batch) -> int:
    """The earliest receipt in `batch`, microseconds after 1970; 0 when it holds nothing."""
    times = [int(each.received_us.min()) for each in batch.readings.values() if len(each)]
    others: Sequence[Sequence[Event | Status | Rejection]] = (batch.events, batch.statuses, batch.rejections)
    times += [min(each.received_us for each in part) for part in others if part]
    return min(times, default=0)


def _arrays(columns: Columns) -> dict[str, _Array]:
    parts: dict[str, _Array] = {}
    for each in dataclasses.fields(columns):
        content: Any = getattr(columns, each.name)
        if isinstance(content, np.ndarray):
            parts[each.name] = _Array(content.dtype.str, content.shape, content.tobytes())
    return parts


def _columns(kind: Kind, arrays: dict[str, _Array]) -> Columns:
    parts: dict[str, Any] = {
        name: np.frombuffer(array.data, dtype=np.dtype(array.dtype)).reshape(array.shape)
        for name, array in arrays.items()
    }
    return Columns(kind=kind, **parts)
