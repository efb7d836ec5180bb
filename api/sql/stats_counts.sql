-- why: how many alarms, incidents and orders of each sort a period had, drills left out
WITH chosen_alarms AS MATERIALIZED (
    SELECT kind FROM stats_alarms
    WHERE raised_at >= %(from)s AND raised_at < %(to)s
      AND (%(grids)s::text[] IS NULL OR ARRAY[grid_small, grid_middle, grid_large] && %(grids)s::text[])
      AND (%(station)s::text IS NULL OR incident IN (SELECT incident FROM stats_orders WHERE station = %(station)s))
), chosen_incidents AS MATERIALIZED (
    SELECT kind, coalesce(verdict, 'none') AS verdict, verification, source, severity::text AS severity, category, cause,
        false_alarm, extract(hour FROM opened_at AT TIME ZONE %(zone)s)::text AS hour
    FROM stats_incidents
    WHERE opened_at >= %(from)s AND opened_at < %(to)s
      AND (%(grids)s::text[] IS NULL OR ARRAY[grid_small, grid_middle, grid_large] && %(grids)s::text[])
      AND (%(station)s::text IS NULL OR id IN (SELECT incident FROM stats_orders WHERE station = %(station)s))
), chosen_orders AS MATERIALIZED (
    SELECT kind, state, reason, lapsed, decline_reason FROM stats_orders
    WHERE drafted_at >= %(from)s AND drafted_at < %(to)s
      AND (%(grids)s::text[] IS NULL OR ARRAY[grid_small, grid_middle, grid_large] && %(grids)s::text[])
      AND (%(station)s::text IS NULL OR station = %(station)s)
)
SELECT 'alarms' AS noun, kind AS name, count(*) FROM chosen_alarms GROUP BY kind
UNION ALL SELECT 'incidents', kind, count(*) FROM chosen_incidents GROUP BY kind
UNION ALL SELECT 'verdicts', verdict, count(*) FROM chosen_incidents GROUP BY verdict
UNION ALL SELECT 'verifications', verification, count(*) FROM chosen_incidents GROUP BY verification
UNION ALL SELECT 'sources', source, count(*) FROM chosen_incidents GROUP BY source
UNION ALL SELECT 'severities', severity, count(*) FROM chosen_incidents GROUP BY severity
UNION ALL SELECT 'categories', coalesce(category, 'none'), count(*) FROM chosen_incidents GROUP BY category
UNION ALL SELECT 'causes', cause, count(*) FROM chosen_incidents WHERE cause IS NOT NULL GROUP BY cause
UNION ALL SELECT 'hours', hour, count(*) FROM chosen_incidents GROUP BY hour
UNION ALL SELECT 'orders', state, count(*) FROM chosen_orders GROUP BY state
UNION ALL SELECT 'order_kinds', kind, count(*) FROM chosen_orders GROUP BY kind
UNION ALL SELECT 'order_reasons', reason, count(*) FROM chosen_orders GROUP BY reason
UNION ALL SELECT 'lapses', kind, count(*) FROM chosen_orders WHERE lapsed GROUP BY kind
UNION ALL SELECT 'declines', decline_reason, count(*) FROM chosen_orders WHERE decline_reason IS NOT NULL GROUP BY decline_reason
ORDER BY noun, name
