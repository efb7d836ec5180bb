"""Migrations against a real database."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from runtime import migrate
from runtime.migrate import MigrationTrouble

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name.lstrip('_')}.sql").write_text(text)


def test_migrating_applies_every_file_once(empty_database: str) -> None:
    assert [name[:4] for name in migrate.pending(empty_database)][:2] == ["0001", "0002"]
    applied = migrate.migrate(empty_database, NOW)
    assert applied == [one.name for one in migrate.read()]
    assert migrate.migrate(empty_database, NOW) == []
    assert migrate.pending(empty_database) == []
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT DISTINCT applied_at FROM migrations").fetchall() == [(NOW,)]


def test_a_failing_file_leaves_nothing_of_itself_and_can_be_mended(empty_database: str, tmp_path: Path) -> None:
    write(tmp_path, _0001_a="CREATE TABLE a ()", _0002_b="CREATE TABLE b (); SELECT 1 / 0")
    with pytest.raises(MigrationTrouble, match="migration 0002_b: division by zero"):
        migrate.migrate(empty_database, NOW, tmp_path)
    assert migrate.pending(empty_database, tmp_path) == ["0002_b"]
    write(tmp_path, _0002_b="CREATE TABLE b ()")
    assert migrate.migrate(empty_database, NOW, tmp_path) == ["0002_b"]


def test_a_file_marked_so_runs_outside_a_transaction(empty_database: str, tmp_path: Path) -> None:
    write(tmp_path, _0001_a="CREATE TABLE a (b int)", _0002_b="-- no transaction\nCREATE INDEX CONCURRENTLY ON a (b)")
    assert migrate.migrate(empty_database, NOW, tmp_path) == ["0001_a", "0002_b"]


def test_two_at_once_apply_each_file_once(empty_database: str, tmp_path: Path) -> None:
    write(tmp_path, _0001_a="SELECT pg_sleep(0.2); CREATE TABLE a ()")
    applied: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: applied.append(migrate.migrate(empty_database, NOW, tmp_path)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == [[], ["0001_a"]]


def test_a_file_changed_afterwards_is_refused(empty_database: str, tmp_path: Path) -> None:
    write(tmp_path, _0001_a="CREATE TABLE a ()")
    migrate.migrate(empty_database, NOW, tmp_path)
    write(tmp_path, _0001_a="CREATE TABLE aa ()")
    with pytest.raises(MigrationTrouble, match="0001_a was changed"):
        migrate.migrate(empty_database, NOW, tmp_path)
