-- why: where a batch that met a repeat waits within its transaction
CREATE TEMPORARY TABLE IF NOT EXISTS staged_smoke (LIKE readings_smoke) ON COMMIT DELETE ROWS
