-- why: incidents that may have been fires, and false alarms, of each grid in a period
SELECT grid,
    count(*) FILTER (
        WHERE kind IN ('fire', 'manual', 'electrical') AND verification <> 'false'
            AND coalesce(verdict, '') NOT IN ('false', 'unfounded', 'test')
    ) AS incidents,
    count(*) FILTER (WHERE false_alarm) AS false_alarms
FROM stats_incidents CROSS JOIN unnest(ARRAY[grid_small, grid_middle, grid_large]) AS grid
WHERE opened_at >= %(from)s AND opened_at < %(to)s AND grid IS NOT NULL
GROUP BY grid
