"""What a running `up` tells the other commands."""

import os
from dataclasses import replace
from pathlib import Path

from runtime import running
from runtime.servers import process


def mine() -> running.Running:
    own = process.identity(os.getpid())
    assert own is not None
    return running.Running(
        pid=own.pid,
        started=own.started,
        host="127.0.0.1",
        http_port=8080,
        mqtt_port=1883,
        http_url="http://127.0.0.1:8080",
        database_url="postgresql://u:p@127.0.0.1:5/d",
        mqtt_url="mqtt://u:p@127.0.0.1:1883",
        mqtt_prefix="fg/v1",
    )


def test_what_was_written_is_read_by_its_user_alone(tmp_path: Path):
    running.write(tmp_path, mine())
    assert running.read(tmp_path) == mine()
    assert (tmp_path / "running.json").stat().st_mode & 0o777 == 0o600


def test_nothing_runs_where_nothing_was_written_or_it_was_removed(tmp_path: Path):
    assert running.read(tmp_path) is None
    running.write(tmp_path, mine())
    running.remove(tmp_path)
    assert running.read(tmp_path) is None


def test_another_process_with_the_same_number_is_not_the_one_that_wrote(tmp_path: Path):
    running.write(tmp_path, replace(mine(), started=mine().started + 1))
    assert running.read(tmp_path) is None


def test_a_broken_file_names_nobody(tmp_path: Path):
    (tmp_path / "running.json").write_text('{"pid": 1')
    assert running.read(tmp_path) is None
    (tmp_path / "running.json").write_text('{"pid": 1}')
    assert running.read(tmp_path) is None
