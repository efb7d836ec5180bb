"""The parts that measure the dispatch centre: storms, screens, choice, failover."""

import asyncio
from pathlib import Path

import city
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


def _city(bench: Bench, places: int, devices: int) -> Path:
    folder = bench.packs / f"city-{places}-{devices}"
    if not folder.exists():
        bench.say(f"a district of {devices:,} devices at {places:,} places or more")
        city.write(folder, places, devices)
    return folder
