"""What Node-RED does in the same run: its runs in turn with FireGrid's, its alarms, and the figures made of them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nodered_alarms
from figure import Figure, percentile
from nodered import Flow
from nodered_alarms import Beside
from system import BenchTrouble, System
from throughput import Run

from runtime.servers.packages import Binaries

NAMES = {"usual": "Node-RED, an INSERT a message", "batched": "Node-RED, batched INSERTs"}
PARTS_OF_A_RUN = {"usual": 6, "batched": 2}
"""It is given a sixth or half of FireGrid's messages: enough for a run as long as FireGrid's."""

LOADS = (0, 6_000, 10_000)
"""Messages a second beside which its alarms are measured, as FireGrid's are."""


@dataclass(slots=True)
class Reference:
    """Node-RED of these `programs`, with servers of its own below `folder`; None measures nothing."""

    programs: Path | None
    binaries: Binaries
    folder: Path
    pack: Path
    say: Callable[[str], None]
    troubles: dict[str, str] = field(default_factory=dict)

    def flow(self, name: str, tabs: Sequence[str]) -> Flow:
        """With an empty database."""
        assert self.programs is not None
        return Flow(System(self.folder / f"node-red-{name}", self.binaries), self.programs, tabs)

    def steps(self, count: int, **options: object) -> dict[str, Callable[[], Run | None]]:
        """A run of each flow that stores, by the flow's name; None is said to be trouble."""
        if self.programs is None:
            return {}
        flows = {tab: self.flow(tab, [tab]) for tab in NAMES}

        def step(tab: str) -> Run | None:
            try:
                return flows[tab].live(self.pack, max(1, count // PARTS_OF_A_RUN[tab]), **options)
            except BenchTrouble as trouble:
                self.say(f"{NAMES[tab]}: {trouble}")
                self.troubles[NAMES[tab]] = str(trouble)
                return None

        return {NAMES[tab]: (lambda tab=tab: step(tab)) for tab in NAMES}

    def alarms(self, samples: int) -> dict[int, Beside]:
        """By messages a second beside it: idle, and storing in batches meanwhile."""
        found: dict[int, Beside] = {}
        if self.programs is None:
            return found
        flow = self.flow("alarms", ["alarm", "batched"])
        for rate in LOADS:
            try:
                found[rate] = asyncio.run(
                    nodered_alarms.beside(flow, self.pack, rate, samples)
                    if rate
                    else nodered_alarms.idle(flow, samples)
                )
            except BenchTrouble as trouble:
                self.say(f"Node-RED, alarms beside {rate:,} messages/s: {trouble}")
                self.troubles[alarms_beside(rate)] = str(trouble)
            else:
                self.say(
                    f"Node-RED, alarms beside {rate:,} messages/s: p50 {percentile(found[rate].found, 0.5):.1f} ms"
                )
        return found


def against(runs: Mapping[str, Sequence[Run]], rate: Callable[[Run], float]) -> list[tuple[str, list[float]]]:
    """For a figure's references: the rates of the flows that were run."""
    return [(name, [rate(run) for run in runs[name]]) for name in NAMES.values() if runs.get(name)]


def figures(
    runs: Mapping[str, Sequence[Run]], troubles: Mapping[str, str], words: str, unit: str, rate: Callable[[Run], float]
) -> list[Figure]:
    """Rows of the flows' own: rate with what it cost in safety, processor of its process and of the database."""
    made = [Figure(f"{name}: {unit}, {words}", [], missing=trouble) for name, trouble in troubles.items()]
    for name, values in against(runs, rate):
        each = runs[name]
        made.append(Figure(f"{name}: {unit}, {words}", values, remark=_remark(each)))
        made += [
            Figure(f"{name}: processor a message, {process}, {words}", [run.cpu_us(process) for run in each], "µs", 1)
            for process in ("node", "database", "broker")
        ]
    return made


def alarm_figures(found: Mapping[int, Beside], troubles: Mapping[str, str]) -> list[Figure]:
    """Rows of the flow's own: event to frame."""
    made = [Figure(name, [], missing=trouble) for name, trouble in troubles.items()]
    for rate, one in found.items():
        note = f"n = {len(one.found)}, at most {max(one.found):,.1f} ms"
        if rate:
            note += f", {one.held:,.0f}/s held, {_told_lost(one.lost)}"
        made += [
            Figure(f"{alarms_beside(rate)}, p50", [percentile(one.found, 0.5)], "ms", 1),
            Figure(f"{alarms_beside(rate)}, p99", [percentile(one.found, 0.99)], "ms", 1, remark=note),
        ]
    return made


def alarms_beside(rate: int) -> str:
    """A row's first words."""
    return f"Node-RED, event to websocket {f'beside {rate:,} single-reading messages/s' if rate else 'idle'}"


def _remark(runs: Sequence[Run]) -> str:
    pending, peak_mb = max(run.pending for run in runs), max(run.peak_mb for run in runs)
    return (
        f"{runs[0].messages:,} messages, {_told_lost(sum(run.lost for run in runs))}; up to {pending:,} readings "
        f"taken and not stored, up to {peak_mb:,.0f} MB"
    )


def _told_lost(lost: int) -> str:
    return f"{lost:,} readings never stored" if lost else "all stored in the end"
