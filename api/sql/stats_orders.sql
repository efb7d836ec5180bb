-- why: what became of orders and how long each step took from drafting, by kind; whole, or by day, week, month, station or grid
SELECT part.key, kind, count(*) AS orders,
    count(*) FILTER (WHERE lapsed) AS lapsed,
    count(*) FILTER (WHERE declined) AS declined,
    count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
    coalesce(sum(engaged_s), 0) AS engaged_s,
    count(deliver_s) AS delivered_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY deliver_s) AS delivered,
    count(acknowledge_s) AS acknowledged_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY acknowledge_s) AS acknowledged,
    count(turn_out_s) AS turned_out_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY turn_out_s) AS turned_out,
    count(arrive_s) AS arrived_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY arrive_s) AS arrived,
    count(control_s) AS controlled_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY control_s) AS controlled,
    count(close_s) AS closed_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY close_s) AS closed,
    count(eta_error_s) AS eta_error_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY eta_error_s) AS eta_error
FROM stats_orders CROSS JOIN LATERAL unnest(CASE
    WHEN %(by)s = 'grid' THEN ARRAY[grid_small, grid_middle, grid_large]
    WHEN %(by)s = 'station' THEN ARRAY[station]
    WHEN %(by)s = 'whole' THEN ARRAY['']
    ELSE ARRAY[to_char(date_trunc(%(by)s, drafted_at, %(zone)s) AT TIME ZONE %(zone)s, 'YYYY-MM-DD')]
END) AS part (key)
WHERE drafted_at >= %(from)s AND drafted_at < %(to)s AND part.key IS NOT NULL
  AND (%(by)s = 'whole' OR kind = 'respond')
  AND (%(grids)s::text[] IS NULL OR ARRAY[grid_small, grid_middle, grid_large] && %(grids)s::text[])
  AND (%(station)s::text IS NULL OR station = %(station)s)
GROUP BY part.key, kind
ORDER BY part.key, kind
