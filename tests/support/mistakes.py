"""Payloads from the refusal list of CONTRACT section 1, each with a mark to be found again and the reasons it deserves.

A mark stands in the bytes of every one, so that its row in quarantine can be told from all others.
"""

import itertools
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

TELEMETRY, EVENT, STATUS = "telemetry", "event", "status"
SMOKE, ELECTRICAL, VENDOR = "SMK-LANE-502", "ELE-LANE", "DTU-MALL"


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is published, why it is refused, and how many readings of it are good all the same."""

    kind: str
    channel: str
    payload: bytes
    reasons: frozenset[str]
    mark: str
    kept: int = 0


class Clerk:
    """Writes mistakes; `ts` counts milliseconds up from its start, so that every good reading has a key of its own."""

    def __init__(self, start_ms: int, seed: int) -> None:
        self._ts = itertools.count(start_ms)
        self._marks = itertools.count(1)
        self._dice = random.Random(seed)
        self.good = 0

    def mark(self) -> str:
        """One that no other has."""
        return f"mark-{next(self._marks):06d}-"

    def reading(self, **values: object) -> dict[str, object]:
        """A reading that would be good."""
        return {"device": SMOKE, "ts": next(self._ts), "seq": 7, "battery_pct": 50, **values}

    def one(self, kind: str) -> Mistake:
        """A mistake of this kind."""
        mark = self.mark()
        channel, reasons, kept, payload = KINDS[kind](self, mark)
        data = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
        assert mark.encode() in data, kind
        self.good += kept
        return Mistake(kind, channel, data, frozenset(reasons), mark, kept)

    def some(self, count: int) -> Iterator[Mistake]:
        """`count` of them, of all kinds."""
        for _ in range(count):
            yield self.one(self._dice.choice(tuple(KINDS)))

    def sound(self) -> dict[str, object]:
        """A good reading."""
        self.good += 1
        return self.reading(temperature_c=round(self._dice.uniform(15, 30), 1))


Made = tuple[str, tuple[str, ...], int, object]
Maker = Callable[[Clerk, str], Made]


def _whole(text: str, reason: str = "not_json") -> Maker:
    """The whole payload is refused. `@` becomes the mark."""
    return lambda _clerk, mark: (TELEMETRY, (reason,), 0, text.replace("@", mark).encode())


def _item(*reasons: str, kept: int = 0, **members: object) -> Maker:
    """One reading with these members instead of good ones; None leaves a member out."""

    def make(clerk: Clerk, mark: str) -> Made:
        item = clerk.reading(**{**members, "x": mark})
        return TELEMETRY, reasons, kept, {name: value for name, value in item.items() if value is not _LEFT_OUT}

    return make


def _raw(reason: str, member: str, *, kept: int = 0) -> Maker:
    """One reading with a member that Python's JSON would not write."""

    def make(clerk: Clerk, mark: str) -> Made:
        text = json.dumps(clerk.reading(x=mark))[:-1] + "," + member + "}"
        return TELEMETRY, (reason,), kept, text.encode()

    return make


def _bytes(make_bytes: Callable[[str], bytes], reason: str) -> Maker:
    return lambda _clerk, mark: (TELEMETRY, (reason,), 0, make_bytes(mark))


def _event(*reasons: str, **members: object) -> Maker:
    def make(clerk: Clerk, mark: str) -> Made:
        item = {**clerk.reading(), "event": "test", **members, "x": mark}
        return EVENT, reasons, 0, {name: value for name, value in item.items() if value is not _LEFT_OUT}

    return make


def _status(*reasons: str, **members: object) -> Maker:
    return lambda _clerk, mark: (STATUS, reasons, 0, {**members, "x": mark})


def _among_good(clerk: Clerk, mark: str) -> Made:
    bad = clerk.reading(temperature_c="warm", battery_pct=_LEFT_OUT, x=mark)
    bad = {name: value for name, value in bad.items() if value is not _LEFT_OUT}
    return TELEMETRY, ("wrong_type",), 2, {"readings": [clerk.reading(), bad, clerk.reading()]}


def _array_with_strangers(clerk: Clerk, mark: str) -> Made:
    return TELEMETRY, ("unknown_device",), 1, [clerk.reading(), clerk.reading(device="SMK-NOBODY", x=mark)]


_LEFT_OUT = object()
_AHEAD = 4_102_444_800_000  # 2100

