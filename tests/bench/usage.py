"""What processes have used so far, read from /proc: processor seconds and memory."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """User and system seconds of the process, of its ended children, and of those that live."""
    total = 0.0
    stats = _stats()
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        if one in stats:
            total += stats[one][1]
            waiting += [child for child, (parent, _) in stats.items() if parent == one]
    return total


def _stats() -> dict[int, tuple[int, float]]:
    """Process -> (its parent, seconds of it and its ended children), proc_pid_stat(5)."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            found[int(entry.name)] = int(fields[1]), sum(int(one) for one in fields[11:15]) / TICKS
    return found


def memory_mb(pid: int) -> dict[str, float]:
    """`rss`, `pss` (shared pages divided among their users) and `peak` (largest rss so far), in MB of 10^6 bytes."""
    folder = Path(f"/proc/{pid}")
    rollup = _kilobytes((folder / "smaps_rollup").read_text())
    status = _kilobytes((folder / "status").read_text())
    return {
        name: kilobytes * 1024 / 1e6
        for name, kilobytes in (("rss", rollup["Rss"]), ("pss", rollup["Pss"]), ("peak", status["VmHWM"]))
    }


def _kilobytes(text: str) -> dict[str, int]:
    found = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if value.endswith(" kB"):
            found[name] = int(value.split()[0])
    return found
