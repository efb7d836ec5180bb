"""Messages made once and stamped at each sending, so that each reading has a time and a number of its own.

A corpus is PUBLISH packets end to end in one array of bytes. What differs from one sending to the next stands at known
places in fields of a fixed width: packet id, time `ts` and number `seq` of each reading. Pure.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import cbor2
import msgspec
import numpy as np
import numpy.typing as npt

from simulators.load import packets
from simulators.load.packets import Bytes, Ids

FIRST_SEQ, LAST_SEQ = 1_000_000_000, 4_294_967_295
"""Numbers of readings: in JSON ten digits, in MessagePack and CBOR four bytes, all of them."""

_TS, _SEQ = 1_111_111_111_111, 2_222_222_222
"""Stand where time (epoch milliseconds, 13 digits or eight bytes) and number go."""


class Format(StrEnum):
    """How a payload is written."""

    JSON = "json"
    MSGPACK = "msgpack"
    CBOR = "cbor"


CONTENT_TYPES: Mapping[Format, str | None] = {
    Format.JSON: None,
    Format.MSGPACK: "application/msgpack",
    Format.CBOR: "application/cbor",
}

_ENCODERS: Mapping[Format, Callable[[object], bytes]] = {
    Format.JSON: msgspec.json.encode,
    Format.MSGPACK: msgspec.msgpack.encode,
    Format.CBOR: cbor2.dumps,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What one device measures: the members of its reading but `device`, `ts` and `seq`."""

    gateway: str
    device: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Corpus:
    """`buffer`: all packets; message `i` is `buffer[starts[i]:starts[i + 1]]`, its id at `id_at[i]`, its readings
    numbers `readings[i]` to `readings[i + 1] - 1`, whose time and number stand at `ts_at` and `seq_at`.
    """

    form: Format
    buffer: Bytes
    starts: Ids
    id_at: Ids
    readings: Ids
    ts_at: Ids
    seq_at: Ids

    def __len__(self) -> int:
        return len(self.id_at)

    def stamped(self, begin: int, end: int, packet_ids: Ids, ts_ms: int, first_seq: int) -> bytes:
        """Messages `begin` to `end - 1` with these packet ids; their readings have time `ts_ms` and count on from
        `first_seq`.
        """
        low, high = int(self.readings[begin]), int(self.readings[end])
        seqs = np.arange(first_seq, first_seq + high - low)
        self.buffer[_places(self.id_at[begin:end], 2)] = _big_endian(packet_ids, 2)
        if self.form is Format.JSON:
            ts = np.frombuffer(b"%013d" % ts_ms, np.uint8)
            self.buffer[_places(self.ts_at[low:high], 13)] = ts
            self.buffer[_places(self.seq_at[low:high], 10)] = _digits(seqs, 10)
        else:
            self.buffer[_places(self.ts_at[low:high], 8)] = np.frombuffer(ts_ms.to_bytes(8, "big"), np.uint8)
            self.buffer[_places(self.seq_at[low:high], 4)] = _big_endian(seqs, 4)
        return self.buffer[self.starts[begin] : self.starts[end]].tobytes()


def build(
    said: Iterable[Said],
    prefix: str,
    *,
    per_message: int = 1,
    form: Format = Format.JSON,
    level: int = 5,
    alone: bool = True,
) -> Corpus:
    """One reading of each device, `per_message` of the same gateway in a message; a gateway with fewer repeats its own.

    `alone`: a single reading is sent as such, not as a list of one.
    """
    encode = _ENCODERS[form]
    marks = encode("ts") + encode(_TS)[:1], encode("seq") + encode(_SEQ)[:1]
    if form is Format.JSON:
        marks = b'"ts":', b'"seq":'
    pieces, id_at, ts_at, seq_at = [], [], [], []
    starts, readings = [0], [0]
    for gateway, group in _groups(said, per_message):
        items = [{"device": one.device, "ts": _TS, "seq": _SEQ, **one.values} for one in group]
        payload = encode(items[0] if alone and len(items) == 1 else {"readings": items})
        made = packets.publish(f"{prefix}/{gateway}/telemetry", payload, level, CONTENT_TYPES[form])
        begin = starts[-1]
        pieces.append(made.packet)
        id_at.append(begin + made.id_at)
        ts_at += _found(payload, marks[0], encode(_TS), begin + made.payload_at, len(items))
        seq_at += _found(payload, marks[1], encode(_SEQ), begin + made.payload_at, len(items))
        starts.append(begin + len(made.packet))
        readings.append(readings[-1] + len(items))
    columns = (np.array(one, np.int64) for one in (starts, id_at, readings, ts_at, seq_at))
    return Corpus(form, np.frombuffer(b"".join(pieces), np.uint8).copy(), *columns)


def _groups(said: Iterable[Said], size: int) -> list[tuple[str, Sequence[Said]]]:
    """Gateways take turns, so that neighbours in the corpus are of different ones."""
    of_gateway: dict[str, list[Said]] = {}
    for one in said:
        of_gateway.setdefault(one.gateway, []).append(one)
    rows: list[list[tuple[str, Sequence[Said]]]] = []
    for gateway, own in of_gateway.items():
        count = -(-len(own) // size)
        filled = [own[number % len(own)] for number in range(count * size)]
        for row in range(count):
            if row == len(rows):
                rows.append([])
            rows[row].append((gateway, filled[row * size : (row + 1) * size]))
    return [each for row in rows for each in row]


def _found(payload: bytes, mark: bytes, value: bytes, begin: int, count: int) -> list[int]:
    """Where in the corpus the digits or bytes of the values behind `mark` begin."""
    whole = mark + (value if mark.endswith(b":") else value[1:])
    places, at = [], payload.find(whole)
    while at >= 0:
        places.append(begin + at + len(mark))
        at = payload.find(whole, at + 1)
    if len(places) != count:
        raise ValueError(f"{len(places)} places of {mark!r} in a message of {count} readings")
    return places


def _places(at: Ids, width: int) -> Ids:
    """Index of each of `width` bytes from each of `at`, int64[n, width]."""
    places: Ids = at[:, None] + np.arange(width)
    return places


def _digits(numbers: Ids, width: int) -> npt.NDArray[np.uint8]:
    """Decimal digits as ASCII, uint8[n, width]."""
    digits: npt.NDArray[np.uint8] = (numbers[:, None] // 10 ** np.arange(width - 1, -1, -1) % 10 + 48).astype(np.uint8)
    return digits


def _big_endian(numbers: Ids, width: int) -> npt.NDArray[np.uint8]:
    whole = numbers.astype(f">u{width}")
    return np.frombuffer(whole.tobytes(), np.uint8).reshape(-1, width)
