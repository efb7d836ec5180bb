"""The room's SQL: one statement per file."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"


@cache
def statement(name: str) -> bytes:
    """The statement in `sql/<name>.sql` (bytes: psycopg takes them as a query known to be trusted)."""
    return (FOLDER / f"{name}.sql").read_bytes()
