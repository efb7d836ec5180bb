"""The C library's allocator, told to give back what is not needed: a role runs for months, and its bursts are short."""

import ctypes

_ARENAS, _MAPPED_FROM, _TRIMMED_FROM = -8, -3, -1
"""M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of mallopt(3)."""

LARGE_BYTES = 256 * 1024
"""Memory of at least this size is mapped by itself and goes back when it is freed. Left alone, the C library raises
the bound with each such piece, up to 32 MB, and keeps what lies below."""

SPARE_BYTES = 1024 * 1024
"""So much is kept at hand."""


def give_back() -> bool:
    """True when the allocator has been told, before the first thread starts; other C libraries have no such words."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    # one arena: Python's threads seldom allocate at the same time, and each arena keeps spare memory of its own
    return all([mallopt(_ARENAS, 1), mallopt(_MAPPED_FROM, LARGE_BYTES), mallopt(_TRIMMED_FROM, SPARE_BYTES)])
