-- why: when a gateway was heard by what is no reading, and when it was said to be gone
INSERT INTO gateway_seen AS s (gateway, received_at, gone_at)
SELECT n.gateway, n.received_at, n.gone_at
FROM unnest(%(gateway)s::text[], %(received_at)s::timestamptz[], %(gone_at)s::timestamptz[])
    AS n (gateway, received_at, gone_at)
ORDER BY n.gateway
ON CONFLICT (gateway) DO UPDATE
SET received_at = greatest(s.received_at, excluded.received_at), gone_at = greatest(s.gone_at, excluded.gone_at)
