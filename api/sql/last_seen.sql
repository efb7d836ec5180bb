-- why: when devices were last heard, and who of them is told silent; one index probe each
SELECT
    asked.code,
    s.received_at,
    s.clock_offset_us,
    s.offline_since IS NOT NULL AS offline,
    g.offline_since IS NOT NULL AS gateway_offline
FROM unnest(%(ids)s::integer[], %(codes)s::text[], %(gateways)s::text[]) AS asked (id, code, gateway)
LEFT JOIN device_seen AS s ON s.device = asked.id
LEFT JOIN gateway_seen AS g ON g.gateway = asked.gateway
