-- why: the order of receipt decides, for a last will carries the time at which the gateway connected
INSERT INTO gateway_status (gateway, state, ts, received_at)
SELECT n.gateway, n.state, n.ts, n.received_at
FROM unnest(%(gateway)s::text[], %(state)s::text[], %(ts)s::timestamptz[], %(received_at)s::timestamptz[])
    AS n (gateway, state, ts, received_at)
ON CONFLICT (gateway) DO UPDATE
SET state = excluded.state, ts = excluded.ts, received_at = excluded.received_at
WHERE gateway_status.received_at <= excluded.received_at
