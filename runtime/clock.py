"""The system's clock: real time, shifted and stretched by one setting for every role (DESIGN decision 10)."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """Calling it gives the aware UTC time. From `anchor` (real epoch s) on, `rate` seconds pass per real second."""

    offset_s: float = 0.0
    rate: float = 1.0
    anchor: float = 0.0

    def __call__(self) -> datetime:
        """The system's time now."""
        real = time.time()
        return datetime.fromtimestamp(self.anchor + (real - self.anchor) * self.rate + self.offset_s, UTC)

    def real_seconds(self, seconds: float) -> float:
        """How long `seconds` of this clock take in reality."""
        return seconds / self.rate
