"""The local journal: every entry is on this disk before anything comes of it (DESIGN decision 7).

One SQLite file in the desk's folder holds the entries, the frames they gave rise to, the signals that changed nothing,
the notes beside the ledger, and a snapshot of the fold. One thread at a time may write.
"""

import fcntl
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from dispatch.facts.entry import GENESIS, Entry, chain, read

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (n INTEGER PRIMARY KEY, body BLOB NOT NULL, digest BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS frames (
    recipient TEXT NOT NULL, seq INTEGER NOT NULL, at REAL NOT NULL, orders TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (recipient, seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS frames_at ON frames (at);
CREATE TABLE IF NOT EXISTS seen (signal TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_at ON seen (at);
CREATE TABLE IF NOT EXISTS notes (digest TEXT PRIMARY KEY, salt BLOB NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""

KEPT = 20_000
"""Entries that stay though the database has them: it may lose its last second in a crash (decision 0023), in which a
storm makes some thousands, and must then find where it was."""


@dataclass(frozen=True, slots=True)
class KeptFrame:
    """A frame as it goes to a screen. `orders`: ids of the orders it carries."""

    recipient: str
    seq: int
    data: bytes
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Free text beside the ledger, named there by its salted digest."""

    digest: str
    salt: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one fsync makes durable together.

    `seen`: signals that changed nothing, and when each was received (epoch seconds).
    """

    entries: Sequence[Entry]
    frames: Sequence[KeptFrame]
    seen: Sequence[tuple[str, float]]
    notes: Sequence[Note]
    at: datetime


class Held(Exception):  # noqa: N818 - it says what is the case
    """Another process leads on this journal."""


class Journal:
    """The open journal in `folder`, held by `flock` for as long as this object lives.

    Raises Held when another process has it, sqlite3.DatabaseError when the file is not a journal.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise Held(str(folder)) from None
        self._folder = folder
        self._writing = threading.Lock()
        self._open()

    def _open(self) -> None:
        path = self._folder / "journal.sqlite"
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)
        self._reader = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """What is being written is finished, the file is closed and the lock given back."""
        with self._writing:
            self._reader.close()
            self._db.close()
            os.close(self._lock)

    @property
    def stream(self) -> str:
        """The name of the frame sequence, drawn once for this journal."""
        found = self._fact("stream")
        if found is None:
            found = secrets.token_hex(8).encode()
            self._db.execute("INSERT INTO facts VALUES ('stream', ?)", (found,))
        return found.decode()

    @property
    def imported(self) -> bool:
        """True when the first entries came from elsewhere, so that another desk has decided them."""
        return self._fact("imported") is not None

    def mark_imported(self) -> None:
        """The entries that are appended next were decided by another desk."""
        with self._writing:
            self._db.execute("INSERT OR REPLACE INTO facts VALUES ('imported', x'01')")

    def begin_stream(self) -> str:
        """Frames are numbered anew from here on, in a sequence of a new name; those of before are gone."""
        fresh = secrets.token_hex(8)
        with self._writing, _transaction(self._db):
            self._db.execute("DELETE FROM frames")
            self._db.execute("INSERT OR REPLACE INTO facts VALUES ('stream', ?)", (fresh.encode(),))
        return fresh

    def set_aside(self) -> Path:
        """The journal is empty; what it held lies beside it, under the name of its sequence."""
        aside = self._folder / f"journal.{self.stream}.sqlite"
        with self._writing:
            self._reader.close()
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._db.close()
            (self._folder / "journal.sqlite").replace(aside)
            for name in ("journal.sqlite-wal", "journal.sqlite-shm"):
                (self._folder / name).unlink(missing_ok=True)
            self._open()
        return aside

    def append(self, batch: Batch) -> None:
        """The batch is on disk, whole (one fsync), or not at all.

        Raises sqlite3.Error; then nothing of it may take effect.
        """
        at = batch.at.timestamp()
        with self._writing, _transaction(self._db):
            self._db.executemany(
                "INSERT INTO entries VALUES (?, ?, ?)",
                [(entry.content.n, entry.body, entry.digest) for entry in batch.entries],
            )
            self._db.executemany(
                "INSERT INTO frames VALUES (?, ?, ?, ?, ?)",
                [(one.recipient, one.seq, at, " ".join(one.orders), one.data) for one in batch.frames],
            )
            self._db.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?)", batch.seen)
            self._db.executemany(
                "INSERT OR IGNORE INTO notes VALUES (?, ?, ?)",
                [(note.digest, note.salt, note.text) for note in batch.notes],
            )

    def snapshot(self) -> bytes | None:
        """The last kept fold."""
        return self._fact("snapshot")

    def keep_snapshot(self, n: int, data: bytes, *, drained: int) -> None:
        """The fold as of entry `n` is kept; entries before it that the database has (`drained`) are dropped, but for
        the last KEPT.
        """
        with self._writing, _transaction(self._db):
            self._db.execute("INSERT OR REPLACE INTO facts VALUES ('snapshot', ?)", (data,))
            self._db.execute("DELETE FROM entries WHERE n < ?", (min(n, drained) - KEPT,))

    def entries_after(self, n: int, prev: bytes, limit: int = -1) -> list[Entry]:
        """The entries that follow entry `n`, whose digest is `prev`, their chain checked; the first `limit` of them,
        or all.

        Raises ValueError where an entry is missing or its digest does not fit.
        """
        found: list[Entry] = []
        rows = self._reader.execute("SELECT n, body, digest FROM entries WHERE n > ? ORDER BY n LIMIT ?", (n, limit))
        for number, body, digest in rows:
            if number != n + len(found) + 1 or chain(prev, body) != digest:
                raise ValueError(f"the journal's entry {number} does not follow its predecessor")
            found.append(read(body, prev))
            prev = digest
        return found

    def digest_of(self, n: int) -> bytes | None:
        """The digest of entry `n`; None when it is not kept."""
        if n == 0:
            return GENESIS
        row = self._reader.execute("SELECT digest FROM entries WHERE n = ?", (n,)).fetchone()
        return row[0] if row is not None else None

    def frames_after(self, recipient: str, seq: int) -> list[KeptFrame]:
        """The recipient's kept frames with numbers above `seq`, in order."""
        rows = self._reader.execute(
            "SELECT seq, data, orders FROM frames WHERE recipient = ? AND seq > ? ORDER BY seq", (recipient, seq)
        )
        return [KeptFrame(recipient, number, data, tuple(orders.split())) for number, data, orders in rows]

    def seen(self) -> dict[str, float]:
        """The kept signals that changed nothing -> when they were received (epoch seconds), oldest first."""
        return dict(self._reader.execute("SELECT signal, at FROM seen ORDER BY at"))

    def notes_of(self, digests: Iterable[str]) -> list[Note]:
        """The kept notes with these digests."""
        found = []
        for digest in digests:
            row = self._reader.execute("SELECT digest, salt, note FROM notes WHERE digest = ?", (digest,)).fetchone()
            if row is not None:
                found.append(Note(*row))
        return found

    def forget(self, frames_before: datetime, seen_until: float) -> None:
        """Older frames, and signals seen that were received by `seen_until` (epoch seconds), are dropped."""
        with self._writing, _transaction(self._db):
            self._db.execute("DELETE FROM frames WHERE at < ?", (frames_before.timestamp(),))
            self._db.execute("DELETE FROM seen WHERE at <= ?", (seen_until,))

    def _fact(self, name: str) -> bytes | None:
        row = self._reader.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row[0] if row is not None else None


class _transaction:  # noqa: N801 - used as a statement
    """Begin, then commit, or roll back on any exception."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")
