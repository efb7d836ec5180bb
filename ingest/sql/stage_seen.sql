-- why: where what was noted waits within its transaction
CREATE TEMPORARY TABLE IF NOT EXISTS staged_seen (
    device integer NOT NULL,
    received_at timestamptz NOT NULL,
    clock_offset_us bigint
) ON COMMIT DELETE ROWS
