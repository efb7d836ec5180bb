"""A message's bytes become plain items, or the whole message is refused (CONTRACT section 1: not JSON, over-long)."""

import json
import math
from collections.abc import Callable
from typing import Any

import msgspec

from ingest import binary, encoding
from ingest.encoding import Encoding
from ingest.rejection import SAMPLE_BYTES, Reason, Rejection, clean, sample

LARGEST_BYTES = 256 * 1024
"""CONTRACT section 1."""

_DIGITS = 400
"""An integer of more digits is larger than any float, so it is read as infinity and refused as a value."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """What a gateway published. `received_us`: microseconds after 1970, UTC. `content_type` says how it is written."""

    gateway: str
    topic: str
    payload: bytes
    received_us: int
    content_type: str | None = None


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """Why something cannot be taken."""

    reason: Reason
    detail: str


WHOLE = object()
"""The item that is refused is the message."""


def rejection(message: Message, refusal: Refusal, item: object = WHOLE) -> Rejection:
    """The rejection of `item` of `message`, or of the message whole."""
    device = item.get("device") if isinstance(item, dict) else None
    return Rejection(
        reason=refusal.reason,
        detail=clean(refusal.detail),
        gateway=message.gateway,
        topic=message.topic,
        device=clean(device) if isinstance(device, str) else None,
        item=message.payload[:SAMPLE_BYTES] if item is WHOLE else sample(item, message.payload),
        received_us=message.received_us,
    )


def items(message: Message, envelope: str) -> list[object] | Refusal:
    """What `message` carries: one object, the list under `envelope` of an object, or an array."""
    value = load(message)
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


def load(message: Message) -> Any | Refusal:  # noqa: ANN401 (whatever JSON holds)
    """The value in `message`, in what JSON could hold and `binary.Foreign`. Of repeated members the last counts."""
    if len(message.payload) > LARGEST_BYTES:
        return Refusal(Reason.TOO_LARGE, f"{len(message.payload)} bytes, at most {LARGEST_BYTES} are taken")
    written = encoding.of(message.content_type)
    if written is None:
        return Refusal(Reason.CONTENT_TYPE, f"{message.content_type!r} is none of {', '.join(encoding.TAKEN)}")
    try:
        return _LOADERS[written](message.payload)
    except RecursionError:
        return Refusal(Reason.TOO_DEEP, "nested too deeply")
    except binary.UnusableError as error:
        return Refusal(Reason.WRONG_TYPE, str(error))
    except binary.MalformedError as error:
        return Refusal(_MALFORMED[written], str(error))


_MALFORMED = {
    Encoding.JSON: Reason.NOT_JSON,
    Encoding.MSGPACK: Reason.NOT_MSGPACK,
    Encoding.CBOR: Reason.NOT_CBOR,
}


def _json(payload: bytes) -> Any:  # noqa: ANN401
    """Numbers beyond a float are infinite. Raises MalformedError or RecursionError."""
    try:
        return _fast.decode(payload)
    except (msgspec.MsgspecError, ValueError) as error:
        return _patiently(payload, str(error))


def _patiently(payload: bytes, complaint: str) -> Any:  # noqa: ANN401
    """What is JSON by its grammar but more than the fast decoder takes: 1e999, a lone surrogate, endless digits."""
    try:
        return json.loads(payload.decode(), parse_constant=_refuse, parse_int=_integer)
    except ValueError as error:
        raise binary.MalformedError(complaint) from error


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _integer(digits: str) -> int | float:
    if len(digits) > _DIGITS:
        return -math.inf if digits.startswith("-") else math.inf
    return int(digits)


_fast = msgspec.json.Decoder()
_LOADERS: dict[Encoding, Callable[[bytes], Any]] = {
    Encoding.JSON: _json,
    Encoding.MSGPACK: binary.msgpack,
    Encoding.CBOR: lambda data: binary.plain(binary.cbor(data)),
}
