"""Pictures people hand in: what may be one, how it is named, and for how long it is kept."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from api.database import Away, Database

log = structlog.get_logger()

MOST_BYTES = 600_000
"""A page makes them no larger than 500 kB; the rest is for other clients."""
LOOK_S = 3600.0

_SIGNS = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"WEBP", 8, "image/webp"),
)
TYPES = tuple(type for _, _, type in _SIGNS)


def kind(content: bytes) -> str | None:
    """The picture's media type by how its bytes begin, whatever its sender calls it; None for what is none."""
    if content[8:12] == b"WEBP" and content[:4] != b"RIFF":
        return None
    return next((type for sign, at, type in _SIGNS if content[at : at + len(sign)] == sign), None)


def name(by: str, ref: str) -> str:
    """The picture's id: the same for whoever sends it again under the same `ref`."""
    return "PH-" + hashlib.sha256(f"{by} {ref}".encode()).hexdigest()[:20]


def digest(content: bytes) -> str:
    """What the ledger names the picture by: anybody can reckon it again from the picture (`sha256sum`)."""
    return hashlib.sha256(content).hexdigest()


async def keep_tidy(database: Database, clock: Callable[[], datetime], age: timedelta, every_s: float = LOOK_S) -> None:
    """Pictures older than `age` are gone within `every_s` real seconds, while the database answers. Runs until
    cancelled.
    """
    while True:
        try:
            gone = await database.change("photos_forget", {"before": clock() - age})
            if gone:
                log.info("photos_forgotten", count=gone)
        except Away:
            pass  # the next look finds them
        await asyncio.sleep(every_s)
