"""Outgoing calls are made: each that is due is posted to its webhook, and the desk is told what came of it.

A call is in the ledger before it is made and open until its answer is, so a crash in between makes it again: at least
once, under the same `Idempotency-Key`. At most `AT_ONCE` are under way, and nobody waits for them.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Collection
from typing import Protocol

import structlog

from dispatch import metrics
from dispatch.duty.outcall import NO_ADDRESS, Ended, Ring
from dispatch.duty.post import Answer, post

log = structlog.get_logger()

AT_ONCE = 16
WITHIN_S = 5.0
"""Real seconds that one attempt may take."""
LOOK_S = 0.1
REST_S = 5.0
"""Real seconds before a call is made again whose outcome the desk could not take in."""


class Caller(Protocol):
    """What is needed of the desk."""

    def calls_due(self, limit: int, busy: Collection[str]) -> list[str]:
        """The most urgent calls to be made now, but for those under way."""
        ...

    def ring(self, call: str) -> Ring:
        """The attempt as it is to be made now."""
        ...

    async def rung(self, call: str, status: int | None, reason: str | None) -> bool:
        """What came of an attempt is durable; False when it could not be decided."""
        ...


async def run(desk: Caller, secret: str | None, within_s: float = WITHIN_S) -> None:
    """Makes the calls that fall due. Runs until cancelled; a call that cannot be made holds up no other."""
    busy: set[str] = set()
    async with asyncio.TaskGroup() as group:
        while True:
            for call in desk.calls_due(AT_ONCE - len(busy), busy):
                busy.add(call)
                group.create_task(_make(desk, call, secret, within_s, busy))
            await asyncio.sleep(LOOK_S)


async def _make(desk: Caller, call: str, secret: str | None, within_s: float, busy: set[str]) -> None:
    try:
        answer = await _attempt(desk.ring(call), secret, within_s)
        metrics.calls.labels(str(answer.status or answer.reason)).inc()
        log.info("call_tried", call=call, status=answer.status, reason=answer.reason)
        if not await desk.rung(call, answer.status, answer.reason):
            await asyncio.sleep(REST_S)
    except Exception:
        log.exception("call_not_made", call=call)
        await asyncio.sleep(REST_S)
    finally:
        busy.discard(call)


async def _attempt(ring: Ring, secret: str | None, within_s: float) -> Answer:
    if not ring.wanted:
        return Answer(reason=Ended.NOT_NEEDED)
    if ring.url is None:
        return Answer(reason=NO_ADDRESS)
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": ring.call}
    if secret:
        headers["X-FireGrid-Signature"] = signature(secret, ring.body)
    return await post(ring.url, headers, ring.body, within_s)


def signature(secret: str, body: bytes) -> str:
    """What shows that the body is from who knows the secret."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
