"""What waits to be decided, most pressing first: fires and presses, then what is due, then all else."""

import asyncio
from collections import deque
from collections.abc import Iterator

from devices.signal import Signal
from dispatch.inlet.cause import Cause, Rank

SHARE = 10
"""Of so many causes taken while others of a lower rank wait, one is of theirs: nothing waits for ever."""


class Inbox:
    """Causes by rank, first come first served within one; those of one line always in the order they came.

    A line is a device or a recipient (`Cause.line`). A fault that came before its detector's fire is decided before it,
    and what a screen received before what its person pressed then.
    """

    def __init__(self) -> None:
        self._ranks: tuple[deque[Cause], ...] = tuple(deque() for _ in Rank)
        self._lines: dict[str, deque[Cause]] = {}
        self._signals: dict[str, Cause] = {}
        self._taken: set[int] = set()
        self._passed = [0 for _ in Rank]
        self._first: deque[Cause] = deque()
        self._came = asyncio.Event()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def pressing(self) -> bool:
        """True while a fire or a press waits."""
        return self._head(Rank.PRESSING)

    def put(self, cause: Cause) -> None:
        """The cause waits."""
        self._ranks[cause.rank].append(cause)
        if cause.line is not None:
            self._lines.setdefault(cause.line, deque()).append(cause)
        if cause.signal is not None:
            self._signals.setdefault(cause.signal.id, cause)
        self._count += 1
        self._came.set()

    def waiting(self, signal: Signal) -> Cause | None:
        """The cause of this very signal that has not been taken yet."""
        return self._signals.get(signal.id)

    async def get(self) -> Cause:
        """The next cause, once there is one."""
        while (cause := self.pop()) is None:
            self._came.clear()
            await self._came.wait()
        return cause

    def pop(self) -> Cause | None:
        """The next cause; None when nothing waits."""
        if not self._first and (chosen := self._chosen()) is not None:
            self._first.extend(self._before(chosen))
        if not self._first:
            return None
        cause = self._first.popleft()
        self._count -= 1
        if cause.signal is not None and self._signals.get(cause.signal.id) is cause:
            del self._signals[cause.signal.id]
        return cause

    def _chosen(self) -> Cause | None:
        """The first of the highest rank, or of a lower one whose share has come."""
        heads = [rank for rank in Rank if self._head(rank)]
        if not heads:
            return None
        due = next((rank for rank in heads if self._passed[rank] >= SHARE - 1), heads[0])
        for rank in Rank:
            self._passed[rank] = self._passed[rank] + 1 if rank in heads and rank > due else self._passed[rank]
        self._passed[due] = 0
        return self._ranks[due].popleft()

    def _head(self, rank: Rank) -> bool:
        """True when something of this rank waits; what was taken before its turn is dropped."""
        queue = self._ranks[rank]
        while queue and id(queue[0]) in self._taken:
            self._taken.remove(id(queue.popleft()))
        return bool(queue)

    def _before(self, cause: Cause) -> Iterator[Cause]:
        """What came before it in its line, then the cause itself."""
        if cause.line is None:
            yield cause
            return
        line = self._lines[cause.line]
        while (one := line.popleft()) is not cause:
            self._taken.add(id(one))  # it stays in its rank's queue until that is reached, so its id is not another's
            yield one
        if not line:
            del self._lines[cause.line]
        yield cause
