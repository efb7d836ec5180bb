-- why: days with more than five false alarms, of all (place is null) and of one place (GB 50440: they must be handled)
SELECT to_char(opened_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD') AS day, place, grouping(place) = 1 AS whole, count(*)
FROM stats_incidents
WHERE false_alarm AND opened_at >= %(from)s AND opened_at < %(to)s
  AND (%(grids)s::text[] IS NULL OR ARRAY[grid_small, grid_middle, grid_large] && %(grids)s::text[])
  AND (%(station)s::text IS NULL OR id IN (SELECT incident FROM stats_orders WHERE station = %(station)s))
GROUP BY GROUPING SETS ((1), (1, place))
HAVING count(*) > 5 AND (grouping(place) = 1 OR place IS NOT NULL)
ORDER BY day, whole DESC, place
