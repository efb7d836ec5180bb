"""What was refused: which of it is kept, and what its gateway is told."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from devices import instant
from ingest import topic
from ingest.rejection import Reason, Rejection
from ingest.value import at

KEPT = 10_000
"""Per gateway, reason and day; the rest are only counted (CONTRACT section 1)."""

TOLD_PER_S = 10
"""Messages on a gateway's `rejected` topic (CONTRACT section 1)."""

Key = tuple[str, str, date]
"""Gateway, reason, day (UTC)."""


def key(rejection: Rejection) -> Key:
    """What the rejection is counted under."""
    return rejection.gateway, rejection.reason.value, at(rejection.received_us).date()


def counts(rejections: Sequence[Rejection]) -> Counter[Key]:
    """How many there are of each key."""
    return Counter(map(key, rejections))


def kept(rejections: Sequence[Rejection], totals: Mapping[Key, int]) -> list[Rejection]:
    """Those that are kept whole, given the count of each key with these included."""
    room = {each: KEPT - totals[each] + count for each, count in counts(rejections).items()}
    found: list[Rejection] = []
    for rejection in rejections:
        each = key(rejection)
        if room[each] > 0:
            room[each] -= 1
            found.append(rejection)
    return found


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
