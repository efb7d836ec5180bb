"""Signals that changed nothing are remembered too, so that a repeat is known to be one (DESIGN decision 5)."""

from datetime import UTC, datetime, timedelta

from devices.signal import Signal
from dispatch.alarms import sensing

MOST = 250_000
"""So many are remembered at most, however young (about 50 MB): a watched device sends one with every reading."""


class Seen:
    """Signal -> when it was received (epoch seconds), in the order they were decided."""

    def __init__(self, kept: dict[str, float]) -> None:
        self._at = kept

    def __contains__(self, signal: str) -> bool:
        return signal in self._at

    def has(self, signal: Signal, repeat_within: timedelta) -> bool:
        """True when this very signal is remembered, and not an undated one of the same words that came later."""
        before = self._at.get(signal.id)
        return before is not None and sensing.repeats(signal, datetime.fromtimestamp(before, UTC), repeat_within)

    def add(self, signal: Signal) -> tuple[str, float]:
        """The signal is remembered; what the journal keeps of it."""
        self._at.pop(signal.id, None)  # the oldest stand first
        self._at[signal.id] = received = signal.received_at.timestamp()
        return signal.id, received

    def forget(self, oldest: float) -> float:
        """Those received before `oldest` (epoch seconds), and those too many, are forgotten; up to when that was."""
        while self._at:
            signal = next(iter(self._at))
            if len(self._at) <= MOST and self._at[signal] >= oldest:
                break
            oldest = max(oldest, self._at.pop(signal))
        return oldest