KINDS: dict[str, Maker] = {
    # not JSON, or not what a message is made of
    "words": _whole("@ hello"),
    "cut off": _whole('{"device":"SMK-LANE-502","x":"@"'),
    "single quotes": _whole("{'device':'@'}"),
    "trailing comma": _whole('{"x":"@",}'),
    "two objects": _whole('{"x":"@"}{}'),
    "a comment": _whole('{"x":"@"} // note'),
    "hexadecimal": _whole('{"x":"@","ts":0x10}'),
    "NaN": _raw("not_json", '"temperature_c":NaN'),
    "Infinity": _raw("not_json", '"temperature_c":Infinity'),
    "-Infinity": _raw("not_json", '"temperature_c":-Infinity'),
    "not UTF-8": _bytes(lambda mark: b'{"x":"' + mark.encode() + b'\xff\xfe"}', "not_json"),
    "binary": _bytes(lambda mark: bytes(range(256)) + mark.encode(), "not_json"),
    "a JSON string": _whole('"@"', "wrong_type"),
    "readings no array": _whole('{"readings":"@"}', "wrong_type"),
    "item no object": _whole('["@"]', "wrong_type"),
    "nested deeply": _bytes(
        lambda mark: b'{"x":"' + mark.encode() + b'","y":' + b"[" * 5_000 + b"]" * 5_000 + b"}", "too_deep"
    ),
    "over-long": _bytes(lambda mark: b'{"x":"' + mark.encode() + b'","y":"' + b"a" * 262_144 + b'"}', "too_large"),
    # whose it is
    "no device": _item("wrong_type", device=_LEFT_OUT),
    "device a number": _item("wrong_type", device=17),
    "device null": _item("wrong_type", device=None),
    "unknown device": _item("unknown_device", device="SMK-NOBODY"),
    "another gateway's": _item("other_gateway", device="SMK-QUAY"),
    "device over-long": _item("too_long", device="S" * 65),
    "among others, unknown": _array_with_strangers,
    # when
    "ts a word": _item("wrong_type", ts="yesterday"),
    "ts true": _item("wrong_type", ts=True),
    "ts a list": _item("wrong_type", ts=[1]),
    "ts null": _item("wrong_type", ts=None),
    "ts far ahead": _item("time_ahead", ts=_AHEAD),
    "ts ahead as text": _item("time_ahead", ts="2100-01-01T00:00:00Z"),
    "ts beyond any year": _item("wrong_type", ts=2**53 - 1),
    "seq a word": _item("wrong_type", seq="seven"),
    "seq half": _item("wrong_type", seq=7.5),
    "seq true": _item("wrong_type", seq=True),
    "seq beyond 64 bits": _item("out_of_range", seq=2**64),
    # what; 50 % of battery is good and kept
    "value a word": _item("wrong_type", kept=1, temperature_c="warm"),
    "value true": _item("wrong_type", kept=1, temperature_c=True),
    "value null": _item("wrong_type", kept=1, temperature_c=None),
    "value an object": _item("wrong_type", kept=1, temperature_c={"c": 20}),
    "value a list": _item("wrong_type", kept=1, temperature_c=[20]),
    "a unit where none is": _item("wrong_type", kept=1, temperature_c="20℃"),
    "too hot": _item("out_of_range", kept=1, temperature_c=10_000),
    "too cold": _item("out_of_range", kept=1, temperature_c=-300),
    "smoke below none": _item("out_of_range", kept=1, smoke_db_m=-0.1),
    "smoke over 100 %/m": _item("out_of_range", kept=1, smoke_pct_m=120),
    "larger than numbers": _raw("out_of_range", '"temperature_c":1e999', kept=1),
    "nothing measured": _item("no_values", battery_pct=_LEFT_OUT),
    "another kind's values": _item("no_values", battery_pct=_LEFT_OUT, residual_ma=5),
    "two mistakes": _item("wrong_type", "out_of_range", kept=1, temperature_c="warm", smoke_db_m=99),
    "one among good ones": _among_good,
    "five cables": _item(
        "too_long", kept=1, device=ELECTRICAL, battery_pct=_LEFT_OUT, cable_temperature_c=[1, 2, 3, 4, 5]
    ),
    "an impossible current": _item(
        "out_of_range", kept=1, device=ELECTRICAL, battery_pct=_LEFT_OUT, current_a=[1, 99_999, 3]
    ),
    # events and states
    "no event": _event("wrong_type", event=_LEFT_OUT),
    "event a number": _event("wrong_type", event=1),
    "an event unheard of": _event("unknown_event", event="explosion"),
    "a stranger's fault": _event("unknown_device", event="fault", device="SMK-NOBODY"),
    "another gateway's fire": _event("other_gateway", event="fire", device="SMK-QUAY"),
    "event's seq a word": _event("wrong_type", seq="x"),
    "event's value a list": _event("wrong_type", value=[1]),
    "a state unheard of": _status("wrong_type", state="asleep"),
    "no state": _status("wrong_type"),
    "state of no time": _status("wrong_type", state="online", ts="now"),
}
