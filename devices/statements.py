"""SQL is kept one statement to a file, in the `sql/` of the room that runs it."""

from collections.abc import Callable
from functools import cache
from pathlib import Path


def of(module: str) -> Callable[[str], bytes]:
    """Reads statements by name from the `sql/` beside `module` (its `__file__`), each file once.

    They are bytes: psycopg takes them as a query known to be trusted.
    """
    folder = Path(module).parent / "sql"

    @cache
    def statement(name: str) -> bytes:
        return (folder / f"{name}.sql").read_bytes()

    return statement


statement = of(__file__)
