-- why: where a batch that met a repeat waits within its transaction
CREATE TEMPORARY TABLE IF NOT EXISTS staged_electrical (LIKE readings_electrical) ON COMMIT DELETE ROWS
