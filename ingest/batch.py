"""What becomes durable together, and is acknowledged together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

from devices.model import Kind
from devices.signal import Signal
from ingest import columns, event, status
from ingest.columns import Columns
from ingest.event import Event
from ingest.rejection import Rejection
from ingest.status import Status

MINUTE = timedelta(seconds=60)
"""Within this an undated signal's id means the same event (CONTRACT section 1)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings per kind, and everything else that came with them."""

    readings: dict[Kind, Columns] = field(default_factory=dict)
    events: Sequence[Event] = ()
    signals: Sequence[Signal] = ()
    statuses: Sequence[Status] = ()
    rejections: Sequence[Rejection] = ()

    def __len__(self) -> int:
        return sum(self._sizes())

    def _sizes(self) -> list[int]:
        rest = (self.events, self.signals, self.statuses, self.rejections)
        return [*(len(part) for part in self.readings.values()), *(len(part) for part in rest)]

    def part(self, start: int, stop: int) -> "Batch":
        """Items `start` to `stop`, counted through readings, events, signals, statuses and rejections."""
        edges = [0]
        for size in self._sizes():
            edges.append(edges[-1] + size)
        spans = [slice(max(0, start - low), max(0, min(stop, high) - low)) for low, high in pairwise(edges)]
        kinds = len(self.readings)
        events, signals, statuses, rejections = spans[kinds:]
        return Batch(
            {kind: part.where(span) for (kind, part), span in zip(self.readings.items(), spans, strict=False)},
            self.events[events],
            self.signals[signals],
            self.statuses[statuses],
            self.rejections[rejections],
        )

    def halves(self) -> tuple["Batch", "Batch"]:
        """The batch in two; both hold something if it holds two items or more."""
        middle = len(self) // 2
        return self.part(0, middle), self.part(middle, len(self))


def joined(batches: Sequence[Batch]) -> Batch:
    """One batch of all, in order; events, signals and statuses that repeat are there once."""
    return Batch(
        {
            kind: columns.joined(kind, [each.readings[kind] for each in batches if kind in each.readings])
            for kind in Kind
        },
        event.distinct([one for each in batches for one in each.events]),
        distinct(one for each in batches for one in each.signals),
        status.latest([one for each in batches for one in each.statuses]),
        [one for each in batches for one in each.rejections],
    )


def distinct(signals: Iterable[Signal]) -> list[Signal]:
    """`signals` without repeats: the same id, and where undated, within a minute of the last one."""
    last: dict[str, Signal] = {}
    kept: list[Signal] = []
    for one in signals:
        before = last.get(one.id)
        if before is None or (one.undated and one.received_at - before.received_at >= MINUTE):
            last[one.id] = one
            kept.append(one)
    return kept
