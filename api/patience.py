"""Guessing passwords gets slower: after some free failures each further one doubles the wait."""

from collections import OrderedDict
from dataclasses import dataclass

FREE = 5
LONGEST_WAIT_S = 60.0
FORGET_AFTER_S = 900.0
MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last_s: float


class Patience:
    """Failures by key (a user from an address; an address). Bounded: the longest unheard-of key is forgotten first."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, ...], _Failures] = OrderedDict()

    def wait_s(self, key: tuple[str, ...], now_s: float, free: int = FREE) -> float:
        """Seconds of a monotonic clock until the key may be tried again; 0 when it may be now."""
        known = self._failures.get(key)
        if known is None or now_s - known.last_s >= FORGET_AFTER_S or known.count < free:
            return 0.0
        pause = min(2.0 ** (known.count - free), LONGEST_WAIT_S)
        return max(0.0, known.last_s + pause - now_s)

    def failed(self, key: tuple[str, ...], now_s: float) -> None:
        """One more failure."""
        known = self._failures.pop(key, None)
        fresh = known is None or now_s - known.last_s >= FORGET_AFTER_S
        self._failures[key] = _Failures(1 if known is None or fresh else known.count + 1, now_s)
        while len(self._failures) > MOST_KEYS:
            self._failures.popitem(last=False)

    def succeeded(self, key: tuple[str, ...]) -> None:
        """The key starts afresh."""
        self._failures.pop(key, None)
