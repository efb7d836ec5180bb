"""A worker is a slot of its host: one client id and one folder, held by `flock` (DESIGN decision 5)."""

import fcntl
import itertools
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Slot:
    """`folder` is this worker's alone while it holds the slot."""

    number: int
    folder: Path

    @property
    def client_id(self) -> str:
        """The MQTT client id whose session belongs to the slot."""
        return f"firegrid-ingest-{socket.gethostname()}-{self.number}"

    def had_session(self, lane: str) -> bool:
        """True when a worker in this slot has had a session for `lane` before, which the broker should remember."""
        return (self.folder / f"{lane}.session").exists()

    def has_session(self, lane: str) -> None:
        """From now on `had_session` is true."""
        (self.folder / f"{lane}.session").touch()


@contextmanager
def hold(folder: Path) -> Iterator[Slot]:
    """The lowest free slot below `folder`, held until the end; the kernel frees it when the process dies."""
    for number in itertools.count():
        own = folder / f"slot-{number}"
        own.mkdir(parents=True, exist_ok=True)
        lock = os.open(own / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        try:
            yield Slot(number, own)
        finally:
            os.close(lock)
        return
