-- why: which devices are silent; one index probe per device and day that may hold its latest reading
SELECT asked.device, NULL AS code, latest.received_at
FROM unnest(%(smoke)s::integer[]) AS asked (device)
CROSS JOIN LATERAL (
    SELECT received_at FROM readings_smoke
    WHERE device = asked.device AND ts >= %(since)s
    ORDER BY ts DESC LIMIT 1
) AS latest
UNION ALL
SELECT asked.device, NULL, latest.received_at
FROM unnest(%(electrical)s::integer[]) AS asked (device)
CROSS JOIN LATERAL (
    SELECT received_at FROM readings_electrical
    WHERE device = asked.device AND ts >= %(since)s
    ORDER BY ts DESC LIMIT 1
) AS latest
UNION ALL
SELECT device, NULL, max(received_at)
FROM readings_misdated
WHERE device = ANY (%(smoke)s::integer[] || %(electrical)s::integer[]) AND received_at >= %(since)s
GROUP BY device
UNION ALL
SELECT NULL, device, max(received_at)
FROM events
WHERE device = ANY (%(codes)s) AND ts >= %(since)s
GROUP BY device
