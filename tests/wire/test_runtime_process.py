"""Real processes: known again, ended in bounded time, handed to the servers' user."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.servers import footing, process

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)


@pytest.fixture
def folder() -> Iterator[Path]:
    made = footing.temporary_folder("firegrid-test-")
    yield made
    shutil.rmtree(made)


def test_a_process_is_known_by_its_number_and_start_until_it_ends(folder: Path) -> None:
    child = process.start([sys.executable, "-c", "import time; time.sleep(60)"], folder / "log")
    known = process.identity(child.pid)
    assert known is not None
    assert process.alive(known)
    assert not process.alive(process.Identity(known.pid, known.started + 1))
    process.remember(folder / "processes.json", {"one": known})
    assert process.survivors(folder / "processes.json") == {"one": known}
    assert process.end(known)
    child.wait()
    assert process.survivors(folder / "processes.json") == {}


def test_one_that_ignores_the_request_is_killed(folder: Path) -> None:
    child = process.start([sys.executable, "-c", STUBBORN], folder / "log")
    while "deaf" not in (folder / "log").read_text():
        time.sleep(0.01)
    known = process.identity(child.pid)
    assert known is not None
    assert not process.end(known, patience_s=0.2)
    assert child.wait() == -signal.SIGKILL


@pytest.mark.parametrize("text", ["", "{", "[]", '{"one": 3}', '{"one": {"pid": "x"}}'])
def test_a_broken_list_of_survivors_names_nobody(folder: Path, text: str) -> None:
    (folder / "processes.json").write_text(text)
    assert process.survivors(folder / "processes.json") == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands its servers to another user")
def test_root_hands_a_server_to_nobody_in_a_folder_it_can_reach(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    place = footing.server_folder(closed, "pg")
    assert place != closed / "pg"
    assert footing.reachable(place)
    child = process.start(
        ["/usr/bin/env", "sh", "-c", "id -u; id -G; touch made"], folder / "log", as_server=True, cwd=place
    )
    assert child.wait() == 0
    uid, gid = footing.server_user()
    assert (folder / "log").read_text().split() == [str(uid), str(gid)]
    assert (place / "made").exists()
    (closed / "pg").unlink()
    footing.server_folder(closed, "other")
    assert not place.exists(), "a folder whose link has gone is removed"
    shutil.rmtree((closed / "other").resolve().parent)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands its servers to another user")
def test_a_cache_nobody_can_reach_has_its_place_apart_whatever_the_umask(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_CACHE_HOME", str(closed))
    mask = os.umask(0o077)
    try:
        apart = footing.cache_folder()
    finally:
        os.umask(mask)
    assert apart.is_relative_to("/var/cache/firegrid")
    assert footing.reachable(apart)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    assert footing.cache_folder() == folder / "firegrid"
    shutil.rmtree(apart)
