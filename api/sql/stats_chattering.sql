-- why: alarms that came on three times within a minute (ISA-18.2: chattering), as dispatch/alarms/damping.py counts
WITH raises AS (
    SELECT device, kind, at - lag(at, 2) OVER (PARTITION BY device, kind ORDER BY at) AS since
    FROM stats_alarm_changes
    WHERE raised AND at >= %(from)s AND at < %(to)s
      AND (%(grids)s::text[] IS NULL OR ARRAY[grid_small, grid_middle, grid_large] && %(grids)s::text[])
      AND (%(station)s::text IS NULL OR alarm IN (
          SELECT id FROM stats_alarms
          WHERE incident IN (SELECT incident FROM stats_orders WHERE station = %(station)s)))
)
SELECT device, kind, count(*), sum(count(*)) OVER () AS times, count(*) OVER () AS alarms
FROM raises
WHERE since < interval '60 s'
GROUP BY device, kind
ORDER BY count(*) DESC, device, kind
LIMIT 10
