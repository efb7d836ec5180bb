"""One file of the spool: records one after another. Reading gets past what is damaged, and says so."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest import record
from ingest.batch import Batch
from ingest.record import Header

SUFFIX, DAMAGED = ".segment", ".damaged"


@dataclass(slots=True)
class Segment:
    """The file at `path`, of which the first `end` bytes are on disk for good. `damaged`: not all of it can be read."""

    path: Path
    end: int
    damaged: bool = False

    def read(self, at: int) -> tuple[Header, Batch, int] | None:
        """The next record that can be read at or after `at`, and where it ends; None when there is none.

        Raises record.Newer.
        """
        with self._content() as data:
            for start, head in self._heads(data, at):
                body = data[start + record.HEADER_BYTES : start + head.whole]
                if (batch := record.decode(head, body)) is not None:
                    return head, batch, start + head.whole
                self.damaged = True
        return None

    def heads(self) -> Iterator[tuple[Header, list[bytes]]]:
        """The header of each record, and its signals as they are published.

        Raises record.Newer.
        """
        with self._content() as data:
            for start, head in self._heads(data, 0):
                body = start + record.HEADER_BYTES
                found = record.signals(head, data[body : body + head.signals_length]) if head.signals_length else []
                yield head, found or []

    def trim(self) -> int:
        """A record that was not written to its end is cut off; how many bytes that were.

        Raises OSError, record.Newer.
        """
        with self._content() as data:
            edge = 0
            for start, head in self._heads(data, 0):
                edge = start + head.whole
            short = _unfinished(data[edge : edge + record.HEADER_ROOM], self.end - edge)
        if not short:
            return 0
        cut = self.end - edge
        os.truncate(self.path, edge)
        self.end = edge
        return cut

    def retire(self) -> Path | None:
        """The file is gone, or kept aside for a person when it was damaged: then its new path. Raises OSError."""
        if not self.damaged:
            self.path.unlink(missing_ok=True)
            return None
        return self.path.rename(self.path.with_suffix(DAMAGED))

    @contextmanager
    def _content(self) -> Iterator["_Content"]:
        handle = os.open(self.path, os.O_RDONLY)
        try:
            yield _Content(handle, self.end)
        finally:
            os.close(handle)

    def _heads(self, data: "_Content", at: int) -> Iterator[tuple[int, Header]]:
        """Where each record begins, and its header; what is in between because it is damaged is passed over."""
        while at < data.length:
            beginning = data[at : at + record.HEADER_ROOM]
            head = record.header(beginning)
            if head is not None and at + head.whole <= data.length:
                yield at, head
                at += head.whole
                continue
            rest = data[at : data.length]
            further = record.find(rest, 1)
            if further is not None or not _unfinished(beginning, len(rest)):
                self.damaged = True
            if further is None:
                return
            at += further


@dataclass(frozen=True, slots=True)
class _Content:
    """The first `length` bytes of an open file, by slices."""

    handle: int
    length: int

    def __getitem__(self, part: slice) -> bytes:
        return os.pread(self.handle, max(0, min(part.stop, self.length) - part.start), part.start)


def _unfinished(beginning: bytes, length: int) -> bool:
    """Whether these `length` bytes at a file's end are the beginning of a record that was not written to its end."""
    if not length:
        return False
    head = record.header(beginning)
    if head is not None:
        return head.whole > length
    return length < record.HEADER_BYTES and record.MAGIC.startswith(beginning[: len(record.MAGIC)])
