"""What is still to be written to one socket, in order and bounded."""

import asyncio
from collections import deque
from dataclasses import dataclass

MOST = 10_000
"""Frames waiting for one socket beyond its replay; sockets share them, so this bounds a delay more than memory."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A text to write. `seq` is its frame number (0: it has none), `orders` the ids of the orders it carries."""

    text: str
    seq: int = 0
    orders: tuple[str, ...] = ()


class Line:
    """One socket's queue. Each numbered frame of the recipient goes on it once and in order, or the line is cut."""

    def __init__(self, recipient: str, last: int, most: int = MOST) -> None:
        self.recipient = recipient
        self.last = last
        """Number of the last frame put on the line, or told by the welcome."""
        self.written = last
        """Number of the last frame written to the socket, or told by the welcome."""
        self.cut: str | None = None
        """Why nothing more may be written, once that is so."""
        self._most = most
        self._waiting: deque[Parcel] = deque()
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def replay(self, parcel: Parcel) -> None:
        """A frame the screen missed goes out first; a replay is as long as it is."""
        self.last = max(self.last, parcel.seq)
        self._put(parcel)

    def put(self, parcel: Parcel) -> None:
        """The parcel goes out after those before it; one already told is left out; a gap or too many cut the line."""
        if self.cut is not None or 0 < parcel.seq <= self.last:
            return
        if parcel.seq > self.last + 1:
            self.sever(f"frame {self.last + 1} is missing before {parcel.seq}")
        elif len(self._waiting) >= self._most:
            self.sever(f"{self._most} frames are waiting")
        else:
            self.last = max(self.last, parcel.seq)
            self._put(parcel)

    def sever(self, why: str) -> None:
        """Nothing more is written; the screen connects again and gets what follows what it has."""
        self.cut = self.cut or why
        self._waiting.clear()
        self._wake.set()

    async def take(self, within_s: float) -> Parcel | None:
        """The next parcel, or None when the line was cut or none came within `within_s` real seconds."""
        if not self._waiting and self.cut is None:
            self._wake.clear()
            try:
                async with asyncio.timeout(within_s):
                    await self._wake.wait()
            except TimeoutError:
                return None
        return self._waiting.popleft() if self._waiting else None

    def _put(self, parcel: Parcel) -> None:
        self._waiting.append(parcel)
        self._wake.set()
