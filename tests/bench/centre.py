"""The parts that measure the dispatch centre: storms, screens, choice, failover."""

import asyncio
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import city
import commandpage
import failover as failovers
import fireyear
import screens as thousand
import sitting as sittings
import storm as storms
import wholeyear
from bench import Bench
from crews import SystemTime
from figure import Figure

FIRST_DAY = datetime(2000, 12, 29, tzinfo=timezone(timedelta(hours=8)))
"""On which a year begins: its worst day is New Year's."""


WATCHED_S = 30.0
"""So long the command page's frames are measured, at rest and again while it is scrolled."""


def storm(bench: Bench) -> list[Figure]:
    """A thousand fires within a second, twenty thousand fault signals among them."""
    fires, faults = bench.size.fires, bench.size.faults
    system = bench.system("storm", _city(bench, fires, fires + faults + 1000))
    with system.running():
        system.worker()
        system.control()
        return asyncio.run(storms.measured(system, fires, faults, bench.step))


def screens(bench: Bench) -> list[Figure]:
    """A frame to a thousand screens."""
    system = bench.system("screens", bench.pack())
    with system.running():
        system.control()
        return thousand.measured(system, bench.size.screens, bench.size.rounds, bench.say)


def pages(bench: Bench) -> list[Figure]:
    """The command page in a real Chromium while a thousand incidents are open."""
    fires = bench.size.fires
    system = bench.system("pages", _city(bench, fires, 2 * fires + 1000))
    with system.running():
        system.worker()
        system.control()
        return commandpage.measured(system, fires, WATCHED_S, bench.say)


def sitting(bench: Bench) -> list[Figure]:
    """Each page left open for an hour, while incidents come and go and the network is pulled; `--minutes` for less."""
    system = bench.system("sitting", bench.pack())
    with system.running():
        system.worker()
        system.control()
        return sittings.measured(system, bench.size.minutes, bench.say)


def failover(bench: Bench) -> list[Figure]:
    """The leading control killed in a stream of fires, another standing by."""
    kills = bench.size.kills
    system = bench.system("failover", _city(bench, 100 + 60 * kills, 3000 + 60 * kills))
    with system.running():
        system.worker()
        return failovers.measured(system, kills, bench.say)


def year(bench: Bench) -> list[Figure]:
    """Days of fire calls at speed, with crews who press; a whole year with `--days 365`."""
    system = bench.system("year", bench.pack())
    anchor, rate = round(time.time(), 3), bench.size.rate
    begins = FIRST_DAY.replace(year=datetime.fromtimestamp(anchor, FIRST_DAY.tzinfo).year)
    clock = SystemTime(anchor, rate, round(begins.timestamp() - anchor, 3))
    system.settings = {
        "FIREGRID_CLOCK_RATE": f"{rate:g}",
        "FIREGRID_CLOCK_ANCHOR": str(anchor),
        "FIREGRID_CLOCK_OFFSET_S": str(clock.offset_s),
    }
    with system.running():
        system.worker()
        system.control()
        return fireyear.measured(system, clock, bench.size.days, bench.say)


def whole_year(bench: Bench) -> list[Figure]:
    """A year of fire calls in one process, by a clock that jumps; fewer days with `--days`."""
    system = bench.system("whole-year", bench.pack())
    begins = FIRST_DAY.replace(year=datetime.now(FIRST_DAY.tzinfo).year)
    with system.running():
        return wholeyear.measured(system, begins, bench.size.whole_days, bench.say, system.folder / "desk.log")


def _city(bench: Bench, places: int, devices: int) -> Path:
    folder = bench.packs / f"city-{places}-{devices}"
    if not folder.exists():
        bench.say(f"a district of {devices:,} devices at {places:,} places or more")
        city.write(folder, places, devices)
    return folder
