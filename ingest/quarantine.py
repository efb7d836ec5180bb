"""What was refused: which of it is kept, and what its gateway is told."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import msgspec

from devices import instant
from ingest import topic
from ingest.rejection import Reason, Rejection
from ingest.value import at

KEPT = 10_000
"""Per gateway, reason and day; the rest are only counted (CONTRACT section 1)."""

FULL = 300
"""How many of these with as much of the item as `SAMPLE_BYTES`: more of the same teaches nothing."""

SHORT_BYTES = 512
"""How much of the item is kept of the others."""

STRANGERS = 100
"""Gateways a day that nobody registered and that are counted under their own names; the others under `NOBODY`."""

NOBODY = "_"
"""No gateway's code."""

ROW_BYTES = 200
"""What a row takes beside its texts: its header, times, codes, and its places in two indexes."""

TOLD_PER_S = 10
"""Messages on a gateway's `rejected` topic (CONTRACT section 1)."""

Key = tuple[str, str, date]
"""Gateway, reason, day (UTC)."""


def key(rejection: Rejection) -> Key:
    """What the rejection is counted under."""
    return rejection.gateway, rejection.reason.value, at(rejection.received_us).date()


def counts(rejections: Sequence[Rejection]) -> Counter[Key]:
    """How many there are of each key."""
    found: Counter[Key] = Counter()
    for each in rejections:
        found[key(each)] += each.count
    return found


def kept(rejections: Sequence[Rejection], totals: Mapping[Key, int]) -> list[Rejection]:
    """Those that are kept, the later ones cut short, given the count of each key with these included."""
    ranks = {each: totals[each] - count for each, count in counts(rejections).items()}
    found: list[Rejection] = []
    for rejection in rejections:
        each = key(rejection)
        rank = ranks[each]
        ranks[each] += rejection.count
        if rank < FULL:
            found.append(rejection)
        elif rank < KEPT:
            found.append(replace(rejection, item=rejection.item[:SHORT_BYTES]))
    return found


def size(rejection: Rejection) -> int:
    """About how many bytes it takes to keep it."""
    return ROW_BYTES + len(rejection.topic.encode()) + len(rejection.detail.encode()) + len(rejection.item)


def strange_days(rejections: Sequence[Rejection]) -> set[date]:
    """The days (UTC) on which gateways that nobody registered sent any of these."""
    return {at(each.received_us).date() for each in rejections if each.reason is Reason.UNKNOWN_GATEWAY}


def folded(rejections: Sequence[Rejection], strangers: Iterable[tuple[date, str]]) -> Sequence[Rejection]:
    """`rejections`, those of more strangers than are counted apart under `NOBODY`'s name.

    `strangers`: day and name of those that are counted already. Names that are made up cost nothing, so without a limit
    each message could have counts and samples of its own.
    """
    known: dict[date, set[str]] = {}
    for day, gateway in strangers:
        known.setdefault(day, set()).add(gateway)
    return [_folded(each, known) if each.reason is Reason.UNKNOWN_GATEWAY else each for each in rejections]


def _folded(rejection: Rejection, known: dict[date, set[str]]) -> Rejection:
    names = known.setdefault(at(rejection.received_us).date(), set())
    if rejection.gateway not in names:
        if len(names) >= STRANGERS:
            return replace(rejection, gateway=NOBODY)
        names.add(rejection.gateway)
    return rejection


class Teller:
    """Limits what each gateway is told to `TOLD_PER_S` messages in any second; remembers when it told each the last."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._told: dict[str, deque[float]] = {}

    def messages(self, rejections: Sequence[Rejection], now_s: float) -> list[tuple[str, bytes]]:
        """Topic and payload of what is to be published now; `now_s` is real monotonic time in seconds.

        Gateways that are not registered have nobody to be told.
        """
        found: list[tuple[str, bytes]] = []
        for rejection in rejections:
            if rejection.reason is Reason.UNKNOWN_GATEWAY:
                continue
            told = self._told.setdefault(rejection.gateway, deque(maxlen=TOLD_PER_S))
            if len(told) == TOLD_PER_S and now_s - told[0] < 1:
                continue
            told.append(now_s)
            found.append((topic.rejected(self._prefix, rejection.gateway), _payload(rejection)))
        return found


def _payload(rejection: Rejection) -> bytes:
    return msgspec.json.encode(
        {
            "reason": rejection.reason,
            "detail": rejection.detail,
            "topic": rejection.topic,
            "ts": instant.text(at(rejection.received_us)),
        }
    )
