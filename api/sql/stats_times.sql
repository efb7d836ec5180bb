-- why: how long orders took from drafting to each step (its first time), drills left out
WITH steps AS (
    SELECT orders.kind, orders.id, orders.drafted_at, step ->> 'event' AS event,
        min((step ->> 'at')::timestamptz) AS at
    FROM orders CROSS JOIN LATERAL jsonb_array_elements(orders.body -> 'history') AS step
    WHERE orders.drill IS NULL AND orders.drafted_at >= %(from)s AND orders.drafted_at < %(to)s
      AND (%(grids)s::text[] IS NULL OR EXISTS (
          SELECT FROM jsonb_array_elements(orders.body -> 'grid') AS above WHERE above ->> 'code' = ANY (%(grids)s)))
      AND step ->> 'event' IN ('delivered', 'acknowledged', 'turned_out', 'arrived', 'controlled')
    GROUP BY orders.kind, orders.id, orders.drafted_at, step ->> 'event'
), took AS (
    -- history holds milliseconds, drafted_at more: a step in the same millisecond took none
    SELECT kind, event, greatest(0, extract(epoch FROM at - drafted_at))::double precision AS seconds FROM steps
)
SELECT kind, event, count(*),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS p50,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds) AS p90
FROM took
GROUP BY kind, event
ORDER BY kind, event
