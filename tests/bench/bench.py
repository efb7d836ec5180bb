"""What the parts of the benchmark share: how much of everything, and systems on packs of their own."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reference import Reference
from system import System

from runtime.servers.packages import Binaries
from simulators.district import pack as district


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything. `backlog`: messages before an alarm; `readings`: kept; `fires` and `faults` of a storm;
    `screens` connected, told of something so many `rounds`; `days` of fire calls, `rate` times as fast, and
    `whole_days` of them in one process; `kills` of the leader; `minutes` for which pages stay open.
    """

    repeats: int
    messages: int
    batches: int
    samples: int
    backlog: int
    devices: int
    readings: int
    fires: int
    faults: int
    screens: int
    rounds: int
    days: float
    rate: float
    whole_days: float
    kills: int
    minutes: float


FULL = Size(repeats=3, messages=300_000, batches=40_000, samples=250, backlog=1_000_000, devices=100_000,
            readings=50_000_000, fires=1_000, faults=20_000, screens=1_000, rounds=20,
            days=0.5, rate=600, whole_days=365, kills=50, minutes=60)  # fmt: skip
QUICK = Size(repeats=1, messages=30_000, batches=8_000, samples=60, backlog=60_000, devices=100_000,
             readings=4_000_000, fires=1_000, faults=20_000, screens=1_000, rounds=5,
             days=0.2, rate=600, whole_days=7, kills=10, minutes=8)  # fmt: skip


@dataclass(slots=True)
class Bench:
    """What the parts share: the programs, a folder, words for the terminal, and where Node-RED is, if it is to run."""

    binaries: Binaries
    folder: Path
    packs: Path
    size: Size
    say: Callable[[str], None]
    node_red: Path | None = None

    def pack(self, devices: int = district.DEVICES) -> Path:
        """The demo's district with so many devices."""
        folder = self.packs / f"pack-{devices}"
        if not folder.exists():
            self.say(f"a district of {devices:,} devices")
            district.write(folder, 1, devices)
        return folder

    def system(self, name: str, pack: Path) -> System:
        """A new system with this registry, not running."""
        made = System(self.folder / name, self.binaries)
        with made.running():
            made.settle(pack)
        return made

    def reference(self, pack: Path) -> Reference:
        """Node-RED, beside what a part measures."""
        return Reference(self.node_red, self.binaries, self.folder, pack, self.say)

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        """Said, with the seconds it took."""
        began = time.monotonic()
        yield
        self.say(f"{words}: {time.monotonic() - began:.0f} s")
