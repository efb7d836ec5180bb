"""Bad input is data: an item that was refused, and why (CONTRACT section 1)."""

import json
from dataclasses import dataclass
from enum import StrEnum

import msgspec

SAMPLE_BYTES = 4096
"""How much of a refused item is kept; enough to see what a gateway does wrong."""

DETAIL_CHARACTERS = 200
"""How long the sentence about it may be; part of it is the sender's own text."""


class Reason(StrEnum):
    """Why an item was refused."""

    CONTENT_TYPE = "content_type"
    NOT_JSON = "not_json"
    NOT_MSGPACK = "not_msgpack"
    NOT_CBOR = "not_cbor"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    TOO_LONG = "too_long"
    WRONG_TYPE = "wrong_type"
    NO_VALUES = "no_values"
    OUT_OF_RANGE = "out_of_range"
    TIME_AHEAD = "time_ahead"
    TIME_RANGE = "time_range"
    UNKNOWN_EVENT = "unknown_event"
    UNKNOWN_DEVICE = "unknown_device"
    OTHER_GATEWAY = "other_gateway"
    UNKNOWN_GATEWAY = "unknown_gateway"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Rejection:
    """One refused item, or one refused value of an item whose other values were kept; or `count` of one message for the
    same reason, of which it is the first.

    `received_us` is microseconds after 1970, UTC. `item` is its beginning, as JSON where it could be cut out of its
    message, else the message's own bytes.
    """

    reason: Reason
    detail: str
    gateway: str
    topic: str
    device: str | None
    item: bytes
    received_us: int
    count: int = 1


def sample(item: object, payload: bytes) -> bytes:
    """The item's beginning as JSON, or the payload's when the item cannot be written as JSON again."""
    try:
        text = msgspec.json.encode(item)
        if b"null" in text:  # which is how msgspec writes an infinity
            text = json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()
        return text[:SAMPLE_BYTES]
    except (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError):
        return payload[:SAMPLE_BYTES]


def clean(text: str, characters: int = DETAIL_CHARACTERS) -> str:
    """`text` cut to `characters`, without what PostgreSQL's `text` cannot hold (NUL, lone surrogates)."""
    return text[:characters].encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
