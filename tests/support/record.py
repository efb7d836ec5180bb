"""What a run of the faults has shown, written into its own section of a page."""

import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from scene import Account

BEGIN, END = "<!-- faults: written by `make faults` -->", "<!-- faults: end -->"

HEADINGS = (
    "fault", "published", "PUBACKed", "published again", "stored", "missing", "twice", "refused", "fires", "on screen",
    "slowest, p99 s", "back after s", "all stored after s",
)  # fmt: skip


def write(page: Path, accounts: Sequence[Account], at: datetime) -> None:
    """The section between the marks is about this run; the rest of the page is as it was, or a heading."""
    text = page.read_text() if page.exists() else "# Benchmarks\n"
    if BEGIN not in text:
        text = f"{text.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{section(accounts, at)}{END}{after}")


def section(accounts: Sequence[Account], at: datetime) -> str:
    """The section's text: when, where, a table, and what is to be said of single faults."""
    lines = [
        "## Faults",
        "",
        f"{at:%Y-%m-%d %H:%M} UTC, commit {_commit()}, {_machine()}.",
        "",
        f"| {' | '.join(HEADINGS)} |",
        f"|{'---|' * len(HEADINGS)}",
    ]
    lines += [_row(one) for one in accounts]
    notes = [f"- {one.fault}: {note}" for one in accounts for note in one.notes]
    return "\n".join([*lines, *(["", *notes] if notes else []), ""])


def _row(one: Account) -> str:
    back = ", ".join(f"{seconds:.1f}" for seconds in one.back_s) or "-"
    caught_up = "-" if one.caught_up_s is None else f"{one.caught_up_s:.1f}"
    cells = [
        f"{one.fault}{'' if one.passed else ' (**did not hold**)'}",
        *(f"{number:,}" for number in (one.sent, one.acknowledged, one.again, one.stored, one.missing, one.twice)),
        f"{one.quarantined:,}",
        str(one.fires),
        str(one.shown),
        f"{one.slowest_s:.2f}, {one.p99_s:.2f}",
        back,
        caught_up,
    ]
    return f"| {' | '.join(cells)} |"


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return done.stdout.strip() or "unknown"


def _machine() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores of {names[0] if names else platform.machine()}, {memory_gib:.0f} GiB, "
        f"Linux {platform.release()}, load average at the end {os.getloadavg()[0]:.1f}"
    )
