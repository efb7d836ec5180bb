-- why: the same of gateways; devices get their whole limit anew when theirs is back
INSERT INTO gateway_seen AS s (gateway, offline_since, back_at)
SELECT n.gateway, n.since, n.back
FROM unnest(%(gateway)s::text[], %(since)s::timestamptz[], %(back)s::timestamptz[]) AS n (gateway, since, back)
ON CONFLICT (gateway) DO UPDATE
SET offline_since = excluded.offline_since, back_at = coalesce(excluded.back_at, s.back_at)
