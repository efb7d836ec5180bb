"""Every SQL statement of every room fits the migrated schema."""

import re
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(ROOT.glob("*/sql/*.sql"))


def numbered(text: str) -> str:
    """psycopg's placeholders as PostgreSQL's own."""
    names: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        name = match[1] or f"?{len(names)}"
        return f"${names.setdefault(name, len(names) + 1)}"

    return re.sub(r"%(?:\((\w+)\))?[sbt]", number, text).replace("%%", "%")


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parts[-3]}-{file.stem}")
def test_a_statement_says_why_and_stands_alone(file: Path) -> None:
    text = file.read_text()
    assert text.startswith("-- why: ")
    assert ";" not in re.sub(r"--.*|'[^']*'", "", text).strip().removesuffix(";")


def test_every_statement_is_understood_by_the_migrated_schema(database: str) -> None:
    assert len(FILES) > 80
    trouble = []
    with psycopg.connect(database, autocommit=True) as connection:
        for file in FILES:
            if file.stem.startswith("stage_"):
                connection.execute(file.read_bytes())
        for number, file in enumerate(FILES):
            text = file.read_text()
            verb = re.sub(r"--.*", "", text).split()[0].upper()
            try:
                if verb == "COPY":
                    with connection.cursor().copy(text.encode()):
                        pass
                elif verb != "CREATE":
                    connection.execute(f"PREPARE statement_{number} AS {numbered(text)}".encode())
            except psycopg.Error as error:
                trouble.append(f"{file.relative_to(ROOT)}: {str(error).splitlines()[0]}")
    assert trouble == []
