-- why: the ten devices that raised most alarms (ISA-18.2: the most frequent)
SELECT device, count(*)
FROM stats_alarm_changes
WHERE raised AND at >= %(from)s AND at < %(to)s
  AND (%(grids)s::text[] IS NULL OR ARRAY[grid_small, grid_middle, grid_large] && %(grids)s::text[])
  AND (%(station)s::text IS NULL OR alarm IN (
          SELECT id FROM stats_alarms
          WHERE incident IN (SELECT incident FROM stats_orders WHERE station = %(station)s)))
GROUP BY device
ORDER BY count(*) DESC, device
LIMIT 10
