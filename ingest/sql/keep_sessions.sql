-- why: who decides must know how far each session has heard; never further than what it heard is in device_seen
INSERT INTO ingest_sessions AS s (client, since, until, reported_at)
SELECT n.client, n.since, n.until, %(now)s
FROM unnest(%(client)s::text[], %(since)s::timestamptz[], %(until)s::timestamptz[]) AS n (client, since, until)
ORDER BY n.client
ON CONFLICT (client) DO UPDATE
SET since = excluded.since, until = excluded.until, reported_at = excluded.reported_at
