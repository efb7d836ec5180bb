"""The outsider's check of the ledger, as the page prints it, sees what was changed."""

import csv
import subprocess
import sys
from pathlib import Path

import pages
import pytest
from stories import Story


@pytest.fixture
def rows(small_registry) -> list[list[str]]:
    story = Story(small_registry)
    story.event("fire")
    story.pass_time(61)
    story.event("fire", device="S-2")
    assert len(story.entries) > 2
    return [
        [str(one.content.n), one.prev.hex(), one.digest.hex(), one.body.hex()]
        for one in story.entries
    ]  # fmt: skip


def _check(folder: Path, rows: list[list[str]]) -> subprocess.CompletedProcess[str]:
    with (folder / "ledger.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    (script,) = pages.page("docs/ledger.md").blocks("python")
    return subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)


def test_a_whole_ledger_passes_and_its_last_digest_is_printed(rows, tmp_path):
    outcome = _check(tmp_path, rows)
    assert outcome.returncode == 0, outcome.stderr
    assert rows[-1][2] in outcome.stdout


def test_a_changed_body_is_seen(rows, tmp_path):
    rows[1][3] = rows[1][3].replace("7b", "7c", 1)
    assert "entry 2 was changed" in _check(tmp_path, rows).stderr


def test_a_missing_entry_is_seen(rows, tmp_path):
    del rows[1]
    assert "entry 2 is missing" in _check(tmp_path, rows).stderr


def test_an_entry_that_was_made_anew_does_not_follow(rows, tmp_path):
    rows[1][1] = "00" * 32
    assert "entry 2 does not follow" in _check(tmp_path, rows).stderr
