"""One entry of the ledger: canonical bytes, chained by digest (DESIGN decision 6)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from dispatch.facts.fact import Fact

GENESIS = bytes(32)
"""What the first entry is chained to."""


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """The entry gives `recipient` its frame number `seq`, about the order or incident `subject`.

    0: it has none, and is not kept: what sums up a state (a flood, a duty check) is in the next welcome too.
    """

    recipient: str
    seq: int
    subject: str


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry says: number, time, what caused it, the facts, and the frames they give rise to."""

    n: int
    at: datetime
    kind: str
    cause: dict[str, Any]
    facts: tuple[Fact, ...]
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A content with its bytes as they are kept and hashed. `digest` = SHA-256 of `prev` followed by `body`."""

    content: Content
    body: bytes
    prev: bytes
    digest: bytes


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Content)


def seal(content: Content, prev: bytes) -> Entry:
    """The entry that follows the one whose digest is `prev`."""
    body = _encoder.encode(content)
    return Entry(content, body, prev, chain(prev, body))


def chain(prev: bytes, body: bytes) -> bytes:
    """The digest of an entry: 32 bytes."""
    return hashlib.sha256(prev + body).digest()


def read(body: bytes, prev: bytes) -> Entry:
    """The entry kept as `body`.

    Raises msgspec.ValidationError or msgspec.DecodeError for bytes that are no entry.
    """
    return Entry(_decoder.decode(body), body, prev, chain(prev, body))
