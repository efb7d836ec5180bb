"""Tokens that count no longer: polled from the database, and kept in the data folder for when it is away."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from api.database import Away, Database
from api.token import Tokens

log = structlog.get_logger()

POLL_EVERY_S = 5.0

_decoder = msgspec.json.Decoder(frozenset[str])


def remembered(folder: Path) -> frozenset[str]:
    """The revoked ids as last polled; none when never polled.

    Raises OSError, or msgspec.MsgspecError for a file that is not ours.
    """
    path = folder / "token.revoked"
    return _decoder.decode(path.read_bytes()) if path.exists() else frozenset()


async def watch(database: Database, tokens: Tokens, clock: Callable[[], datetime], folder: Path) -> None:
    """Until cancelled: revoked tokens stop counting within POLL_EVERY_S; while the database is away nothing changes."""
    while True:
        try:
            rows = await database.rows("revoked", {"now": clock()})
        except Away:
            log.warning("revocations_not_polled")
        except Exception:
            log.exception("revocations_not_polled")
        else:
            _take(tokens, frozenset(row["id"] for row in rows), folder)
        await asyncio.sleep(POLL_EVERY_S)


def _take(tokens: Tokens, revoked: frozenset[str], folder: Path) -> None:
    if revoked == tokens.revoked:
        return
    tokens.revoked = revoked
    fresh = folder / "token.revoked.new"
    fresh.write_bytes(msgspec.json.encode(sorted(revoked)))
    fresh.replace(folder / "token.revoked")
    log.info("revocations_changed", count=len(revoked))
