"""A ledger is checked entry by entry: numbers, chain, time, and the frame numbers each recipient was given."""

from datetime import datetime

import msgspec

from dispatch.facts.entry import GENESIS, Content, chain, read
from dispatch.facts.fact import Led


class Broken(Exception):  # noqa: N818 - it says what is the case
    """The ledger is not what was written; the sentence says where and what to do."""


class Audit:
    """Takes a ledger in from its first entry on. `count` entries were whole so far, `digest` is the last one's."""

    def __init__(self) -> None:
        self.count = 0
        self.digest = GENESIS
        self._at: datetime | None = None
        self._seqs: dict[str, int] = {}

    def take(self, number: int, prev: bytes, digest: bytes, body: bytes) -> Content:
        """The entry follows those before it; what it says.

        Raises Broken.
        """
        expected = self.count + 1
        if number != expected:
            raise Broken(f"entry {expected} is missing, {number} follows: restore it from a backup or a journal")
        if prev != self.digest:
            raise Broken(f"entry {number} does not follow entry {self.count}: one of them was made anew")
        if chain(prev, body) != digest:
            raise Broken(f"entry {number} was changed: its digest does not follow from its bytes")
        try:
            content = read(body, prev).content
        except msgspec.MsgspecError as error:
            raise Broken(f"entry {number} cannot be read ({error}): a newer version wrote it; use that one") from None
        self._check(number, content)
        self.count, self.digest, self._at = number, digest, content.at
        return content

    def _check(self, number: int, content: Content) -> None:
        if content.n != number:
            raise Broken(f"entry {number} says of itself that it is {content.n}: it was put in another's place")
        if self._at is not None and content.at < self._at:
            raise Broken(f"entry {number} was decided at {content.at}, before entry {self.count} at {self._at}")
        if any(isinstance(one, Led) for one in content.facts):
            self._seqs.clear()  # a new sequence begins
        for frame in content.frames:
            if frame.seq == 0:  # it has no number
                continue
            last = self._seqs.get(frame.recipient, 0)
            if frame.seq != last + 1:
                raise Broken(f"entry {number} gives {frame.recipient} frame {frame.seq} after {last}")
            self._seqs[frame.recipient] = frame.seq
