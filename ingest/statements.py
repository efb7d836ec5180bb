"""The room's SQL: one statement per file in `ingest/sql/`."""

from devices import statements

statement = statements.of(__file__)
