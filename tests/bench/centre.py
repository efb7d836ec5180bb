"""The parts that measure the dispatch centre: storms, screens, choice, failover."""

import asyncio
from pathlib import Path

import city
import screens as thousand
import storm as storms
from bench import Bench
from figure import Figure


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


def _city(bench: Bench, places: int, devices: int) -> Path:
    folder = bench.packs / f"city-{places}-{devices}"
    if not folder.exists():
        bench.say(f"a district of {devices:,} devices at {places:,} places or more")
        city.write(folder, places, devices)
    return folder
