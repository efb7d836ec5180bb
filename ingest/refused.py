"""What was refused of a batch of messages. One of a hundred thousand mistakes makes no hundred thousand objects."""

from dataclasses import replace

from ingest import payload
from ingest.payload import WHOLE, Message, Refusal
from ingest.rejection import Reason, Rejection

APART = 10_000
"""Of one message and reason so many are told apart, as many as are kept of a day; the last stands for the rest."""


class Refused:
    """Rejections as they come."""

    def __init__(self) -> None:
        self._found: list[Rejection] = []
        self._counts: dict[tuple[int, Reason], int] = {}
        self._last: dict[tuple[int, Reason], int] = {}

    def add(self, message: Message, refusal: Refusal, item: object = WHOLE) -> None:
        """`item` of `message`, or the message whole, is refused. `message` must live until `all` is asked."""
        key = id(message), refusal.reason
        count = self._counts.get(key, 0) + 1
        self._counts[key] = count
        if count <= APART:
            self._last[key] = len(self._found)
            self._found.append(payload.rejection(message, refusal, item))

    def all(self) -> list[Rejection]:
        """Every rejection, in the order in which they came."""
        for key, count in self._counts.items():
            if count > APART:
                last = self._last[key]
                self._found[last] = replace(self._found[last], count=count - APART + 1)
        return self._found
