"""Signals as messages: the fast hint, acknowledged to the broker once the journal has what came of them."""

import asyncio
from collections.abc import Iterable
from typing import Protocol, TypeVar

import msgspec
import structlog

from devices import signal
from dispatch import metrics
from dispatch.sweep import Decider

log = structlog.get_logger()


class Message(Protocol):
    """One message of a link."""

    @property
    def payload(self) -> bytes:
        """Its body."""
        ...


M = TypeVar("M", bound=Message)

AT_MOST = 200
"""Signals decided together."""


class Link(Protocol[M]):
    """An MQTT session that hands over messages in order and takes acknowledgements (`ingest.link` fits it)."""

    async def take(self, limit: int) -> list[M]:
        """The next messages, at least one; none once the link is held."""
        ...

    def acknowledge(self, deliveries: Iterable[M]) -> None:
        """The broker may forget these."""
        ...


async def run(link: Link[M], desk: Decider) -> None:
    """Decides what the link hands over, until it is held."""
    while messages := await link.take(AT_MOST):
        await asyncio.gather(*(_decide(one.payload, desk) for one in messages))
        link.acknowledge(messages)


async def _decide(payload: bytes, desk: Decider) -> None:
    try:
        one = signal.decode(payload)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        metrics.signals.labels("message", "unreadable").inc()
        log.error("signal_unreadable", error=str(error))  # noqa: TRY400 - nothing is known of it but this
        return
    await desk.signal(one, "message")
