"""A worker is a slot of its data folder: a number, two sessions in the broker, a folder (DESIGN decision 5).

`home` is held by the worker whose slot it is by right, `lock` by the one that operates it now: the same one, or one
that has adopted it. Both are held by `flock`, which the kernel ends with the process.
"""

import fcntl
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devices import nameplate


@dataclass(frozen=True, slots=True)
class Slot:
    """`folder` is its operator's alone. `family` is the same for all slots of one data folder and for no others'."""

    number: int
    folder: Path
    family: str

    @property
    def client_id(self) -> str:
        """The MQTT client id whose session belongs to the slot."""
        return f"firegrid-ingest-{self.family}-{self.number}"

    def had_session(self, lane: str) -> bool:
        """True when a worker in this slot has had a session for `lane` before, which the broker should remember."""
        return (self.folder / f"{lane}.session").exists()

    def has_session(self, lane: str) -> None:
        """From now on `had_session` is true."""
        (self.folder / f"{lane}.session").touch()


@contextmanager
def settle(folder: Path) -> Iterator[int]:
    """The number of the lowest slot below `folder` that is nobody's home; it is the caller's until the end."""
    with _gate(folder):
        number, home = next(_free_homes(folder))
    try:
        yield number
    finally:
        os.close(home)


@contextmanager
def operate(folder: Path, number: int) -> Iterator[Slot | None]:
    """The slot, operated by the caller until the end; None while another worker operates it."""
    own = folder_of(folder, number)
    with _gate(folder):
        lock = _hold(own / "lock")
        family = nameplate.of(folder)
    if lock is None:
        yield None
        return
    try:
        yield Slot(number, own, family)
    finally:
        os.close(lock)


def vacant(folder: Path) -> list[int]:
    """The slots that are nobody's home and that nobody operates."""
    with _gate(folder):
        return [
            number
            for number in numbers(folder)
            if all(_is_free(folder_of(folder, number) / name) for name in ("home", "lock"))
        ]


def is_home(folder: Path, number: int) -> bool:
    """True when the slot is somebody's home."""
    with _gate(folder):
        return not _is_free(folder_of(folder, number) / "home")


def numbers(folder: Path) -> list[int]:
    """The slots there are below `folder`, operated or not, in order."""
    ends = (each.name.removeprefix("slot-") for each in folder.glob("slot-*"))
    return sorted(int(end) for end in ends if end.isdecimal())


def folder_of(folder: Path, number: int) -> Path:
    """Where the slot of this number lies."""
    return folder / f"slot-{number}"


def _free_homes(folder: Path) -> Iterator[tuple[int, int]]:
    """Number, and descriptor that holds its home."""
    for number in itertools.count():
        own = folder_of(folder, number)
        own.mkdir(parents=True, exist_ok=True)
        home = _hold(own / "home")
        if home is not None:
            yield number, home


@contextmanager
def _gate(folder: Path) -> Iterator[None]:
    """One worker at a time looks at locks, for some microseconds: to try a lock is to hold it for a moment, and a
    worker that came in that moment would take the slot for somebody's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    gate = os.open(folder / "gate", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield
    finally:
        os.close(gate)


def _hold(path: Path) -> int | None:
    """A descriptor that holds the lock until it is closed, or None when it is held."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _is_free(path: Path) -> bool:
    descriptor = _hold(path)
    if descriptor is None:
        return False
    os.close(descriptor)
    return True
