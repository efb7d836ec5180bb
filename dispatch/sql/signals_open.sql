-- why: signals the desk may not have heard of, oldest first, page by page; a partial index, not a high-water mark, for numbers commit out of order
SELECT id, received_at, body FROM signals
WHERE handled_at IS NULL AND (received_at, id) > (%(received_at)s::timestamptz, %(id)s::text)
ORDER BY received_at, id LIMIT %(limit)s;
