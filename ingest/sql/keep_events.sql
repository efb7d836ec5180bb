-- why: an event is stored once: by its key, or undated by its digest within a minute
INSERT INTO events (ts, device, event, seq, received_at, gateway, place, value, flags, signal, drill)
SELECT
    n.ts, n.device, n.event, n.seq, n.received_at, n.gateway, n.place, n.value,
    string_to_array(n.flags, ','), n.signal, n.drill
FROM unnest(
    %(ts)s::timestamptz[], %(device)s::text[], %(event)s::text[], %(seq)s::bigint[], %(received_at)s::timestamptz[],
    %(gateway)s::text[], %(place)s::text[], %(value)s::jsonb[], %(flags)s::text[], %(signal)s::text[], %(drill)s::text[],
    %(undated)s::boolean[]
) AS n (ts, device, event, seq, received_at, gateway, place, value, flags, signal, drill, undated)
WHERE NOT n.undated OR NOT EXISTS (
    SELECT FROM events AS e
    WHERE e.signal = n.signal
        AND e.received_at > n.received_at - interval '60 seconds'
        AND e.received_at < n.received_at + interval '60 seconds'
)
ON CONFLICT DO NOTHING
