-- why: of two workers that take the same undated event the second must see what the first has stored
SELECT pg_advisory_xact_lock(hashtextextended(n.signal, 0))
FROM unnest(%(signals)s::text[]) AS n (signal)
ORDER BY n.signal
