-- why: alarms that had been on for 24 hours within the period, and those that are so at its end (ISA-18.2: stale)
SELECT count(*) FILTER (WHERE raised_at >= %(from)s::timestamptz - interval '24 h') AS became,
    count(*) FILTER (WHERE cleared_at IS NULL OR cleared_at > %(to)s) AS at_end
FROM stats_alarms
WHERE raised_at < %(to)s::timestamptz - interval '24 h'
  AND (cleared_at IS NULL OR cleared_at > raised_at + interval '24 h')
  AND (raised_at >= %(from)s::timestamptz - interval '24 h' OR cleared_at IS NULL OR cleared_at > %(to)s)
  AND (%(grids)s::text[] IS NULL OR ARRAY[grid_small, grid_middle, grid_large] && %(grids)s::text[])
  AND (%(station)s::text IS NULL OR incident IN (SELECT incident FROM stats_orders WHERE station = %(station)s))
