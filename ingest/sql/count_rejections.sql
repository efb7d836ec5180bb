-- why: every refused item is counted; the new count tells how many of them may still be kept
INSERT INTO quarantine_counts (gateway, reason, day, count)
SELECT n.gateway, n.reason, n.day, n.count
FROM unnest(%(gateway)s::text[], %(reason)s::text[], %(day)s::date[], %(count)s::bigint[])
    AS n (gateway, reason, day, count)
ORDER BY n.gateway, n.reason, n.day
ON CONFLICT (gateway, reason, day) DO UPDATE SET count = quarantine_counts.count + excluded.count
RETURNING gateway, reason, day, count
