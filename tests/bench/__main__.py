"""`make bench`: figures of ingest and dispatch, each beside its target and its reference; docs/benchmarks.md says how.

`quick` measures little and once; a part by itself: `--only NAME`. A whole run writes its sections of that page, others
only with `--write`. `history`, `sitting` and `whole-year` are measured only when they are named.
"""

import argparse
import os
import signal
import sys
import time
import traceback
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import benchmarks_page
import nodered
import system
from bench import FULL, QUICK, Bench
from figure import HEADER, Figure
from parts import PARTS
from system import BenchTrouble

from runtime.servers import packages
from runtime.servers.trouble import ServerTrouble

APART = ("history", "sitting", "whole-year")
"""Measured only when asked for: each takes an hour or so."""

SECTIONS = {
    "history": "history",
    "storm": "dispatch storm",
    "screens": "dispatch screens",
    "pages": "dispatch pages",
    "sitting": "dispatch sitting",
    "choice": "dispatch choice",
    "failover": "dispatch failover",
    "year": "dispatch year",
    "whole-year": "dispatch whole-year",
}
"""What is not ingest's has a section of another name."""


def main() -> int:
    """Exit status 0; 1 when something could not be measured or a reading was missing."""
    given = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and roles end with it
    began, load = time.monotonic(), os.getloadavg()

    def say(words: str) -> None:
        sys.stdout.write(f"{time.monotonic() - began:6.0f} s  {words}\n")
        sys.stdout.flush()

    quick = given.size == "quick"
    size = QUICK if quick else FULL
    size = replace(
        size,
        days=given.days or size.days,
        whole_days=given.days or size.whole_days,
        rate=given.clock_rate or size.rate,
        kills=given.kills or size.kills,
        minutes=given.minutes or size.minutes,
    )
    chosen = given.only or [name for name in PARTS if name not in APART]
    failed = False
    sections: dict[str, list[Figure]] = {}
    binaries = packages.ensure(say)
    programs = nodered.install(say) if given.node_red else None
    if load[0] > 0.5:
        say(f"the machine is not idle (load average {load[0]:.2f}): the figures will be poor")
    with system.folder() as folder:
        for name in chosen:
            say(f"-- {name}: {PARTS[name].__doc__}")
            try:
                sections[name] = PARTS[name](Bench(binaries, folder / name, folder, size, say, programs))
            except (BenchTrouble, ServerTrouble) as trouble:
                failed = True
                say(f"{name} failed: {trouble}")
                sections[name] = [Figure(name, [], missing=str(trouble))]
                if given.debug:
                    traceback.print_exc()
    _print(sections)
    if given.write or not (given.only or quick):
        _write(sections, load, programs, quick=quick)
    say("done" if not failed else "done, not everything could be measured")
    return int(failed)


def _print(sections: dict[str, list[Figure]]) -> None:
    rows = [HEADER, *(figure.row() for figures in sections.values() for figure in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADER))]
    for row in rows:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")


def _write(
    sections: dict[str, list[Figure]], load: tuple[float, float, float], programs: Path | None, *, quick: bool
) -> None:
    """The sections of the parts that were measured are new; the others stay."""
    more = {"servers": "PostgreSQL 17 with TimescaleDB (Apache edition), Mosquitto 2"}
    if programs is not None:
        more["beside it"] = nodered.versions(programs)
    machine = benchmarks_page.machine(load, more)
    for name, figures in sections.items():
        body = benchmarks_page.table(HEADER, [figure.row() for figure in figures])
        shortened = "A quick run: small and once.\n\n" if quick else ""
        benchmarks_page.write(SECTIONS.get(name, f"ingest {name}"), f"{shortened}{machine}\n\n{body}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench BENCH=…", description=__doc__)
    parser.add_argument("size", nargs="?", choices=("quick", "full"), default="full")
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), metavar="NAME", help=", ".join(PARTS))
    parser.add_argument(
        "--node-red",
        action="store_true",
        help="beside a flow of Node-RED, fetched at its first use (single, batched, alarm)",
    )
    parser.add_argument("--days", type=float, help="of fire calls (year, whole-year)")
    parser.add_argument("--clock-rate", type=float, help="how many times as fast (year)")
    parser.add_argument("--kills", type=int, help="of the leader (failover)")
    parser.add_argument("--minutes", type=float, help="for which the pages stay open (sitting)")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md in any case")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    return parser


if __name__ == "__main__":
    sys.exit(main())
