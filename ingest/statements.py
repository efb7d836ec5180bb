"""The room's SQL: one statement per file in `ingest/sql/`."""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "sql"


@cache
def statement(name: str) -> bytes:
    """The statement in `ingest/sql/{name}.sql`."""
    return (_FOLDER / f"{name}.sql").read_bytes()
