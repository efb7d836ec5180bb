"""The room's SQL: one statement per file in `runtime/sql/`."""

from devices import statements

statement = statements.of(__file__)
