"""Readings in canonical words: straight from a message's bytes into typed structs, and from those into columns.

Whatever this refuses (vendor words, units, unknown members, mistakes) is for the patient way, `value.row`.
"""

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Annotated, TypeAlias

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from devices.model import Kind
from ingest import binary, encoding, value
from ingest.encoding import Encoding
from ingest.payload import LARGEST_BYTES, Message

ABSENT = math.nan
"""What a canonical value is when a reading has none. No other NaN comes in: JSON has none, and `_Number` takes none."""

UNDATED = -(2**62)
"""The `ts` of a reading that has none."""

_Number = Annotated[float, Meta(ge=-sys.float_info.max, le=sys.float_info.max)]


class Reading(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A reading in canonical words; `ts` in milliseconds after 1970, UTC."""

    device: str = ""
    ts: Annotated[int, Meta(ge=-(2**53), le=2**53)] = UNDATED
    seq: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] = -1
    drill: Annotated[str, Meta(pattern=value.DRILL)] | None = None
    smoke_db_m: _Number = ABSENT
    temperature_c: _Number = ABSENT
    chamber_pct: _Number = ABSENT
    battery_v: _Number = ABSENT
    battery_pct: _Number = ABSENT
    rssi_dbm: _Number = ABSENT
    smoke_pct_m: _Number = ABSENT
    residual_ma: _Number = ABSENT
    cable_temperature_c: _Number | Annotated[list[_Number], Meta(max_length=4)] = ABSENT
    current_a: _Number | Annotated[list[_Number], Meta(max_length=3)] = ABSENT
    voltage_v: _Number | Annotated[list[_Number], Meta(max_length=3)] = ABSENT
    power_w: _Number = ABSENT
    arc_half_cycles: _Number = ABSENT


class _Message(Reading, gc=False, forbid_unknown_fields=True):
    """One reading, or the envelope of many."""

    readings: list[Reading] | msgspec.UnsetType = msgspec.UNSET


def typed(message: Message) -> Reading | list[Reading] | None:
    """The readings in `message` when all are in canonical words; None when there is anything else in it."""
    data = message.payload
    if len(data) > LARGEST_BYTES:
        return None
    written = message.content_type
    decode = _json if written is None else _DECODERS.get(encoding.of(written))
    if decode is None:
        return None
    try:
        found = decode(data)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        return None
    if isinstance(found, list) or found.readings is msgspec.UNSET:
        return found
    return found.readings


def _cbor(data: bytes) -> _Message | list[Reading]:
    return msgspec.convert(binary.cbor(data), _Message | list[Reading])


_Decode: TypeAlias = Callable[[bytes], _Message | list[Reading]]
_json: _Decode = msgspec.json.Decoder(_Message | list[Reading]).decode
_DECODERS: dict[Encoding | None, _Decode] = {
    Encoding.JSON: _json,
    Encoding.MSGPACK: msgspec.msgpack.Decoder(_Message | list[Reading]).decode,
    Encoding.CBOR: _cbor,
}


def raw(kind: Kind, readings: Sequence[Reading]) -> NDArray[np.float64]:
    """The values of readings of devices of `kind`: n × RAW[kind], NaN where a reading has none."""
    if kind is Kind.SMOKE:
        columns = value.RAW[kind]
        return _float64(chain.from_iterable(map(_smoke, readings)), len(readings), len(columns))
    return np.hstack(
        [
            _column([reading.residual_ma for reading in readings]),
            _channels([reading.cable_temperature_c for reading in readings], 4),
            _channels([reading.current_a for reading in readings], 3),
            _channels([reading.voltage_v for reading in readings], 3),
            _column([reading.power_w for reading in readings]),
            _column([reading.arc_half_cycles for reading in readings]),
            _column([reading.rssi_dbm for reading in readings]),
        ]
    )


def strays(kind: Kind, readings: Sequence[Reading]) -> int:
    """How many values there are that devices of `kind` do not measure."""
    other = _ELECTRICAL_ONLY if kind is Kind.SMOKE else _SMOKE_ONLY
    blank = (ABSENT,) * 6  # equal to six absent values because they are this very object
    return sum(number is not ABSENT for reading in readings if (found := other(reading)) != blank for number in found)


_smoke: Callable[[Reading], tuple[float, ...]] = attrgetter(*value.RAW[Kind.SMOKE])
_SMOKE_ONLY = attrgetter("smoke_db_m", "temperature_c", "chamber_pct", "battery_v", "battery_pct", "smoke_pct_m")
_ELECTRICAL_ONLY = attrgetter(
    "residual_ma", "cable_temperature_c", "current_a", "voltage_v", "power_w", "arc_half_cycles"
)


def _float64(numbers: Iterable[float], rows: int, columns: int) -> NDArray[np.float64]:
    return np.fromiter(numbers, np.float64, rows * columns).reshape(rows, columns)


def _column(numbers: Sequence[float]) -> NDArray[np.float64]:
    return _float64(numbers, len(numbers), 1)


def _channels(given: Sequence[float | list[float]], count: int) -> NDArray[np.float64]:
    """Each list, or the number that is the first of its channels, over `count` columns."""
    rest = [ABSENT] * count
    lists = [one if isinstance(one, list) else [one] for one in given]
    whole = [one if len(one) == count else one + rest[len(one) :] for one in lists]
    return _float64(chain.from_iterable(whole), len(given), count)
