"""Messages of readings become columns per device kind, and rejections: nothing raises, whatever the bytes.

Canonical readings are decoded straight into a typed struct; whatever that refuses (vendor words, units, mistakes) is
read the patient way, item by item. Ranges and times are then judged over whole columns.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from devices.model import Kind
from devices.profile import CANONICAL
from ingest import payload, value
from ingest.catalog import Catalog, Entry
from ingest.columns import Columns
from ingest.payload import LARGEST_BYTES, Message, Refusal
from ingest.rejection import Reason, Rejection

AHEAD_US = 24 * 3600 * 1_000_000
"""A reading dated further ahead than this is refused (CONTRACT section 1)."""

EARLIEST_US = -62_135_510_400_000_000
"""0001-01-02: what `datetime` can still hold in every time zone."""


ABSENT = math.nan
"""What a canonical value is when a reading has none. It is told by identity: no other NaN comes out of JSON."""


class _Reading(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A reading in canonical words. The order of members makes each kind's values one slice of the tuple."""

    device: str = ""
    ts: Annotated[int, Meta(ge=-(2**53), le=2**53)] | msgspec.UnsetType = msgspec.UNSET
    seq: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] = -1
    drill: Annotated[str, Meta(pattern=value.DRILL)] | None = None
    smoke_db_m: float = ABSENT
    temperature_c: float = ABSENT
    chamber_pct: float = ABSENT
    battery_v: float = ABSENT
    battery_pct: float = ABSENT
    rssi_dbm: float = ABSENT
    smoke_pct_m: float = ABSENT
    residual_ma: float = ABSENT
    cable_temperature_c: float | Annotated[list[float], Meta(max_length=4)] = ABSENT
    current_a: float | Annotated[list[float], Meta(max_length=3)] = ABSENT
    voltage_v: float | Annotated[list[float], Meta(max_length=3)] = ABSENT
    power_w: float = ABSENT
    arc_half_cycles: float = ABSENT


class _Message(_Reading, gc=False, forbid_unknown_fields=True):
    """One reading, or the envelope of many."""

    readings: list[_Reading] | msgspec.UnsetType = msgspec.UNSET


