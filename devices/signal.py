"""A signal: what ingest picked out because it may change an alarm. The desk is told by MQTT at once and reads the
`signals` table for the truth (DESIGN decision 5).
"""

from datetime import datetime
from typing import Any

import msgspec


class Signal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One device event, or one reading at or over a level or of a watched device.

    `id` is deterministic: the same item always yields the same id, `e:` for events, `r:` for readings, `o:` for what
    ingest says of silence (the events `offline` and `online`). `undated` events carry no `ts` of their own: a repeat of
    the id within 60 s is the same event (CONTRACT section 1). `values` are in the units their names carry. `flags`:
    `clock`, `late`, `unregistered`, `gateway`. `device` is the code as sent; it is not in the registry when flagged
    `unregistered`, and `place` is then the gateway's; flagged `gateway`, it is a gateway's code.
    """

    id: str
    gateway: str
    device: str
    place: str
    ts: datetime
    received_at: datetime
    event: str | None = None
    seq: int = -1
    values: dict[str, float] = {}
    value: dict[str, Any] | None = None
    flags: tuple[str, ...] = ()
    undated: bool = False
    drill: str | None = None


URGENT = frozenset({"fire", "manual_call"})
SMOKE = frozenset({"smoke_db_m", "smoke_pct_m", "temperature_c"})
"""Columns whose levels are those of a fire (CONTRACT section 1)."""


def urgent(one: Signal) -> bool:
    """True for what may be a fire; it is decided before anything else."""
    return one.event in URGENT or (one.event is None and not SMOKE.isdisjoint(one.values))


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Signal)


def encode(signal: Signal) -> bytes:
    """The signal as canonical JSON."""
    return _encoder.encode(signal)


def decode(data: bytes) -> Signal:
    """The signal in `data`.

    Raises msgspec.ValidationError or msgspec.DecodeError.
    """
    return _decoder.decode(data)
