-- why: why orders to respond were declined, by day, week, month, station or grid
SELECT part.key, decline_reason AS reason, count(*)
FROM stats_orders CROSS JOIN LATERAL unnest(CASE
    WHEN %(by)s = 'grid' THEN ARRAY[grid_small, grid_middle, grid_large]
    WHEN %(by)s = 'station' THEN ARRAY[station]
    WHEN %(by)s = 'whole' THEN ARRAY['']
    ELSE ARRAY[to_char(date_trunc(%(by)s, drafted_at, %(zone)s) AT TIME ZONE %(zone)s, 'YYYY-MM-DD')]
END) AS part (key)
WHERE drafted_at >= %(from)s AND drafted_at < %(to)s AND part.key IS NOT NULL
  AND decline_reason IS NOT NULL AND kind = 'respond'
  AND (%(grids)s::text[] IS NULL OR ARRAY[grid_small, grid_middle, grid_large] && %(grids)s::text[])
  AND (%(station)s::text IS NULL OR station = %(station)s)
GROUP BY part.key, decline_reason
ORDER BY part.key, decline_reason
