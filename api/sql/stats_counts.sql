-- why: how many alarms, incidents and orders of each kind a period had in some grids, drills left out
WITH chosen_alarms AS (
    SELECT kind FROM alarms
    WHERE drill IS NULL AND raised_at >= %(from)s AND raised_at < %(to)s
      AND (%(grids)s::text[] IS NULL OR EXISTS (
          SELECT FROM jsonb_array_elements(body -> 'grid') AS above WHERE above ->> 'code' = ANY (%(grids)s)))
), chosen_incidents AS (
    SELECT kind, coalesce(verdict, 'none') AS verdict FROM incidents
    WHERE drill IS NULL AND opened_at >= %(from)s AND opened_at < %(to)s
      AND (%(grids)s::text[] IS NULL OR EXISTS (
          SELECT FROM jsonb_array_elements(body -> 'grid') AS above WHERE above ->> 'code' = ANY (%(grids)s)))
), chosen_orders AS (
    SELECT kind, state FROM orders
    WHERE drill IS NULL AND drafted_at >= %(from)s AND drafted_at < %(to)s
      AND (%(grids)s::text[] IS NULL OR EXISTS (
          SELECT FROM jsonb_array_elements(body -> 'grid') AS above WHERE above ->> 'code' = ANY (%(grids)s)))
)
SELECT 'alarms' AS noun, kind AS name, count(*) FROM chosen_alarms GROUP BY kind
UNION ALL SELECT 'incidents', kind, count(*) FROM chosen_incidents GROUP BY kind
UNION ALL SELECT 'verdicts', verdict, count(*) FROM chosen_incidents GROUP BY verdict
UNION ALL SELECT 'orders', state, count(*) FROM chosen_orders GROUP BY state
UNION ALL SELECT 'order_kinds', kind, count(*) FROM chosen_orders GROUP BY kind
