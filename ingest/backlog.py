"""What waits on this machine's disk to be stored, looked at from outside: no worker is asked, no database."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingest import record
from ingest.segment import DAMAGED, SUFFIX

FOLDER = "ingest"


@dataclass(frozen=True, slots=True)
class Backlog:
    """Of all spools together. `oldest_us`: receipt of the oldest batch in their files, microseconds after 1970 (may be
    stored already, where its file waits for others); 0 when nothing waits. `damaged`: files kept aside for a person.
    `fullest_bytes`: of the spool that has most.
    """

    files: int = 0
    bytes: int = 0
    oldest_us: int = 0
    damaged: int = 0
    fullest_bytes: int = 0


def of(data: Path) -> Backlog | None:
    """What the spools in this data folder hold; None where no worker has worked here. Reads a header a spool."""
    if not (data / FOLDER).is_dir():
        return None
    found = Backlog()
    for spool in sorted((data / FOLDER).glob("*/*.spool")):
        sizes = {path: size for path in sorted(spool.glob(f"*{SUFFIX}")) if (size := _size(path))}
        times = [one for one in (found.oldest_us, _oldest_us(next(iter(sizes), None))) if one]
        found = Backlog(
            files=found.files + len(sizes),
            bytes=found.bytes + sum(sizes.values()),
            oldest_us=min(times, default=0),
            damaged=found.damaged + len(list(spool.glob(f"*{DAMAGED}"))),
            fullest_bytes=max(found.fullest_bytes, sum(sizes.values())),
        )
    return found


def _size(path: Path) -> int:
    """0 of what has been stored and is gone meanwhile."""
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _oldest_us(path: Path | None) -> int:
    with suppress(OSError, record.Newer):
        if path is not None:
            with path.open("rb") as file:
                head = record.header(file.read(record.HEADER_ROOM))
            return head.oldest_us if head is not None else 0
    return 0
