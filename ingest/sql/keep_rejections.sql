-- why: what was refused can be looked at, and it is known how much room that takes
WITH kept AS (
    INSERT INTO quarantine (received_at, gateway, topic, device, reason, detail, payload, bytes)
    SELECT n.received_at, n.gateway, n.topic, n.device, n.reason, n.detail, n.payload, n.bytes
    FROM unnest(
        %(received_at)s::timestamptz[], %(gateway)s::text[], %(topic)s::text[], %(device)s::text[], %(reason)s::text[],
        %(detail)s::text[], %(payload)s::bytea[], %(bytes)s::integer[]
    ) AS n (received_at, gateway, topic, device, reason, detail, payload, bytes)
    RETURNING gateway, reason, (received_at AT TIME ZONE 'UTC')::date AS day, bytes
)
UPDATE quarantine_counts AS c SET bytes = c.bytes + s.bytes
FROM (SELECT gateway, reason, day, sum(bytes) AS bytes FROM kept GROUP BY gateway, reason, day) AS s
WHERE (c.gateway, c.reason, c.day) = (s.gateway, s.reason, s.day)
