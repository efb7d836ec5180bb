"""What matters at once is picked out: events, values that reach a level, every reading of a watched device.

Ids are deterministic, so that a signal that comes twice is known to be one (DESIGN decision 5).
"""

import hashlib
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from devices.profile import CANONICAL
from devices.signal import Signal
from ingest.catalog import Catalog
from ingest.columns import Columns
from ingest.decode import Sheet
from ingest.event import EARLIEST_US, LATE_US, Event
from ingest.value import at


def of_events(events: Sequence[Event]) -> list[Signal]:
    """Every event is a signal. Whether a drill's mark counts is for the desk to judge."""
    return [
        Signal(
            id=event.id,
            gateway=event.gateway,
            device=event.device,
            place=event.place,
            ts=at(event.ts_us),
            received_at=at(event.received_us),
            event=event.what.value,
            seq=event.seq,
            value=event.value,
            flags=event.flags,
            undated=event.undated,
            drill=event.drill,
        )
        for event in events
    ]


def of_readings(sheet: Sheet, catalog: Catalog, watched: NDArray[np.bool_]) -> list[Signal]:
    """The readings at or over a level of their profile, those of watched devices (`watched`: by catalog row), and all
    that came together with one at a level from the same device: the value may have fallen back already.
    """
    if not len(sheet.columns):
        return []
    hits = reached(sheet, catalog)
    if hits.any():
        watched = watched.copy()
        watched[sheet.rows[hits]] = True
    picked = hits | watched[sheet.rows]
    return [_of_reading(sheet, position, catalog) for position in np.flatnonzero(picked).tolist()]


def reached(sheet: Sheet, catalog: Catalog) -> NDArray[np.bool_]:
    """True for the readings with a value at or over (at or under) a level of their profile."""
    bounds, profiles = catalog.bounds[sheet.columns.kind], catalog.profiles[sheet.rows]
    values = sheet.columns.values
    hits = (values >= bounds.at_least[profiles]) | (values <= bounds.at_most[profiles])
    return np.asarray(hits.any(axis=1), dtype=np.bool_)


def _of_reading(sheet: Sheet, position: int, catalog: Catalog) -> Signal:
    columns, device = sheet.columns, catalog.devices[sheet.rows[position]]
    ts_us, received_us = int(columns.ts_us[position]), int(columns.received_us[position])
    seq = int(columns.seq[position])
    dated = ts_us >= EARLIEST_US
    flags = () if dated else ("clock",)
    if dated and received_us - ts_us > LATE_US:
        flags = ("late",)
    return Signal(
        id=reading_id(device.code, ts_us, seq),
        gateway=device.gateway,
        device=device.code,
        place=device.place,
        ts=at(ts_us if dated else received_us),
        received_at=at(received_us),
        seq=seq,
        values=_values(columns, position),
        flags=flags,
        drill=sheet.drills.get(position),
    )


def _values(columns: Columns, position: int) -> dict[str, float]:
    row = columns.values[position].tolist()
    return {name: number for name, number in zip(CANONICAL[columns.kind], row, strict=True) if not math.isnan(number)}


def reading_id(device: str, ts_us: int, seq: int) -> str:
    """The id of the signal of a reading, by its key."""
    return "r:" + hashlib.sha256(f"{device}\0{ts_us}\0{seq}".encode()).hexdigest()[:32]
