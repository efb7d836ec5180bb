"""What a burst needed goes back to the system when it is over."""

import subprocess
import sys

import pytest

from runtime import memory

BURST = """
import sys
from runtime import memory

def resident_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6

if sys.argv[1] == "told":
    assert memory.give_back()
del (large := [bytearray(30_000_000)])[:]  # from here on the C library keeps pieces up to this size
before = resident_mb()
pieces = [bytearray(300_000) for _ in range(400)]
most = resident_mb() - before
kept = pieces[::2]
del pieces
print(most, resident_mb() - before)
"""


def burst(told: str) -> tuple[float, float]:
    """Megabytes at the height of a burst, and when half of its pieces are gone, every second one."""
    done = subprocess.run([sys.executable, "-c", BURST, told], capture_output=True, text=True, check=True)
    most, left = map(float, done.stdout.split())
    return most, left


@pytest.mark.skipif(not memory.give_back(), reason="not the GNU C library")
def test_the_gaps_a_burst_leaves_go_back_to_the_system():
    most, left = burst("told")
    assert most > 100
    assert left < 0.6 * most
    assert burst("not told")[1] > 0.9 * most, "the test shows nothing: the gaps go back by themselves"
