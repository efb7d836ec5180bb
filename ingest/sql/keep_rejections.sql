-- why: what was refused can be looked at
INSERT INTO quarantine (received_at, gateway, topic, device, reason, detail, payload)
SELECT n.received_at, n.gateway, n.topic, n.device, n.reason, n.detail, n.payload
FROM unnest(
    %(received_at)s::timestamptz[], %(gateway)s::text[], %(topic)s::text[], %(device)s::text[], %(reason)s::text[],
    %(detail)s::text[], %(payload)s::bytea[]
) AS n (received_at, gateway, topic, device, reason, detail, payload)
