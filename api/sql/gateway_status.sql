-- why: what gateways last said of themselves, and what was heard of them
SELECT
    asked.gateway,
    said.state,
    said.received_at AS state_at,
    seen.offline_since IS NOT NULL AS offline,
    greatest(seen.received_at, behind.received_at) AS last_seen,
    coalesce(behind.clocks_off, 0) AS clocks_off
FROM unnest(%(codes)s::text[]) AS asked (gateway)
LEFT JOIN gateway_status AS said ON said.gateway = asked.gateway
LEFT JOIN gateway_seen AS seen ON seen.gateway = asked.gateway
LEFT JOIN (
    SELECT d.gateway, max(s.received_at) AS received_at,
        count(*) FILTER (WHERE abs(s.clock_offset_us) > %(clock_off_us)s) AS clocks_off
    FROM devices AS d JOIN device_seen AS s ON s.device = d.id
    WHERE d.gateway = ANY (%(codes)s::text[]) AND NOT d.retired
    GROUP BY d.gateway
) AS behind ON behind.gateway = asked.gateway
