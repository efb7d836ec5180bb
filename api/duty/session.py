"""One screen's conversation as a machine without wires: what a client's frame means, given what went before.

hello first and once, within HELLO_WITHIN_S; then `received` and `act` in any order. Anything else is a bad frame.
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from dispatch.facts import refused

HELLO_WITHIN_S = 5.0
LONGEST = 64 * 1024
"""Bytes of one frame from a client."""

BAD_FRAME, WHO_ARE_YOU, NOT_YOURS = 4400, 4401, 4403
TRY_AGAIN = 1013
"""RFC 6455 registry: the server cannot serve this socket now; connect again."""


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The client says who it is, and what it has."""

    token: str
    stream: str | None = None
    after: int | None = None


class Received(msgspec.Struct, frozen=True, tag="received"):
    """Frame `seq` and all before have arrived."""

    seq: int


class Act(msgspec.Struct, frozen=True, tag="act"):
    """A person pressed."""

    ref: str
    order: str
    action: str
    note: str | None = None
    value: Any = None
    pressed_at: Any = None


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """A person answered a duty check."""

    ref: str
    check: str
    value: Any = None


class Handover(msgspec.Struct, frozen=True, tag="handover"):
    """People have taken the station over."""

    ref: str
    people: Any = None
    handed_by: str | None = None
    items: Any = ()
    note: str | None = None


Pressed = Act | Answer | Handover
"""What a person said; each is answered with a result by its `ref`."""


@dataclass(frozen=True, slots=True)
class Close:
    """The conversation is over: `error` is told, then the socket closes with `code`."""

    code: int
    error: str


@dataclass(frozen=True, slots=True)
class Unfit:
    """An act that says too little to be tried; its sender is told by `ref`, and stays."""

    ref: str
    error: str


class _Any(msgspec.Struct):
    type: str
    ref: str | None = None


_PRESSED = ("act", "answer", "handover")
_TYPES = ("hello", "received", *_PRESSED)
_decoder = msgspec.json.Decoder(Hello | Received | Act | Answer | Handover)
_lenient = msgspec.json.Decoder(_Any)
_encoder = msgspec.json.Encoder()
_LONGEST_TEXT = 2000
_LONGEST_REF = 200


class Session:
    """What has been said on one socket. `frames_sent` is the highest number put on it, by welcome or as a frame."""

    def __init__(self) -> None:
        self.greeted = False
        self.frames_sent = 0
        self.frames_received = 0

    def hear(self, data: str | bytes) -> Hello | Received | Pressed | Unfit | Close | None:
        """What a frame from the client asks for; None when it changes nothing."""
        raw = data.encode() if isinstance(data, str) else data
        if len(raw) > LONGEST:
            return Close(BAD_FRAME, f"a frame is at most {LONGEST} bytes")
        try:
            said = _decoder.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return self._not_understood(raw, str(error))
        match said:
            case Hello():
                return self._hello(said)
            case _ if not self.greeted:
                return Close(BAD_FRAME, 'the first frame is {"type":"hello","token":"…"}')
            case Received():
                return self._received(said)
            case _:
                return _fit(said)

    def silent(self) -> Close:
        """What to do when no hello came in time."""
        return Close(BAD_FRAME, f"no hello within {HELLO_WITHIN_S:.0f} s")

    def _hello(self, said: Hello) -> Hello | Close:
        if self.greeted:
            return Close(BAD_FRAME, "hello was said already")
        self.greeted = True
        return said

    def _received(self, said: Received) -> Received | Close | None:
        if said.seq < 0 or said.seq > self.frames_sent:
            return Close(BAD_FRAME, f"frame {said.seq} was never sent here; the last was {self.frames_sent}")
        if said.seq <= self.frames_received:
            return None
        self.frames_received = said.seq
        return said

    def _not_understood(self, raw: bytes, reason: str) -> Unfit | Close:
        try:
            what = _lenient.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return Close(BAD_FRAME, f"not a frame: {reason}")
        if self.greeted and what.type in _PRESSED and what.ref is not None and len(what.ref) <= _LONGEST_REF:
            return Unfit(what.ref, reason)
        if what.type not in _TYPES:
            return Close(BAD_FRAME, f"no frame is of type {what.type[:40]!r}; there are {', '.join(_TYPES)}")
        return Close(BAD_FRAME, f"not a frame: {reason}")


def _fit(said: Pressed) -> Pressed | Unfit | Close:
    if not said.ref or len(said.ref) > _LONGEST_REF:
        return Close(BAD_FRAME, f"an act has a ref of 1 to {_LONGEST_REF} characters")
    if not isinstance(said, Answer) and said.note is not None and len(said.note) > _LONGEST_TEXT:
        return Unfit(said.ref, f"a note has at most {_LONGEST_TEXT} characters")
    return _fit_act(said) if isinstance(said, Act) else said


def _fit_act(act: Act) -> Act | Unfit:
    if isinstance(act.value, str):  # a bare reason code, as a decline may carry it
        return Act(act.ref, act.order, act.action, act.note, {"reason": act.value}, act.pressed_at)
    if act.value is not None and not isinstance(act.value, dict):
        return Unfit(act.ref, "value is an object")
    return act


def error(text: str) -> str:
    """The frame that is sent before a socket is closed."""
    return _text({"type": "error", "error": text})


def welcome(
    recipient: str,
    stream: str,
    seq: int,
    server_time: str,
    *,
    resumed: bool,
    orders: list[dict[str, Any]],
    checks: list[dict[str, Any]],
    flood: dict[str, Any] | None = None,
    shown: list[dict[str, Any]] | None = None,
) -> str:
    """The answer to a good hello. What frames without a number say is in it as it stands: duty checks, a flood, orders
    that are another's.
    """
    told = {
        "type": "welcome",
        "recipient": recipient,
        "stream": stream,
        "seq": seq,
        "server_time": server_time,
        "resumed": resumed,
        "open": orders,
        "checks": checks,
    }
    more = {"flood": flood, "shown": shown}
    return _text(told | {name: value for name, value in more.items() if value is not None})


def shown(order: dict[str, Any]) -> str:
    """An order that is addressed to somebody else, whose crew or link this is: it has no number."""
    return _text({"type": "shown", "order": order})


def beat(server_time: str, seq: int) -> str:
    """The sign of life. `seq` is the last frame put on this socket before it."""
    return _text({"type": "beat", "server_time": server_time, "seq": seq})


def result(ref: str, *, body: dict[str, Any] | None = None, error: str | None = None, noun: str = "order") -> str:
    """The answer to what a person said: the order (`noun`; or check, station) as it is now, or why nothing changed."""
    if error is not None:
        return _text({"type": "result", "ref": ref, "ok": False, "error": str(error), **refused.members(error)})
    return _text({"type": "result", "ref": ref, "ok": True, noun: body})


def _text(frame: dict[str, Any]) -> str:
    return _encoder.encode(frame).decode()
