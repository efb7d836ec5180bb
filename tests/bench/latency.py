"""Event to screen: idle, beside load, behind a backlog."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import alarms
from figure import Figure, at_most, percentile
from system import BenchTrouble, Load, System, until


async def measured(
    system: System,
    pack: Path,
    samples: int,
    backlog: int,
    step: Callable[[str], AbstractContextManager[None]],
    theirs: Mapping[int, list[float]],
) -> list[Figure]:
    """The figures; `theirs`: Node-RED's latencies by the messages a second beside them. `step` says what is done."""
    figures: list[Figure] = []
    async with alarms.Screens(system) as screens:
        await screens.sample(10)
        with step("alarms, idle"):
            figures += _percentiles("idle", await screens.sample(samples), 10, 50, theirs=theirs.get(0))
        for number, rate in enumerate((6_000, 10_000)):
            with step(f"alarms beside {rate:,} messages/s"):
                found, held = await _beside(screens, system, pack, rate, samples, number)
            words = f"beside {rate:,} single-reading messages/s"
            figures += _percentiles(words, found, None, 100, f"{held:,.0f}/s held", theirs.get(rate))
        with step(f"alarms behind {backlog:,} messages"):
            found, seconds = await _behind(screens, system, pack, backlog)
        words = f"behind a backlog of {backlog:,} messages"
        figures += _percentiles(words, found, None, 250, remark=f"drained in {seconds:.0f} s")
    return figures


async def _beside(
    screens: alarms.Screens, system: System, pack: Path, rate: float, samples: int, number: int
) -> tuple[list[float], float]:
    """Latencies, and the messages a second that were really published meanwhile."""
    seq = 1_100_000_000 + number * 20_000_000
    load = await asyncio.to_thread(Load, system.broker.url(), pack, rate=rate, first_seq=seq)
    load.go()
    await screens.sample(10)
    found = await screens.sample(samples)
    told = await asyncio.to_thread(load.stop)
    await asyncio.to_thread(_require_rows, system, seq, told)
    return found, told["acknowledged"] / told["seconds"]


async def _behind(screens: alarms.Screens, system: System, pack: Path, count: int) -> tuple[list[float], float]:
    """Latencies while the backlog drained, and the seconds that took."""
    [worker] = [role for role in system.roles if role.name == "ingest-0"]
    await asyncio.to_thread(system.stop, worker)
    seq = 1_200_000_000
    load = await asyncio.to_thread(Load, system.broker.url(), pack, count=count, first_seq=seq)
    load.go()
    told = await asyncio.to_thread(load.result)
    began = time.monotonic()
    worker = await asyncio.to_thread(system.worker)
    found: list[float] = []
    while await asyncio.to_thread(worker.stored) < told["readings"]:
        found += await screens.sample(1)
        if time.monotonic() - began > 600:
            raise BenchTrouble(f"the backlog of {count} messages was not drained in 10 minutes")
    seconds = time.monotonic() - began
    await asyncio.to_thread(_require_rows, system, seq, told)
    if not found:
        raise BenchTrouble("the backlog was drained before the first alarm")
    return found, seconds


def _require_rows(system: System, seq: int, told: dict[str, float]) -> None:
    until(
        lambda: system.rows(seq) >= told["readings"],
        f"the {told['readings']:.0f} readings acknowledged are stored",
        120,
        0.5,
    )


def _percentiles(
    words: str,
    found: list[float],
    p50: float | None,
    p99: float,
    remark: str = "",
    theirs: list[float] | None = None,
) -> list[Figure]:
    """`theirs`: Node-RED's latencies."""
    note = f"n = {len(found)}, at most {max(found):.1f} ms" + (f", {remark}" if remark else "")
    made = []
    for name, share, limit in (("p50", 0.5, p50), ("p99", 0.99, p99)):
        against = [("Node-RED", [percentile(theirs, share)])] if theirs else []
        target = at_most(limit, f"≤ {limit} ms") if limit else None
        values = [percentile(found, share)]
        made.append(Figure(f"event to duty screen {words}, {name}", values, "ms", 1, target, against,
                           note if name == "p99" else ""))  # fmt: skip
    return made
