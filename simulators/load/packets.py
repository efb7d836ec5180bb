"""The few MQTT packets a publisher needs, as bytes: versions 3.1.1 (level 4) and 5 (level 5). Pure."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Ids = npt.NDArray[np.int64]

_PUBACK = 0x40
_LARGEST = 70_000
"""Bytes of the largest packet a broker sends to who only publishes: an acknowledgement with strings in it."""
_CLEAN, _PASSWORD, _USER = 0x02, 0x40, 0x80
_SESSION_EXPIRY, _RECEIVE_MAXIMUM, _CONTENT_TYPE = 0x11, 0x21, 0x03
_PROPERTY_SIZES = {0x11: 4, 0x13: 2, 0x21: 2, 0x22: 2, 0x24: 1, 0x25: 1, 0x27: 4, 0x28: 1, 0x29: 1, 0x2A: 1}
"""Properties of CONNACK of a fixed size (MQTT 5, 2.2.2.2); others are strings."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """A broker's CONNACK: `reason` 0 is success; at most `receive_max` publications may be unacknowledged."""

    reason: int
    receive_max: int


@dataclass(frozen=True, slots=True)
class Publication:
    """A PUBLISH of QoS 1 whose packet id (two bytes at `id_at`) is to be set; the payload begins at `payload_at`."""

    packet: bytes
    id_at: int
    payload_at: int


def connect(client_id: str, user: str | None, password: str | None, level: int, keep_alive_s: int = 0) -> bytes:
    """CONNECT with a clean session."""
    flags = _CLEAN | (_USER if user is not None else 0) | (_PASSWORD if password is not None else 0)
    properties = _properties(bytes((_SESSION_EXPIRY,)) + bytes(4)) if level == 5 else b""
    fields = b"".join(_string(one.encode()) for one in (client_id, user, password) if one is not None)
    head = _string(b"MQTT") + bytes((level, flags)) + keep_alive_s.to_bytes(2, "big")
    return _packet(0x10, head + properties + fields)


def disconnect(level: int) -> bytes:
    """DISCONNECT, in order."""
    return _packet(0xE0, b"" if level == 4 else b"\x00")


def publish(topic: str, payload: bytes, level: int, content_type: str | None = None) -> Publication:
    """PUBLISH of QoS 1. MQTT 3.1.1 has no content type: it is left out."""
    named = _string(topic.encode())
    properties = b""
    if level == 5:
        properties = _properties(bytes((_CONTENT_TYPE,)) + _string(content_type.encode()) if content_type else b"")
    packet = _packet(0x32, named + b"\x00\x00" + properties + payload)
    payload_at = len(packet) - len(payload)
    return Publication(packet, payload_at - len(properties) - 2, payload_at)


def welcome(body: bytes, level: int) -> Welcome:
    """What CONNACK's body (behind the remaining length) says."""
    reason, most = body[1], 65_535
    if level == 4:
        return Welcome(reason, most)
    length, at = _number(body, 2)
    end = at + length
    while at < end:
        name = body[at]
        size = _PROPERTY_SIZES.get(name)
        if name == _RECEIVE_MAXIMUM:
            most = int.from_bytes(body[at + 1 : at + 3], "big")
        if size is None:
            size = 2 + int.from_bytes(body[at + 1 : at + 3], "big")
            if name == 0x26:  # user property: a pair of strings
                second = at + 1 + size
                size += 2 + int.from_bytes(body[second : second + 2], "big")
        at += 1 + size
    return Welcome(reason, most)


def first(data: bytes) -> tuple[int, bytes, int] | None:
    """(type with flags, body, length in all) of the first packet in `data`; None while it is not whole."""
    if len(data) < 2:
        return None
    for used in range(2, min(len(data), 5) + 1):
        if data[used - 1] < 0x80:
            length, at = _number(data, 1)
            return (data[0], data[at : at + length], at + length) if len(data) >= at + length else None
    return None


def acknowledged(data: bytes) -> tuple[Ids, Ids, int]:
    """(packet ids of the PUBACKs in `data` that say yes, of those that say no, bytes used). Other packets are passed
    over, and what is not whole yet is left.
    """
    whole = len(data) // 4 * 4
    quick: Bytes = np.frombuffer(data, np.uint8, whole).reshape(-1, 4)
    # a PUBACK without a reason is four bytes, and nearly always nothing else comes
    if whole and np.all(quick[:, 0] == _PUBACK) and np.all(quick[:, 1] == 2):
        return quick[:, 2].astype(np.int64) << 8 | quick[:, 3], np.empty(0, np.int64), whole
    return _patiently(data)


def _patiently(data: bytes) -> tuple[Ids, Ids, int]:
    taken: list[int] = []
    refused: list[int] = []
    at = 0
    while (packet := first(data[at : at + _LARGEST])) is not None:
        kind, body, length = packet
        if kind == _PUBACK:
            # reason codes from 0x80 on say no (MQTT 5, 2.4)
            (refused if len(body) > 2 and body[2] >= 0x80 else taken).append(int.from_bytes(body[:2], "big"))
        at += length
    return np.array(taken, np.int64), np.array(refused, np.int64), at


def _packet(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + _length(len(body)) + body


def _properties(inner: bytes) -> bytes:
    return _length(len(inner)) + inner


def _string(text: bytes) -> bytes:
    return len(text).to_bytes(2, "big") + text


def _length(number: int) -> bytes:
    """A variable byte integer (MQTT 5, 1.5.5)."""
    out = bytearray()
    while True:
        number, digit = divmod(number, 128)
        out.append(digit | (0x80 if number else 0))
        if not number:
            return bytes(out)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """(the variable byte integer at `at`, where what follows begins)."""
    number = shift = 0
    while True:
        digit = data[at]
        number |= (digit & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if digit < 0x80:
            return number, at
