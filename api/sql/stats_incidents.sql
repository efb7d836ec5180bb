-- why: verdicts, 1-3-5 and times from the opening; whole, or by day, week, month, station called or grid
SELECT part.key, count(*) AS incidents,
    count(*) FILTER (WHERE kind IN ('fire', 'manual')) AS fires,
    count(*) FILTER (WHERE verdict = 'real') AS found_real,
    count(*) FILTER (WHERE verdict = 'false') AS found_false,
    count(*) FILTER (WHERE verdict = 'unfounded') AS found_unfounded,
    count(*) FILTER (WHERE verdict = 'test') AS found_test,
    count(*) FILTER (WHERE minute_1 OR (NOT minute_1 AND respond_by <= %(now)s)) AS minute_1_due,
    count(*) FILTER (WHERE minute_1) AS minute_1_met,
    count(*) FILTER (WHERE minute_3 OR (NOT minute_3 AND arrive_by <= %(now)s)) AS minute_3_due,
    count(*) FILTER (WHERE minute_3) AS minute_3_met,
    count(*) FILTER (WHERE minute_5 OR (NOT minute_5 AND support_by <= %(now)s)) AS minute_5_due,
    count(*) FILTER (WHERE minute_5) AS minute_5_met,
    count(own_response_s) AS own_response_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY own_response_s) AS own_response,
    count(first_acknowledge_s) AS acknowledged_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY first_acknowledge_s) AS acknowledged,
    count(first_turn_out_s) AS turned_out_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY first_turn_out_s) AS turned_out,
    count(first_arrival_s) AS first_arrival_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY first_arrival_s) AS first_arrival,
    count(second_arrival_s) AS second_arrival_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY second_arrival_s) AS second_arrival,
    count(confirm_s) AS confirmed_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY confirm_s) AS confirmed,
    count(control_s) AS controlled_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY control_s) AS controlled,
    count(report_s) AS brigade_reported_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY report_s) AS brigade_reported,
    count(close_s) AS closed_count,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY close_s) AS closed
FROM stats_incidents CROSS JOIN LATERAL (
    SELECT '' AS key WHERE %(by)s = 'whole'
    UNION ALL SELECT unnest(ARRAY[grid_small, grid_middle, grid_large]) WHERE %(by)s = 'grid'
    UNION ALL SELECT DISTINCT station FROM stats_orders
        WHERE %(by)s = 'station' AND incident = stats_incidents.id AND stats_orders.kind = 'respond'
    UNION ALL SELECT to_char(date_trunc(%(by)s, opened_at, %(zone)s) AT TIME ZONE %(zone)s, 'YYYY-MM-DD')
        WHERE %(by)s IN ('day', 'week', 'month')
) AS part
WHERE opened_at >= %(from)s AND opened_at < %(to)s AND part.key IS NOT NULL
  AND (%(grids)s::text[] IS NULL OR ARRAY[grid_small, grid_middle, grid_large] && %(grids)s::text[])
  AND (%(station)s::text IS NULL OR id IN (SELECT incident FROM stats_orders WHERE station = %(station)s))
GROUP BY part.key
ORDER BY part.key