_one = msgspec.json.Decoder(_Message)
_many = msgspec.json.Decoder(list[_Reading])
_SMOKE = slice(4, 11)
_ELECTRICAL = slice(11, 17)
_RSSI = 9
_BLANK = (ABSENT,) * 6
"""Equal to a slice of absent values because they are this very object."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Readings of one kind and whose they are.

    `rows`: row numbers of the catalog (int32); `drills`: the readings (by position) that claim to belong to a drill.
    """

    columns: Columns
    rows: NDArray[np.int32]
    drills: dict[int, str]


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a batch of messages held. `ignored` counts unknown members.

    `next_us`: the earliest receive time (microseconds after 1970) of the next message, so that undated readings never
    share one.
    """

    sheets: dict[Kind, Sheet]
    rejections: list[Rejection]
    ignored: int
    next_us: int


def readings(messages: Sequence[Message], catalog: Catalog, earliest_us: int = 0) -> Decoded:
    """Every good value of every message, as columns; every other item as a rejection.

    Messages received before `earliest_us`, or at the time of the one before them, count as received a little later.
    """
    reader = _Reader(catalog, messages, earliest_us)
    for number in range(len(messages)):
        reader.read(number)
    sheets = {kind: reader.sheet(kind) for kind in Kind}
    return Decoded(sheets, reader.rejections, reader.ignored, reader.next_us)


@dataclass(slots=True)
class _Gathered:
    """Readings of one kind before they are columns.

    `origins`: message number and item number of each; `notes`: what was refused of it so far.
    """

    rows: list[int] = field(default_factory=list)
    ts_us: list[int] = field(default_factory=list)
    seq: list[int] = field(default_factory=list)
    received_us: list[int] = field(default_factory=list)
    values: list[Sequence[float]] = field(default_factory=list)
    origins: list[tuple[int, int]] = field(default_factory=list)
    drills: dict[int, str] = field(default_factory=dict)
    notes: dict[int, list[Refusal]] = field(default_factory=dict)


class _Reader:
    """Takes messages one by one, then gives the columns."""

    def __init__(self, catalog: Catalog, messages: Sequence[Message], earliest_us: int) -> None:
        self.catalog = catalog
        self.messages = messages
        self.next_us = earliest_us
        self.rejections: list[Rejection] = []
        self.ignored = 0
        self.gathered = {kind: _Gathered() for kind in Kind}
        self.cut: tuple[int, list[object]] = (-1, [])

    def read(self, number: int) -> None:
        message = self.messages[number]
        received_us = max(self.next_us, message.received_us)
        if (behind := self.catalog.behind.get(message.gateway)) is None:
            refusal = Refusal(Reason.UNKNOWN_GATEWAY, f"gateway {message.gateway} is not registered")
            self.rejections.append(payload.rejection(message, refusal))
            return
        fast = _typed(message.payload)
        if fast is not None:
            for index, reading in enumerate(fast):
                self.take(reading, behind, (number, index), received_us + index)
            self.next_us = received_us + max(1, len(fast))
            return
        patient = payload.items(message.payload, "readings")
        if isinstance(patient, Refusal):
            self.rejections.append(payload.rejection(message, patient))
            return
        for index, item in enumerate(patient):
            self.pick(item, behind, (number, index), received_us + index)
        self.next_us = received_us + max(1, len(patient))

    def take(self, reading: _Reading, behind: dict[str, Entry], origin: tuple[int, int], received_us: int) -> None:
        """A reading in canonical words."""
        entry = behind.get(reading.device)
        if entry is None or entry.profile.fields:
            # strangers need a reason, and a profile's own words come before the canonical ones
            self.pick(self.item(origin), behind, origin, received_us)
            return
        values = msgspec.structs.astuple(reading)
        kind = entry.profile.kind
        raw: tuple[float, ...]
        if kind is Kind.SMOKE:
            raw, other = values[_SMOKE], values[_ELECTRICAL]
        else:
            raw, other = _spread(values), (*values[4:_RSSI], values[10])
        if other != _BLANK:
            self.ignored += sum(number is not ABSENT for number in other)
        gathered = self.gathered[kind]
        if reading.drill is not None:
            gathered.drills[len(gathered.rows)] = reading.drill
        gathered.rows.append(entry.row)
        gathered.ts_us.append(received_us if reading.ts is msgspec.UNSET else reading.ts * 1000)
        gathered.seq.append(reading.seq)
        gathered.received_us.append(received_us)
        gathered.values.append(raw)
        gathered.origins.append(origin)

    def pick(self, item: object, behind: dict[str, Entry], origin: tuple[int, int], received_us: int) -> None:
        """A reading in whatever words."""
        message = self.messages[origin[0]]
        if not isinstance(item, dict):
            refusal = Refusal(Reason.WRONG_TYPE, "a reading must be an object")
            self.rejections.append(payload.rejection(message, refusal, item))
            return
        entry = self.owner(item.get("device"), behind)
        if isinstance(entry, Refusal):
            self.rejections.append(payload.rejection(message, entry, item))
            return
        header = value.header(item, received_us)
        if isinstance(header, Refusal):
            self.rejections.append(payload.rejection(message, header, item))
            return
        self.keep(entry, header, value.row(item, entry.profile), origin, received_us)

    def keep(
        self, entry: Entry, header: value.Header, row: value.Row, origin: tuple[int, int], received_us: int
    ) -> None:
        gathered = self.gathered[entry.profile.kind]
        position = len(gathered.rows)
        self.ignored += row.ignored
        if notes := [*header.refused, *row.refused]:
            gathered.notes[position] = notes
        if header.drill is not None:
            gathered.drills[position] = header.drill
        gathered.rows.append(entry.row)
        gathered.ts_us.append(header.ts_us)
        gathered.seq.append(header.seq)
        gathered.received_us.append(received_us)
        gathered.values.append(row.values)
        gathered.origins.append(origin)

    def owner(self, code: object, behind: dict[str, Entry]) -> Entry | Refusal:
        """The device `code` behind the gateway, or why there is none."""
        if not isinstance(code, str):
            return Refusal(Reason.WRONG_TYPE, "device: expected a code")
        if (entry := behind.get(code)) is not None:
            return entry
        return value.stranger(code, self.catalog.registry)

    def sheet(self, kind: Kind) -> Sheet:
        """The readings gathered of `kind`, judged over whole columns; what that refuses is now in `rejections`."""
        gathered = self.gathered[kind]
        rows = np.array(gathered.rows, dtype=np.int32)
        columns = Columns(
            kind,
            np.array(gathered.ts_us, dtype=np.int64),
            self.catalog.ids[rows],
            np.array(gathered.seq, dtype=np.int64),
            np.array(gathered.received_us, dtype=np.int64),
            _converted(kind, gathered.values),
        )
        self.judge_values(columns, rows, gathered)
        good = ~np.isnan(columns.values).all(axis=1)
        for position in np.flatnonzero(~good).tolist():
            if position not in gathered.notes:
                gathered.notes[position] = [Refusal(Reason.NO_VALUES, "no value that this device measures")]
        good &= self.judge_times(columns, gathered)
        for position, notes in gathered.notes.items():
            self.report(gathered, position, notes)
        if good.all():
            return Sheet(columns, rows, gathered.drills)
        moved = np.cumsum(good) - 1
        drills = {int(moved[old]): drill for old, drill in gathered.drills.items() if good[old]}
        return Sheet(columns.where(good), rows[good], drills)

    def judge_values(self, columns: Columns, rows: NDArray[np.int32], gathered: _Gathered) -> None:
        """Values outside the profile's range are now absent, and noted."""
        bounds, profiles = self.catalog.bounds[columns.kind], self.catalog.profiles[rows]
        low, high = bounds.low[profiles], bounds.high[profiles]
        bad = (columns.values < low) | (columns.values > high)
        for position, place in np.argwhere(bad).tolist():
            number, name = columns.values[position, place], CANONICAL[columns.kind][place]
            limits = f"{low[position, place]:g} to {high[position, place]:g}"
            refusal = Refusal(Reason.OUT_OF_RANGE, f"{name}: {number:g} is outside {limits}")
            gathered.notes.setdefault(position, []).append(refusal)
        columns.values[bad] = np.nan

    def judge_times(self, columns: Columns, gathered: _Gathered) -> NDArray[np.bool_]:
        """True for the readings whose time is acceptable; of the others nothing else is noted but that."""
        ahead = columns.ts_us > columns.received_us + AHEAD_US
        early = columns.ts_us < EARLIEST_US
        for position in np.flatnonzero(ahead).tolist():
            gathered.notes[position] = [Refusal(Reason.TIME_AHEAD, "ts: more than 24 h ahead of the time of receipt")]
        for position in np.flatnonzero(early).tolist():
            gathered.notes[position] = [Refusal(Reason.TIME_RANGE, "ts: before the year 1")]
        return ~(ahead | early)

    def report(self, gathered: _Gathered, position: int, notes: list[Refusal]) -> None:
        """One rejection per reason of the reading at `position`."""
        message_number, _ = origin = gathered.origins[position]
        message, item = self.messages[message_number], self.item(origin)
        for reason in dict.fromkeys(note.reason for note in notes):
            detail = "; ".join(note.detail for note in notes if note.reason is reason)
            self.rejections.append(payload.rejection(message, Refusal(reason, detail), item))

    def item(self, origin: tuple[int, int]) -> object:
        """The item as it was sent. The last message opened is kept, since mistakes come in runs."""
        number, index = origin
        if self.cut[0] != number:
            found = payload.items(self.messages[number].payload, "readings")
            self.cut = (number, [] if isinstance(found, Refusal) else found)
        return self.cut[1][index]


