"""Messages of device events become events, or rejections. Time never refuses an event (CONTRACT section 1)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec

from devices.registry import Registry
from ingest import payload, value
from ingest.payload import Message, Refusal
from ingest.refused import Refused
from ingest.rejection import Reason, Rejection

_SECOND_US = 1_000_000
AHEAD_US = 24 * 3600 * _SECOND_US
LATE_US = 60 * _SECOND_US
EARLIEST_US = value.since_1970(datetime(2020, 1, 1, tzinfo=UTC))

VALUE_BYTES = 4096
"""How long an event's `value` may be as JSON."""


class What(StrEnum):
    """The events of CONTRACT section 1."""

    FIRE = "fire"
    FIRE_RESTORE = "fire_restore"
    PREALARM = "prealarm"
    FAULT = "fault"
    FAULT_RESTORE = "fault_restore"
    TAMPER = "tamper"
    LOW_BATTERY = "low_battery"
    TEST = "test"
    SILENCE = "silence"
    MANUAL_CALL = "manual_call"


_ALARMS_UNREGISTERED = frozenset({What.FIRE, What.MANUAL_CALL})
_EVENTS = {what.value: what for what in What}
_MEMBERS = frozenset({"device", "ts", "seq", "event", "value", "drill"})


@dataclass(frozen=True, slots=True)
class Event:
    """One accepted event; times in microseconds after 1970, UTC. `id` is the same whenever the same event is sent.

    `undated`: `ts_us` is the time of receipt, because it had none or an impossible one; a repeat within 60 s is the
    same event.
    """

    id: str
    gateway: str
    device: str
    place: str
    what: What
    ts_us: int
    seq: int
    received_us: int
    value: dict[str, Any] | None
    flags: tuple[str, ...]
    undated: bool
    drill: str | None


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a batch of messages held. `ignored` counts unknown members; `next_us` as in `decode.Decoded`."""

    events: list[Event]
    rejections: list[Rejection]
    ignored: int
    next_us: int


def events(messages: Sequence[Message], registry: Registry, earliest_us: int = 0) -> Decoded:
    """Every event of every message, in order; the rest as rejections. Nothing raises, whatever the bytes."""
    found: list[Event] = []
    rejected = Refused()
    ignored, next_us = 0, earliest_us
    for message in messages:
        received_us = max(next_us, message.received_us)
        if message.gateway not in registry.gateways:
            refusal = Refusal(Reason.UNKNOWN_GATEWAY, f"gateway {message.gateway} is not registered")
            rejected.add(message, refusal)
            continue
        items = payload.items(message, "events")
        if isinstance(items, Refusal):
            rejected.add(message, items)
            continue
        for index, item in enumerate(items):
            event, refused = read(item, message.gateway, registry, received_us + index)
            if event is not None:
                found.append(event)
            for refusal in refused:
                rejected.add(message, refusal, item)
            if isinstance(item, dict):
                ignored += sum(name not in _MEMBERS for name in item)
        next_us = received_us + max(1, len(items))
    return Decoded(found, rejected.all(), ignored, next_us)


def read(item: object, gateway: str, registry: Registry, received_us: int) -> tuple[Event | None, list[Refusal]]:
    """The event in `item`, and what had to be left out of it; None and the reason when it is none."""
    if not isinstance(item, dict):
        return None, [Refusal(Reason.WRONG_TYPE, "an event must be an object")]
    what = _what(item.get("event"))
    seq = value.sequence(item.get("seq", -1))
    if isinstance(what, Refusal):
        return None, [what]
    if isinstance(seq, Refusal):
        return None, [seq]
    origin = _origin(item.get("device"), gateway, what, registry)
    if isinstance(origin, Refusal):
        return None, [origin]
    device, place, flags = origin
    drill, attached = value.drill(item.get("drill")), _attached(item.get("value"))
    ts_us, time_flags, refused = _time(item, received_us)
    event = Event(
        id=_digest(device, what, ts_us, seq) if ts_us is not None else _digest(gateway, _canonical(item)),
        gateway=gateway,
        device=device,
        place=place,
        what=what,
        ts_us=received_us if ts_us is None else ts_us,
        seq=seq,
        received_us=received_us,
        value=None if isinstance(attached, Refusal) else attached,
        flags=flags + time_flags,
        undated=ts_us is None,
        drill=None if isinstance(drill, Refusal) else drill,
    )
    return event, [*refused, *(part for part in (drill, attached) if isinstance(part, Refusal))]


def _what(name: object) -> What | Refusal:
    if not isinstance(name, str):
        return Refusal(Reason.WRONG_TYPE, "event: expected a word")
    return _EVENTS.get(name) or Refusal(Reason.UNKNOWN_EVENT, f"event: {name!r} is none of {', '.join(What)}")


def _origin(device: object, gateway: str, what: What, registry: Registry) -> tuple[str, str, tuple[str, ...]] | Refusal:
    """The device's code, its place, and the flag of one that is not registered but must be heard."""
    if not isinstance(device, str) or not device.isprintable() or not device.strip():
        return Refusal(Reason.WRONG_TYPE, "device: expected a code")
    known = registry.devices.get(device)
    if known is not None and known.gateway == gateway:
        return device, known.place, ()
    refusal = value.stranger(device, registry)
    if refusal.reason is Reason.UNKNOWN_DEVICE and what in _ALARMS_UNREGISTERED:
        return device, registry.gateways[gateway].place, ("unregistered",)
    return refusal


def _time(item: dict[str, object], received_us: int) -> tuple[int | None, tuple[str, ...], list[Refusal]]:
    """When it happened (None: take the time of receipt), flags, and what was wrong with a `ts` that is no time."""
    if "ts" not in item:
        return None, (), []
    ts_us = value.microseconds(item["ts"])
    if isinstance(ts_us, Refusal):
        return None, ("clock",), [ts_us]
    if not EARLIEST_US <= ts_us <= received_us + AHEAD_US:
        return None, ("clock",), []
    return ts_us, ("late",) if received_us - ts_us > LATE_US else (), []


def _attached(given: object) -> dict[str, Any] | Refusal | None:
    """The event's `value` if it can be kept as jsonb; without it the event still counts."""
    if given is None:
        return None
    if not isinstance(given, dict):
        return Refusal(Reason.WRONG_TYPE, "value: expected an object")
    try:
        text = msgspec.json.encode(given)
    except (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError):
        return Refusal(Reason.WRONG_TYPE, "value: nested too deeply, or something that JSON cannot say")
    if len(text) > VALUE_BYTES:
        return Refusal(Reason.TOO_LONG, f"value: {len(text)} bytes, at most {VALUE_BYTES}")
    return Refusal(Reason.WRONG_TYPE, "value: text with a NUL character") if b"\\u0000" in text else given


def _canonical(item: dict[str, object]) -> str:
    """The item with its members in order, so that a repeat has the same digest however it is written."""
    try:
        return msgspec.json.encode(item, order="deterministic").decode()
    except (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError):
        return "|".join(f"{name!r}:{item[name]!r}"[:VALUE_BYTES] for name in sorted(item) if name != "value")


def _digest(*parts: object) -> str:
    return "e:" + hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:32]


def distinct(found: Sequence[Event]) -> list[Event]:
    """`found` without repeats: the same id, and where undated, within 60 s of the last one."""
    last: dict[str, int] = {}
    kept: list[Event] = []
    for event in found:
        before = last.get(event.id)
        if before is None or (event.undated and event.received_us - before >= LATE_US):
            last[event.id] = event.received_us
            kept.append(event)
    return kept
