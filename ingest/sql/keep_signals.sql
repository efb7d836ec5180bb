-- why: a signal is handed to the desk once however often its item is sent; an undated one again after a minute
INSERT INTO signals (id, received_at, body)
SELECT n.id, n.received_at, n.body
FROM unnest(%(id)s::text[], %(received_at)s::timestamptz[], %(body)s::bytea[], %(undated)s::boolean[])
    AS n (id, received_at, body, undated)
WHERE NOT EXISTS (
    SELECT FROM signals AS s
    WHERE s.id = n.id AND (
        NOT n.undated
        OR s.received_at > n.received_at - interval '60 seconds'
        AND s.received_at < n.received_at + interval '60 seconds'
    )
)
ON CONFLICT DO NOTHING
