"""Instants on the wire: epoch milliseconds or RFC 3339 in, RFC 3339 with `Z` and milliseconds out (CONTRACT)."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=8192)  # equal instants have one text, and the same few are told again and again
def text(at: datetime) -> str:
    """`at` (aware) as `2026-11-21T20:25:00.123Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def from_ms(ms: float) -> datetime:
    """The UTC instant `ms` milliseconds after 1970.

    Raises OverflowError outside the years 1 to 9999.
    """
    return EPOCH + timedelta(milliseconds=ms)


def parse(value: object) -> datetime:
    """An instant from epoch milliseconds (int or float) or an RFC 3339 text with offset.

    Raises ValueError with a sentence that says what is expected.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("expected epoch milliseconds or an RFC 3339 time")
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else from_ms(value)
    except (ValueError, OverflowError):
        raise ValueError(f"{str(value)[:40]!r} is neither epoch milliseconds nor an RFC 3339 time") from None
    if at.tzinfo is None:
        raise ValueError(f"{str(value)[:40]!r} has no offset from UTC; append Z")
    return at.astimezone(UTC)
