"""Messages of readings become columns per device kind, and rejections: nothing raises, whatever the bytes.

Canonical readings are decoded straight into typed structs and gathered as they are; whatever that refuses (vendor
words, units, mistakes) is read the patient way, item by item. Ranges and times are then judged over whole columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from devices.model import Kind
from devices.profile import CANONICAL
from ingest import payload, reading, value
from ingest.catalog import Catalog, Entry
from ingest.columns import Columns, empty, joined
from ingest.payload import Message, Refusal
from ingest.reading import Reading
from ingest.refused import Refused
from ingest.rejection import Reason, Rejection

AHEAD_US = 24 * 3600 * 1_000_000
"""A reading dated further ahead than this is refused (CONTRACT section 1)."""

EARLIEST_US = -62_135_510_400_000_000
"""0001-01-02: what `datetime` can still hold in every time zone."""

_ITEMS = 1 << 20
"""More than any message can hold, so that message and item number make one number that orders readings."""


_NO_ROWS: NDArray[np.int32] = np.zeros(0, dtype=np.int32)


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


@dataclass(slots=True)
class _Fast:
    """Readings in canonical words, as they came; of each message its number, its receive time and how many it held.

    `rows`: catalog row of each reading's device, -1 where there is none behind the gateway.
    """

    readings: list[Reading] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    received_us: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)

    def origins(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Message number * _ITEMS + item number, and receive time, of each reading."""
        first = np.array(self.numbers, dtype=np.int64) * _ITEMS
        received_us = np.array(self.received_us, dtype=np.int64)
        if len(first) == len(self.readings) and 0 not in self.counts:  # one in each
            return first, received_us
        counts = np.array(self.counts, dtype=np.int64)
        index = np.arange(len(self.readings)) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.repeat(first, counts) + index, np.repeat(received_us, counts) + index


