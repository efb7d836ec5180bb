-- why: how many alarms were raised; whole, or by day, week, month, station called or grid
WITH chosen AS (
    SELECT count(*) AS alarms,
        CASE WHEN %(by)s IN ('day', 'week', 'month') THEN date_trunc(%(by)s, raised_at, %(zone)s) END AS period,
        CASE WHEN %(by)s = 'station' THEN incident END AS incident,
        CASE WHEN %(by)s = 'grid' THEN ARRAY[grid_small, grid_middle, grid_large] END AS grids
    FROM stats_alarms
    WHERE raised_at >= %(from)s AND raised_at < %(to)s
      AND (%(grids)s::text[] IS NULL OR ARRAY[grid_small, grid_middle, grid_large] && %(grids)s::text[])
      AND (%(station)s::text IS NULL OR incident IN (SELECT incident FROM stats_orders WHERE station = %(station)s))
    GROUP BY 2, 3, 4
)
SELECT part.key, sum(alarms)::bigint AS alarms
FROM chosen CROSS JOIN LATERAL (
    SELECT '' AS key WHERE %(by)s = 'whole'
    UNION ALL SELECT to_char(period AT TIME ZONE %(zone)s, 'YYYY-MM-DD') WHERE period IS NOT NULL
    UNION ALL SELECT unnest(grids)
    UNION ALL SELECT DISTINCT station FROM stats_orders WHERE stats_orders.incident = chosen.incident AND kind = 'respond'
) AS part
WHERE part.key IS NOT NULL
GROUP BY part.key
ORDER BY part.key