def _typed(data: bytes) -> Sequence[_Reading] | None:
    """The readings in canonical words; None when there is anything else in `data`."""
    if len(data) > LARGEST_BYTES:
        return None
    try:
        if data[:1] == b"[":
            return _many.decode(data)
        message = _one.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if message.readings is msgspec.UNSET:
        return (message,)
    return message.readings


def _spread(values: tuple[Any, ...]) -> tuple[float, ...]:
    """An electrical reading's raw values in the order of CANONICAL, lists spread over their columns."""
    residual, cable, current, voltage, power, arc = values[_ELECTRICAL]
    return (residual, *_channels(cable, 4), *_channels(current, 3), *_channels(voltage, 3), power, arc, values[_RSSI])


def _channels(number: float | list[float], count: int) -> Sequence[float]:
    if isinstance(number, list):
        return number if len(number) == count else number + [ABSENT] * (count - len(number))
    return _BLANK[:count] if number is ABSENT else (number, *_BLANK[: count - 1])


def _converted(kind: Kind, rows: list[Sequence[float]]) -> NDArray[np.float64]:
    """Raw values (n × RAW[kind]) as values (n × CANONICAL[kind]): %/m becomes dB/m where dB/m is absent.

    Out of a percentage that cannot be (100 or more, or negative) comes an infinity, which no range admits.
    Conversion: DOMAIN 1.3, obscuration = 1 - 10^(-m/10).
    """
    raw = np.array(rows, dtype=np.float64).reshape(len(rows), len(value.RAW[kind]))
    if kind is not Kind.SMOKE:
        return raw
    values, percent = raw[:, :-1].copy(), raw[:, -1]
    possible = (percent >= 0) & (percent < 100)
    with np.errstate(divide="ignore", invalid="ignore"):
        decibels = np.where(possible, -10 * np.log10(1 - percent / 100), np.where(np.isnan(percent), np.nan, np.inf))
    absent = np.isnan(values[:, 0])
    values[absent, 0] = decibels[absent]
    return values
