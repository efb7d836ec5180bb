-- why: how long places of some grids stood uncovered in a period, the district (grid '') first, then the worst
SELECT grid, sum(watched_minutes) AS watched_minutes, sum(uncovered_minutes) AS uncovered_minutes,
    sum(place_minutes) AS place_minutes
FROM stats_coverage
WHERE hour >= %(from)s AND hour < %(to)s
  AND (grid = '' OR %(grids)s::text[] IS NULL OR grid = ANY (%(grids)s))
GROUP BY grid
ORDER BY grid <> '', place_minutes DESC, grid
LIMIT 501
