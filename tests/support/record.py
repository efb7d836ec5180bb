"""What a run of the faults has shown: a table, and what is to be said of single faults; on docs/benchmarks.md."""

import os
from collections.abc import Sequence
from pathlib import Path

import benchmarks_page
from scene import Account

HEADINGS = (
    "fault", "published", "PUBACKed", "published again", "stored", "missing", "twice", "refused", "fires", "on screen",
    "slowest, p99 s", "back after s", "all stored after s",
)  # fmt: skip


def write(page: Path, accounts: Sequence[Account]) -> None:
    """The page's section "faults" is about this run."""
    body = f"{benchmarks_page.machine(os.getloadavg(), {})}\n\n{section(accounts)}"
    benchmarks_page.write("faults", body.replace("load average before", "load average after"), page)


def section(accounts: Sequence[Account]) -> str:
    """One row for each fault, then the notes."""
    notes = [f"- {one.fault}: {note}." for one in accounts for note in one.notes]
    return "\n\n".join([benchmarks_page.table(HEADINGS, [_row(one) for one in accounts]), "\n".join(notes)])


def _row(one: Account) -> tuple[str, ...]:
    return (
        f"{one.fault}{'' if one.passed else ' (**did not hold**)'}",
        *(f"{number:,}" for number in (one.sent, one.acknowledged, one.again, one.stored, one.missing, one.twice)),
        f"{one.quarantined:,}",
        str(one.fires),
        str(one.shown),
        f"{one.slowest_s:.2f}, {one.p99_s:.2f}",
        ", ".join(f"{seconds:.1f}" for seconds in one.back_s) or "-",
        "-" if one.caught_up_s is None else f"{one.caught_up_s:.1f}",
    )
