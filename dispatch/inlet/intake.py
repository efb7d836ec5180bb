"""Signals as messages: the fast hint, acknowledged to the broker once the journal has what came of them."""

import asyncio
from collections import deque
from collections.abc import Iterable
from time import monotonic
from typing import Any, Protocol, TypeVar

import msgspec
import structlog

from devices import signal
from dispatch import metrics
from dispatch.inlet.sweep import Decider

log = structlog.get_logger()


class Message(Protocol):
    """One message of a link."""

    @property
    def payload(self) -> bytes:
        """Its body."""
        ...


M = TypeVar("M", bound=Message)

AT_MOST = 2000
"""Messages read in one go, some 50 ms: a fire behind as many is seen before the next turn."""
HOLD_S, LOOK_S = 0.5, 0.01
"""Real seconds: messages that do not look like fires are left unread for so long at most while fires or presses wait,
and so often it is looked whether one that does has come."""


class Link(Protocol[M]):
    """An MQTT session that hands over messages in order and takes acknowledgements (`ingest.link` fits it). What it
    hands over unacknowledged is bounded.
    """

    async def take(self, limit: int) -> list[M]:
        """The next messages, at least one; none once the link is held."""
        ...

    def patient(self) -> bool:
        """True while messages wait of which none looks like a fire."""
        ...

    def acknowledge(self, deliveries: Iterable[M]) -> None:
        """The broker may forget these."""
        ...


class Desk(Decider, Protocol):
    """What is needed of the desk."""

    def pressing(self) -> bool:
        """True while a fire or a press waits to be decided."""
        ...


async def run(link: Link[M], desk: Desk) -> None:
    """Decides what the link hands over, until it is held.

    All that the broker sends is before the desk at once, which chooses what is most pressing; only while fires wait
    there, the rest comes by and by. What the broker sends ahead of that is bounded by the link, and by nothing else.
    """
    flying: deque[tuple[M, asyncio.Future[Any] | None]] = deque()
    taken = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        acknowledging = group.create_task(_acknowledge(link, flying, taken))
        while messages := await _next(link, desk):
            flying.extend((one, _put(one.payload, desk)) for one in messages)
            taken.set()
            await asyncio.sleep(0)
        await _all(decided for _, decided in flying)
        acknowledging.cancel()
        link.acknowledge([one for one, _ in flying])


async def _next(link: Link[M], desk: Desk) -> list[M]:
    until = monotonic() + HOLD_S
    while desk.pressing() and link.patient() and monotonic() < until:  # noqa: ASYNC110 - of two that change by themselves
        await asyncio.sleep(LOOK_S)
    return await link.take(AT_MOST)


async def _acknowledge(
    link: Link[M], flying: "deque[tuple[M, asyncio.Future[Any] | None]]", taken: asyncio.Event
) -> None:
    while True:
        while not flying:
            taken.clear()
            await taken.wait()
        await _all([flying[0][1]])
        done = []
        while flying and ((decided := flying[0][1]) is None or decided.done()):
            done.append(flying.popleft()[0])
        link.acknowledge(done)


async def _all(decided: "Iterable[asyncio.Future[Any] | None]") -> None:
    if waiting := [one for one in decided if one is not None]:
        await asyncio.wait(waiting)


def _put(payload: bytes, desk: Decider) -> "asyncio.Future[Any] | None":
    try:
        one = signal.decode(payload)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        metrics.signals.labels("message", "unreadable").inc()
        log.error("signal_unreadable", error=str(error))  # noqa: TRY400 - nothing is known of it but this
        return None
    return desk.take(one, "message")
