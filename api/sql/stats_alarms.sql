-- why: how many alarms were raised; whole, or by day, week, month, station called or grid
WITH chosen AS (
    SELECT incident, grid_small, grid_middle, grid_large, count(*) AS alarms, CASE
        WHEN %(by)s IN ('day', 'week', 'month')
        THEN to_char(date_trunc(%(by)s, raised_at, %(zone)s) AT TIME ZONE %(zone)s, 'YYYY-MM-DD')
        ELSE '' END AS period
    FROM stats_alarms
    WHERE raised_at >= %(from)s AND raised_at < %(to)s
      AND (%(grids)s::text[] IS NULL OR ARRAY[grid_small, grid_middle, grid_large] && %(grids)s::text[])
      AND (%(station)s::text IS NULL OR incident IN (SELECT incident FROM stats_orders WHERE station = %(station)s))
    GROUP BY 1, 2, 3, 4, 6
)
SELECT part.key, sum(alarms)::bigint AS alarms
FROM chosen CROSS JOIN LATERAL (
    SELECT period AS key WHERE %(by)s NOT IN ('grid', 'station')
    UNION ALL SELECT unnest(ARRAY[grid_small, grid_middle, grid_large]) WHERE %(by)s = 'grid'
    UNION ALL SELECT DISTINCT station FROM stats_orders
        WHERE %(by)s = 'station' AND stats_orders.incident = chosen.incident AND kind = 'respond'
) AS part
WHERE part.key IS NOT NULL
GROUP BY part.key
ORDER BY part.key