@dataclass(slots=True)
class _Patient:
    """Readings of one kind that were read item by item. `origins`: message number * _ITEMS + item number."""

    origins: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    ts_us: list[int] = field(default_factory=list)
    seq: list[int] = field(default_factory=list)
    received_us: list[int] = field(default_factory=list)
    values: list[Sequence[float]] = field(default_factory=list)
    drills: dict[int, str] = field(default_factory=dict)
    notes: dict[int, list[Refusal]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Gathered:
    """Readings of one kind as columns, not judged yet; `drills`, and `notes` of what was refused so far, by origin."""

    origins: NDArray[np.int64]
    rows: NDArray[np.int32]
    columns: Columns
    drills: dict[int, str]
    notes: dict[int, list[Refusal]]


def readings(messages: Sequence[Message], catalog: Catalog, earliest_us: int = 0) -> Decoded:
    """Every good value of every message, as columns; every other item as a rejection.

    Messages received before `earliest_us`, or at the time of the one before them, count as received a little later.
    """
    if not messages:  # the events' lane never has any, and every millisecond there is one of an alarm
        return Decoded({kind: Sheet(empty(kind), _NO_ROWS, {}) for kind in Kind}, [], 0, earliest_us)
    reader = _Reader(catalog, messages, earliest_us)
    reader.read()
    sheets = {kind: reader.judged(gathered) for kind, gathered in reader.gathered().items()}
    return Decoded(sheets, reader.refused.all(), reader.ignored, reader.next_us)


class _Reader:
    """Takes messages one by one, then gives the columns."""

    def __init__(self, catalog: Catalog, messages: Sequence[Message], earliest_us: int) -> None:
        self.catalog = catalog
        self.messages = messages
        self.next_us = earliest_us
        self.refused = Refused()
        self.ignored = 0
        self.fast = _Fast()
        self.patient = {kind: _Patient() for kind in Kind}
        self.cut: tuple[int, list[object]] = (-1, [])

    def read(self) -> None:
        """Every message: typed readings are kept as they are, the others picked out one by one."""
        behind_of, fast = self.catalog.behind, self.fast
        for number, message in enumerate(self.messages):
            received_us = max(self.next_us, message.received_us)
            if (behind := behind_of.get(message.gateway)) is None:
                refusal = Refusal(Reason.UNKNOWN_GATEWAY, f"gateway {message.gateway} is not registered")
                self.refused.add(message, refusal)
                continue
            found = reading.typed(message)
            if found is None:
                self.read_patiently(number, received_us)
                continue
            count = 1
            if isinstance(found, list):
                count = len(found)
                fast.readings += found
                fast.rows += [behind.get(each.device, -1) for each in found]
            else:
                fast.readings.append(found)
                fast.rows.append(behind.get(found.device, -1))
            fast.numbers.append(number)
            fast.received_us.append(received_us)
            fast.counts.append(count)
            self.next_us = received_us + (count or 1)

    def read_patiently(self, number: int, received_us: int) -> None:
        items = payload.items(self.messages[number], "readings")
        if isinstance(items, Refusal):
            self.refused.add(self.messages[number], items)
            return
        for index, item in enumerate(items):
            self.pick(item, number * _ITEMS + index, received_us + index)
        self.next_us = received_us + max(1, len(items))

    def pick(self, item: object, origin: int, received_us: int) -> None:
        """A reading in whatever words."""
        message = self.messages[origin // _ITEMS]
        if not isinstance(item, dict):
            refusal = Refusal(Reason.WRONG_TYPE, "a reading must be an object")
            self.refused.add(message, refusal, item)
            return
        entry = self.owner(item.get("device"), message.gateway)
        if isinstance(entry, Refusal):
            self.refused.add(message, entry, item)
            return
        header = value.header(item, received_us)
        if isinstance(header, Refusal):
            self.refused.add(message, header, item)
            return
        self.keep(entry, header, value.row(item, entry.profile), origin, received_us)

    def keep(self, entry: Entry, header: value.Header, row: value.Row, origin: int, received_us: int) -> None:
        patient = self.patient[entry.profile.kind]
        self.ignored += row.ignored
        if notes := [*header.refused, *row.refused]:
            patient.notes[origin] = notes
        if header.drill is not None:
            patient.drills[origin] = header.drill
        patient.origins.append(origin)
        patient.rows.append(entry.row)
        patient.ts_us.append(header.ts_us)
        patient.seq.append(header.seq)
        patient.received_us.append(received_us)
        patient.values.append(row.values)

    def owner(self, code: object, gateway: str) -> Entry | Refusal:
        """The device `code` behind the gateway, or why there is none."""
        if not isinstance(code, str):
            return Refusal(Reason.WRONG_TYPE, "device: expected a code")
        if (row := self.catalog.behind[gateway].get(code)) is not None:
            return self.catalog.entry(row)
        return value.stranger(code, self.catalog.registry)

    def gathered(self) -> dict[Kind, _Gathered]:
        """All readings of each kind, in order."""
        fast, catalog = self.fast, self.catalog
        rows = np.array(fast.rows, dtype=np.int32)
        origins, received_us = fast.origins()
        plain = rows >= 0
        if catalog.worded.any():
            plain &= ~catalog.worded[rows]
        # strangers need a reason, and a profile's own words come before the canonical ones
        for position in np.flatnonzero(~plain).tolist():
            origin = int(origins[position])
            self.pick(self.item(origin), origin, int(received_us[position]))
        kinds = np.where(plain, catalog.kinds[rows], -1) if len(catalog.kinds) else rows
        found = {}
        for place, kind in enumerate(Kind):
            mask = kinds == place
            if not mask.any():
                found[kind] = self.slow(kind)
                continue
            chosen = list(compress(fast.readings, mask.tolist()))
            self.ignored += reading.strays(kind, chosen)
            swift = self.swift(kind, chosen, origins[mask], rows[mask], received_us[mask])
            found[kind] = _merged(swift, self.slow(kind)) if self.patient[kind].rows else swift
        return found

    def swift(
        self,
        kind: Kind,
        chosen: Sequence[Reading],
        origins: NDArray[np.int64],
        rows: NDArray[np.int32],
        received_us: NDArray[np.int64],
    ) -> _Gathered:
        """The typed readings of one kind."""
        ts = np.array([each.ts for each in chosen], dtype=np.int64)
        ts_us = np.where(ts == reading.UNDATED, received_us, ts * 1000)
        seq = np.array([each.seq for each in chosen], dtype=np.int64)
        values = _converted(kind, reading.raw(kind, chosen))
        drills = {int(origins[n]): each.drill for n, each in enumerate(chosen) if each.drill is not None}
        return _Gathered(
            origins, rows, Columns(kind, ts_us, self.catalog.ids[rows], seq, received_us, values), drills, {}
        )

    def slow(self, kind: Kind) -> _Gathered:
        """The readings of one kind that were read item by item."""
        patient = self.patient[kind]
        rows = np.array(patient.rows, dtype=np.int32)
        raw = np.array(patient.values, dtype=np.float64).reshape(len(rows), len(value.RAW[kind]))
        columns = Columns(
            kind,
            np.array(patient.ts_us, dtype=np.int64),
            self.catalog.ids[rows],
            np.array(patient.seq, dtype=np.int64),
            np.array(patient.received_us, dtype=np.int64),
            _converted(kind, raw),
        )
        return _Gathered(np.array(patient.origins, dtype=np.int64), rows, columns, patient.drills, patient.notes)

    def judged(self, gathered: _Gathered) -> Sheet:
        """The readings, judged over whole columns; what that refuses is now in `refused`."""
        columns, origins = gathered.columns, gathered.origins
        self.judge_values(gathered)
        good = ~np.isnan(columns.values).all(axis=1)
        for origin in origins[~good].tolist():
            if origin not in gathered.notes:
                gathered.notes[origin] = [Refusal(Reason.NO_VALUES, "no value that this device measures")]
        good &= _judge_times(gathered)
        for origin, notes in gathered.notes.items():
            self.report(origin, notes)
        drills = {}
        if gathered.drills:
            kept = origins[good].tolist()
            drills = {place: gathered.drills[origin] for place, origin in enumerate(kept) if origin in gathered.drills}
        if good.all():
            return Sheet(columns, gathered.rows, drills)
        return Sheet(columns.where(good), gathered.rows[good], drills)

    def judge_values(self, gathered: _Gathered) -> None:
        """Values outside the profile's range are now absent, and noted."""
        columns = gathered.columns
        bounds, profiles = self.catalog.bounds[columns.kind], self.catalog.profiles[gathered.rows]
        low, high = bounds.low[profiles], bounds.high[profiles]
        bad = (columns.values < low) | (columns.values > high)
        if not bad.any():
            return
        for position, place in np.argwhere(bad).tolist():
            number, name = columns.values[position, place], CANONICAL[columns.kind][place]
            limits = f"{low[position, place]:g} to {high[position, place]:g}"
            refusal = Refusal(Reason.OUT_OF_RANGE, f"{name}: {number:g} is outside {limits}")
            gathered.notes.setdefault(int(gathered.origins[position]), []).append(refusal)
        columns.values[bad] = np.nan

    def report(self, origin: int, notes: list[Refusal]) -> None:
        """One rejection per reason of the reading that came as `origin`."""
        message, item = self.messages[origin // _ITEMS], self.item(origin)
        for reason in dict.fromkeys(note.reason for note in notes):
            detail = "; ".join(note.detail for note in notes if note.reason is reason)
            self.refused.add(message, Refusal(reason, detail), item)

    def item(self, origin: int) -> object:
        """The item as it was sent. The last message opened is kept, since mistakes come in runs."""
        number, index = divmod(origin, _ITEMS)
        if self.cut[0] != number:
            found = payload.items(self.messages[number], "readings")
            self.cut = (number, [] if isinstance(found, Refusal) else found)
        return self.cut[1][index]


def _merged(first: _Gathered, second: _Gathered) -> _Gathered:
    """Both, in the order in which they came."""
    if not len(second.rows):
        return first
    if not len(first.rows):
        return second
    origins = np.concatenate([first.origins, second.origins])
    order = np.argsort(origins)
    both = joined(first.columns.kind, [first.columns, second.columns])
    rows = np.concatenate([first.rows, second.rows])
    return _Gathered(
        origins[order], rows[order], both.where(order), first.drills | second.drills, first.notes | second.notes
    )


def _judge_times(gathered: _Gathered) -> NDArray[np.bool_]:
    """True for the readings whose time is acceptable; of the others nothing else is noted but that."""
    columns, origins = gathered.columns, gathered.origins
    ahead = columns.ts_us > columns.received_us + AHEAD_US
    early = columns.ts_us < EARLIEST_US
    bad = ahead | early
    if not bad.any():
        return ~bad
    for origin in origins[ahead].tolist():
        gathered.notes[origin] = [Refusal(Reason.TIME_AHEAD, "ts: more than 24 h ahead of the time of receipt")]
    for origin in origins[early].tolist():
        gathered.notes[origin] = [Refusal(Reason.TIME_RANGE, "ts: before the year 1")]
    return ~bad


def _converted(kind: Kind, raw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Raw values (n × RAW[kind]) as values (n × CANONICAL[kind]): %/m becomes dB/m where dB/m is absent.

    Out of a percentage that cannot be (100 or more, or negative) comes an infinity, which no range admits.
    Conversion: DOMAIN 1.3, obscuration = 1 - 10^(-m/10).
    """
    if kind is not Kind.SMOKE:
        return raw
    values, percent = raw[:, :-1], raw[:, -1]
    if np.isnan(percent).all():
        return values
    possible = (percent >= 0) & (percent < 100)
    with np.errstate(divide="ignore", invalid="ignore"):
        decibels = np.where(possible, -10 * np.log10(1 - percent / 100), np.where(np.isnan(percent), np.nan, np.inf))
    absent = np.isnan(values[:, 0])
    values[absent, 0] = decibels[absent]
    return values
