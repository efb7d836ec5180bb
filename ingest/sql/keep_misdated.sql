-- why: readings of clocks gone wrong must not make a chunk each
INSERT INTO readings_misdated (device, ts, seq, received_at, kind, "values")
SELECT n.device, n.ts, n.seq, n.received_at, %(kind)s, n."values"
FROM unnest(
    %(device)s::integer[], %(ts)s::timestamptz[], %(seq)s::bigint[], %(received_at)s::timestamptz[], %(values)s::jsonb[]
) AS n (device, ts, seq, received_at, "values")
ON CONFLICT DO NOTHING
