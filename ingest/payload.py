"""A message's bytes become plain items, or the whole message is refused (CONTRACT section 1: not JSON, over-long)."""

import json
import math
from dataclasses import dataclass
from typing import Any

import msgspec

from ingest.rejection import SAMPLE_BYTES, Reason, Rejection, clean, sample

LARGEST_BYTES = 256 * 1024
"""CONTRACT section 1."""

_DIGITS = 400
"""An integer of more digits is larger than any float, so it is read as infinity and refused as a value."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a gateway published. `received_us`: microseconds after 1970, UTC."""

    gateway: str
    topic: str
    payload: bytes
    received_us: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something cannot be taken."""

    reason: Reason
    detail: str


_WHOLE = object()


def rejection(message: Message, refusal: Refusal, item: object = _WHOLE) -> Rejection:
    """The rejection of `item` of `message`, or of the message whole."""
    device = item.get("device") if isinstance(item, dict) else None
    return Rejection(
        reason=refusal.reason,
        detail=clean(refusal.detail),
        gateway=message.gateway,
        topic=message.topic,
        device=clean(device) if isinstance(device, str) else None,
        item=message.payload[:SAMPLE_BYTES] if item is _WHOLE else sample(item, message.payload),
        received_us=message.received_us,
    )


def items(payload: bytes, envelope: str) -> list[object] | Refusal:
    """What `payload` carries: one object, the list under `envelope` of an object, or a JSON array."""
    value = load(payload)
    if isinstance(value, Refusal):
        return value
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return Refusal(Reason.WRONG_TYPE, "expected an object or an array")
    if envelope not in value:
        return [value]
    inner = value[envelope]
    if not isinstance(inner, list):
        return Refusal(Reason.WRONG_TYPE, f"{envelope}: expected an array")
    return inner


def load(payload: bytes) -> Any | Refusal:  # noqa: ANN401 (whatever JSON holds)
    """The JSON value in `payload`. Of repeated members the last counts; numbers beyond a float are infinite."""
    if len(payload) > LARGEST_BYTES:
        return Refusal(Reason.TOO_LARGE, f"{len(payload)} bytes, at most {LARGEST_BYTES} are taken")
    try:
        return _fast.decode(payload)
    except RecursionError:
        return Refusal(Reason.TOO_DEEP, "nested too deeply")
    except (msgspec.MsgspecError, ValueError) as error:
        return _patiently(payload, str(error))


def _patiently(payload: bytes, complaint: str) -> Any | Refusal:  # noqa: ANN401
    """What is JSON by its grammar but more than the fast decoder takes: 1e999, a lone surrogate, endless digits."""
    try:
        return json.loads(payload.decode(), parse_constant=_refuse, parse_int=_integer)
    except RecursionError:
        return Refusal(Reason.TOO_DEEP, "nested too deeply")
    except ValueError:
        return Refusal(Reason.NOT_JSON, complaint)


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _integer(digits: str) -> int | float:
    if len(digits) > _DIGITS:
        return -math.inf if digits.startswith("-") else math.inf
    return int(digits)


_fast = msgspec.json.Decoder()
