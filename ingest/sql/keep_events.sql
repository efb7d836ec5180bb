-- why: an event is stored once: by its key, or undated by its digest within a minute; times are microseconds after 1970
INSERT INTO events (ts, device, event, seq, received_at, gateway, place, value, flags, signal, drill)
SELECT
    n.ts, n.device, n.what, n.seq, n.received_at, n.gateway, n.place, n.value, n.flags, n.id, n.drill
FROM (
    SELECT
        *,
        timestamptz 'epoch' + ts_us * interval '1 microsecond' AS ts,
        timestamptz 'epoch' + received_us * interval '1 microsecond' AS received_at
    FROM json_to_recordset(%(events)s::json) AS said (
        id text, gateway text, device text, place text, what text, ts_us bigint, seq bigint, received_us bigint,
        value jsonb, flags text[], undated boolean, drill text
    )
) AS n
WHERE NOT n.undated OR NOT EXISTS (
    SELECT FROM events AS e
    WHERE e.signal = n.id
        AND e.received_at > n.received_at - interval '60 seconds'
        AND e.received_at < n.received_at + interval '60 seconds'
)
ON CONFLICT DO NOTHING
