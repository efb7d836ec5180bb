"""The room's SQL: one statement per file in `api/sql/`."""

from devices import statements

statement = statements.of(__file__)
