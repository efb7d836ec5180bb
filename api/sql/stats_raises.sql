-- why: when alarms were raised, as one string of 8-byte milliseconds in order: rates and floods are found in it
SELECT coalesce(string_agg(int8send((date_part('epoch', at) * 1000)::bigint), ''::bytea ORDER BY at), ''::bytea) AS at_ms
FROM stats_alarm_changes
WHERE raised AND at >= %(from)s AND at < %(to)s
  AND (%(grids)s::text[] IS NULL OR ARRAY[grid_small, grid_middle, grid_large] && %(grids)s::text[])
  AND (%(station)s::text IS NULL OR alarm IN (
          SELECT id FROM stats_alarms
          WHERE incident IN (SELECT incident FROM stats_orders WHERE station = %(station)s)))
