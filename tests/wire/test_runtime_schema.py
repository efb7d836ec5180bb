"""The schema as it is after all migrations, beside the one everybody has read (`make schema` writes it anew)."""

from pathlib import Path

import psycopg
import pytest

SNAPSHOT = Path(__file__).parent / "schema.txt"

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
       || CASE a.attidentity WHEN 'a' THEN ' identity' ELSE '' END
       || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
    AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1, 2
"""
INDEXES = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY tablename, indexname"
HYPERTABLES = """
SELECT hypertable_name, column_name || ' by ' || time_interval FROM timescaledb_information.dimensions ORDER BY 1, 2
"""


def described(url: str) -> str:
    lines = []
    with psycopg.connect(url) as connection:
        lines += [f"{table}.{column}: {what}" for table, column, what in connection.execute(COLUMNS)]
        for heading, query in (("constraint", CONSTRAINTS), ("index", INDEXES), ("hypertable", HYPERTABLES)):
            lines += [f"{heading} {table}: {what}" for table, what in connection.execute(query)]
    return "\n".join(lines) + "\n"


def test_the_migrated_schema_is_the_one_in_schema_txt(database: str, pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--write-schema"):
        SNAPSHOT.write_text(described(database))
    assert described(database) == SNAPSHOT.read_text(), "if the change is meant: make schema"
