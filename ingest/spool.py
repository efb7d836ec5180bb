"""Batches on disk while the database is away: in order, each fsynced before `append` returns, none dropped.

Records stand in files of a folder (`record`, `segment`); a file is deleted once all in it is drained. The file
`drained` holds the number of the last record that is in the database. It may be behind the truth, never ahead: storing
a batch again changes nothing. No file from before the opening is written to: what is damaged stays as it was found.
"""

import errno
import os
import struct
import threading
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from ingest import record
from ingest.batch import Batch
from ingest.segment import DAMAGED, SUFFIX, Segment

log = structlog.get_logger()

SPOOL_BYTES = 4 * 1024**3
"""How large a lane's spool may become, unless the settings say otherwise."""

SEGMENT_BYTES = 16 * 1024 * 1024
"""Where a new file is begun; room on disk becomes free by whole files."""

RESERVE_BYTES = 256 * 1024 * 1024
"""Left free on the disk for the desk's journal, without which no alarm is decided; of a small disk a twentieth."""

_MARK = struct.Struct("<QI")


class Full(Exception):  # noqa: N818 (it says what is the case)
    """The spool has reached its size; there is room again when some of it is drained."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """One batch in the spool, to be given back to `drained` once it is in the database."""

    number: int
    batch: Batch
    segment: Segment
    end: int


@dataclass(slots=True)
class Waiting:
    """What is in the spool and not in the database. `oldest_us`: receipt, microseconds after 1970; 0 when empty."""

    records: int = 0
    readings: int = 0
    events: int = 0
    oldest_us: int = 0


class Spool:
    """The spool in `folder`, of at most `limit` bytes; `open` comes first.

    One thread may append while another takes and drains. All methods but the properties wait for the disk.
    """

    def __init__(self, folder: Path, limit: int, reserve: int = RESERVE_BYTES) -> None:
        self.waiting = Waiting()
        self.cut_bytes = 0
        self.damaged_files = 0
        self.last_drained = 0
        self._folder = folder
        self._limit = limit
        self._reserve = reserve
        self._segment_bytes = min(SEGMENT_BYTES, limit // 8)
        self._lock = threading.Lock()
        self._segments: list[Segment] = []
        self._number = 0
        self._at = 0
        self._writing: int | None = None
        self._mark: int | None = None
        self._closed = False
        self._log = log.bind(spool=f"{folder.parent.name}/{folder.name}")

    @property
    def size(self) -> int:
        """What its files take on disk, without those kept aside."""
        return sum(each.end for each in self._segments)

    def open(self, signals: int = 0) -> list[tuple[int, list[bytes]]]:
        """It is ready; what an earlier worker left is waiting. Its records with signals, by number: the oldest, until
        they are `signals` or more.

        What was not written to its end is cut off: nobody was told that it is safe.

        Raises OSError, record.Newer.
        """
        try:
            return self._open(signals)
        except record.Newer as error:
            raise record.Newer(f"{self._folder} holds {error}: let the newer version drain it first") from error

    def append(self, batch: Batch) -> int:
        """The batch is on disk for good; its number.

        Raises Full, OSError, record.NotEncodable; then nothing of it is in the spool.
        """
        with self._lock:
            if self._closed:
                raise OSError(errno.EBADF, "the spool was closed")
            content = record.encode(batch, self._number + 1)
            head = record.header(content)
            assert head is not None  # noqa: S101 (just written)
            if self.size + len(content) > self._limit:
                raise Full(f"{self.size} of {self._limit} bytes are taken")
            self._leave_room(len(content))
            self._write(content)
            self._number += 1
            if not self.waiting.records:
                self.waiting.oldest_us = head.oldest_us
            self.waiting.records += 1
            self.waiting.readings += head.readings
            self.waiting.events += head.events
            return self._number

    def take(self) -> Spooled | None:
        """The oldest batch that is not drained; None when there is none. Raises OSError, record.Newer."""
        while self._segments:
            segment = self._segments[0]
            end, damaged = segment.end, segment.damaged
            found = segment.read(self._at)
            if segment.damaged and not damaged:
                self._log.error("spool_damaged", file=segment.path.name)
            if found is not None and found[0].number > self.last_drained:
                self.waiting.oldest_us = found[0].oldest_us
                return Spooled(found[0].number, found[1], segment, found[2])
            with self._lock:
                if found is not None:
                    self._at = found[2]
                elif segment.end == end:
                    self._drop_first()
        return None

    def drained(self, spooled: Spooled) -> None:
        """The batch is in the database, and is not taken again."""
        with self._lock:
            self.last_drained, self._at = spooled.number, spooled.end
            self._write_mark()
            if spooled.end >= spooled.segment.end:
                self._drop_first()
            waiting = self.waiting
            waiting.records = max(0, waiting.records - 1)
            waiting.readings = max(0, waiting.readings - sum(len(each) for each in spooled.batch.readings.values()))
            waiting.events = max(0, waiting.events - len(spooled.batch.events))
            if not self._segments:
                self.waiting = Waiting()

    def close(self) -> None:
        """Its files are closed; what waits, waits."""
        with self._lock:
            self._closed = True
            self._stop_writing()
            if self._mark is not None:
                os.close(self._mark)
                self._mark = None

    def _open(self, signals: int) -> list[tuple[int, list[bytes]]]:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._closed = False
        _sync(self._folder.parent)
        self.last_drained = self._number = self._read_mark()
        left: list[tuple[int, list[bytes]]] = []
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            segment = Segment(path, path.stat().st_size)
            if cut := segment.trim():
                self.cut_bytes += cut
                self._log.warning("spool_cut", file=path.name, bytes=cut)
            wanted = signals - sum(len(each) for _, each in left)
            left += self._survey(segment, wanted)
            self._segments.append(segment)
        self._retire_drained()
        if self.waiting.records:
            self._log.info("spool_left", records=self.waiting.records, readings=self.waiting.readings)
        return left

    def _survey(self, segment: Segment, wanted: int) -> list[tuple[int, list[bytes]]]:
        """What waits in `segment` is counted; its records with signals, until they are `wanted`."""
        found = []
        waiting = self.waiting
        self._number = max(self._number, _first_number(segment.path))
        for head, signals in segment.heads():
            self._number = max(self._number, head.number)
            if head.number <= self.last_drained:
                continue
            if not waiting.records:
                waiting.oldest_us = head.oldest_us
            waiting.records += 1
            waiting.readings += head.readings
            waiting.events += head.events
            if signals and wanted > 0:
                found.append((head.number, signals))
                wanted -= len(signals)
        if segment.damaged:
            self._log.error("spool_damaged", file=segment.path.name)
        return found

    def _retire_drained(self) -> None:
        """Files of which nothing waits are gone."""
        while self._segments and not self.waiting.records:
            self._drop_first()

    def _leave_room(self, wanted: int) -> None:
        disk = os.statvfs(self._folder)
        free = disk.f_bavail * disk.f_frsize
        if free < wanted + min(self._reserve, disk.f_blocks * disk.f_frsize // 20):
            raise OSError(errno.ENOSPC, f"{free} bytes are free on the disk")

    def _write(self, content: bytes) -> None:
        """At the end of the last file, or in a new one; on failure as if nothing had been written."""
        fresh = self._writing is None or self._segments[-1].end >= self._segment_bytes
        if fresh:
            self._stop_writing()
            self._begin()
        segment, handle = self._segments[-1], self._writing
        assert handle is not None  # noqa: S101 (begun above)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        except OSError:
            # after a failed fsync nothing about the file is certain: the next record begins another
            with suppress(OSError):
                os.ftruncate(handle, segment.end)
            self._stop_writing()
            # whatever is left of it in the file keeps its number for itself
            self._number += 1
            if segment.end == 0:
                self._segments.pop()
                with suppress(OSError):
                    segment.path.unlink()
            raise
        segment.end += len(content)

    def _begin(self) -> None:
        path = self._folder / f"{self._number + 1:020}{SUFFIX}"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            _sync(self._folder)
        except OSError:
            os.close(handle)
            with suppress(OSError):
                path.unlink()
            raise
        self._writing = handle
        self._segments.append(Segment(path, 0))

    def _stop_writing(self) -> None:
        if self._writing is not None:
            os.close(self._writing)
            self._writing = None

    def _drop_first(self) -> None:
        """The oldest file is gone, or kept aside when it was damaged; taking goes on at the beginning of the next."""
        segment = self._segments.pop(0)
        self._at = 0
        if not self._segments:
            self._stop_writing()
            self.waiting = Waiting()
        try:
            kept = segment.retire()
        except OSError as error:
            self._log.error("spool_file_not_deleted", file=segment.path.name, error=str(error))
            return
        if kept is not None:
            self.damaged_files += 1
            self._log.error("spool_file_kept_aside", file=kept.name)

    def _read_mark(self) -> int:
        try:
            self._mark = os.open(self._folder / "drained", os.O_RDWR | os.O_CREAT, 0o600)
            content = os.pread(self._mark, _MARK.size, 0)
        except OSError as error:
            self._log.warning("spool_mark_unreadable", error=str(error))
            return 0
        if len(content) < _MARK.size:
            return 0
        number, crc = _MARK.unpack(content)
        return int(number) if zlib.crc32(content[:8]) == crc else 0

    def _write_mark(self) -> None:
        if self._mark is None:
            return
        number = struct.pack("<Q", self.last_drained)
        try:
            os.pwrite(self._mark, number + struct.pack("<I", zlib.crc32(number)), 0)
        except OSError as error:
            self._log.warning("spool_mark_not_written", error=str(error))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _first_number(path: Path) -> int:
    """By its name; a name is not used again."""
    return int(path.stem) if path.stem.isdecimal() else 0


def kept_aside(folder: Path) -> list[Path]:
    """Files of the spool in `folder` that were damaged."""
    return sorted(folder.glob(f"*{DAMAGED}"))
