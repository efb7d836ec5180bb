-- why: who is told offline, or back, is not told so again
UPDATE device_seen AS s SET offline_since = n.since
FROM unnest(%(device)s::integer[], %(since)s::timestamptz[]) AS n (device, since)
WHERE s.device = n.device
