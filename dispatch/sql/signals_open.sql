-- why: signals the desk may not have heard of, oldest first; a partial index, not a high-water mark, for numbers commit out of order
SELECT id, body FROM signals WHERE handled_at IS NULL ORDER BY received_at LIMIT %(limit)s;
