"""What comes before the desk, and what came of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from devices import signal
from devices.signal import Signal
from dispatch.facts.entry import Entry
from dispatch.ledger.journal import KeptFrame, Note
from dispatch.turn import Turn


class Rank(IntEnum):
    """How pressing a cause is: fires and what persons ask for; what time brings and screens report; all else."""

    PRESSING = 0
    DUE = 1
    ROUTINE = 2


@dataclass(slots=True)
class Cause:
    """Something to decide. `answer` is set once the entry is on disk (`at_once`) or has taken effect.

    `key` names what is tried again when it failed: a signal, or what is due by time. Causes of one `line` (a device, a
    recipient) are decided in the order they came.
    """

    kind: str
    about: dict[str, Any]
    decide: Callable[[Turn], Any]
    key: str | None = None
    at_once: bool = False
    signal: Signal | None = None
    notes: tuple[Note, ...] = ()
    rank: Rank = Rank.PRESSING
    line: str | None = None
    answer: "asyncio.Future[Any]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass(slots=True)
class Decided:
    """A cause with its answer. `handled` is the signal whose row need not be swept, `seen` one that changed nothing."""

    cause: Cause
    answer: Any
    entry: Entry | None = None
    frames: list[KeptFrame] = field(default_factory=list)
    handled: str | None = None
    seen: tuple[str, float] | None = None

    def tell(self) -> None:
        """Whoever waits has the answer."""
        if not self.cause.answer.done():
            self.cause.answer.set_result(self.answer)


def of_signal(one: Signal, decide: Callable[[Turn], Any]) -> Cause:
    """The signal as a cause; the ledger says which it was and when it came."""
    about: dict[str, Any] = {"signal": one.id, "device": one.device, "gateway": one.gateway, "ts": one.ts}
    if one.event is not None:
        about["event"] = one.event
    about["received_at"] = one.received_at
    rank = Rank.PRESSING if signal.urgent(one) else Rank.ROUTINE
    return Cause("signal", about, decide, one.id, at_once=True, signal=one, rank=rank, line=one.device)
