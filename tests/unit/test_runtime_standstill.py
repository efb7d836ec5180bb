"""A drill's fault: a part of the system stands still, as the kernel tells, and goes on."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.servers import process
from runtime.wiring.standstill import Standstill
from simulators.drill.story import Missing


@pytest.fixture
def ingest(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that the data folder names as ingest."""
    with subprocess.Popen(["sleep", "60"]) as child:
        known = process.identity(child.pid)
        assert known is not None
        process.remember(tmp_path / "processes.json", {"ingest-1": known})
        yield child
        child.kill()


def state(child: subprocess.Popen[bytes]) -> str:
    return Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0]


def becomes(child: subprocess.Popen[bytes], wanted: str) -> bool:
    deadline = time.monotonic() + 10
    while state(child) != wanted and time.monotonic() < deadline:
        time.sleep(0.01)
    return state(child) == wanted


def test_a_part_stands_still_until_it_is_told_to_go_on(tmp_path: Path, ingest: subprocess.Popen[bytes]) -> None:
    standing = Standstill(tmp_path)
    assert not standing.stands("ingest")
    standing.stop("ingest", 30)
    assert becomes(ingest, "T")
    assert standing.stands("ingest")
    standing.resume("ingest")
    assert becomes(ingest, "S")
    assert not standing.stands("ingest")


def test_it_goes_on_though_nobody_tells_it(
    tmp_path: Path, ingest: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.wiring.standstill.GRACE_S", 0.2)
    Standstill(tmp_path).stop("ingest", 0.3)
    assert becomes(ingest, "T")
    assert becomes(ingest, "S")


@pytest.mark.parametrize("part", ["ingest", "database", "broker", "control"])
def test_what_does_not_run_here_cannot_be_stopped(tmp_path: Path, part: str) -> None:
    with pytest.raises(Missing, match=f"no {part} of this system runs here"):
        Standstill(tmp_path).stop(part, 1)
