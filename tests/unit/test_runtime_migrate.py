"""What is left to apply is decided from files and rows alone."""

from pathlib import Path

import pytest

from runtime import migrate
from runtime.migrate import Migration, MigrationTrouble

FIRST = Migration(1, "0001_first", "CREATE TABLE a ()")
SECOND = Migration(2, "0002_second", "CREATE TABLE b ()")


def row(one: Migration) -> tuple[int, str, str]:
    return one.number, one.name, one.digest


def test_an_empty_database_lacks_everything_in_order():
    assert migrate.plan([FIRST, SECOND], []) == [FIRST, SECOND]


def test_what_is_applied_is_not_applied_again():
    assert migrate.plan([FIRST, SECOND], [row(FIRST)]) == [SECOND]
    assert migrate.plan([FIRST, SECOND], [row(FIRST), row(SECOND)]) == []


def test_a_file_changed_after_it_was_applied_is_named():
    with pytest.raises(MigrationTrouble, match="0001_first was changed"):
        migrate.plan([FIRST, SECOND], [(1, FIRST.name, "0" * 64)])


def test_a_file_renamed_after_it_was_applied_is_named():
    with pytest.raises(MigrationTrouble, match="0001_first was changed after this database applied 0001_other"):
        migrate.plan([FIRST], [(1, "0001_other", FIRST.digest)])


def test_a_database_newer_than_the_code_is_refused():
    with pytest.raises(MigrationTrouble, match="newer than this FireGrid"):
        migrate.plan([FIRST], [row(FIRST), row(SECOND)])


@pytest.mark.parametrize(
    "names", [("0002_a.sql",), ("0001_a.sql", "0003_c.sql"), ("0001_a.sql", "0001_b.sql"), ("a.sql",)]
)
def test_files_must_be_numbered_without_gap(tmp_path: Path, names: tuple[str, ...]):
    for name in names:
        (tmp_path / name).write_text("SELECT 1")
    with pytest.raises(MigrationTrouble):
        migrate.read(tmp_path)


def test_the_mark_for_no_transaction_counts_only_in_the_first_line():
    assert Migration(1, "a", "-- no transaction\nVACUUM").alone
    assert not Migration(1, "a", "SELECT 1;\n-- no transaction").alone


def test_the_files_that_are_shipped_are_numbered_without_gap() -> None:
    assert migrate.read()
