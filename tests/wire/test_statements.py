"""Every statement of every room is one the migrated schema can prepare, and says why it is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("api", "devices", "dispatch", "ingest", "runtime")
FILES = sorted(path for room in ROOMS for path in (ROOT / room / "sql").glob("*.sql"))

EMPTY_COPY = b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\xff\xff"


def _numbered(text: str) -> str:
    """psycopg's placeholders, by name or in order, as PREPARE numbers them."""
    names: dict[str, str] = {}
    text = re.sub(r"%\((\w+)\)[sb]", lambda match: names.setdefault(match[1], f"${len(names) + 1}"), text)
    numbers = iter(range(1, 100))
    return re.sub(r"(?<!%)%s", lambda _: f"${next(numbers)}", text).replace("%%", "%")


@pytest.fixture(scope="module")
def connection(module_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(module_database, autocommit=True) as opened:
        for path in FILES:
            if "CREATE TEMPORARY" in path.read_text():
                opened.execute(path.read_bytes())
        yield opened


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
def test_a_statement_fits_the_schema_and_says_why(connection: psycopg.Connection, path: Path) -> None:
    text = path.read_text()
    assert text.startswith("-- why: ")
    assert re.fullmatch(r"[a-z0-9_]+", path.stem)
    if "FROM STDIN" in text:
        with connection.transaction(), connection.cursor() as cursor, cursor.copy(text.encode()) as copy:
            copy.write(EMPTY_COPY)
    elif "CREATE TEMPORARY" in text:
        connection.execute(text.encode())
    else:
        connection.execute(f'PREPARE "one" AS {_numbered(text)}'.encode())
        connection.execute("DEALLOCATE one")
