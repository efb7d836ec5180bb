-- why: what outside tools read: docs/statistics.md says each column; exercises are left out everywhere

-- an alarm that was only ever pending is none; an incident that became part of another is counted as that one
ALTER TABLE alarms ADD was_on boolean NOT NULL DEFAULT true;
ALTER TABLE incidents ADD merged_into text;

CREATE VIEW stats_alarms AS
SELECT id, device, kind, priority, place, grid_small, grid_middle, grid_large, incident, state,
    raised_at, restored_at, cleared_at,
    date_part('epoch', cleared_at - raised_at) AS on_s,
    changes
FROM alarms WHERE drill IS NULL AND was_on;

CREATE VIEW stats_alarm_changes AS
SELECT entry, nr, at, alarm, device, kind, priority, place, state, raised,
    grid_small, grid_middle, grid_large
FROM alarm_changes WHERE drill IS NULL;

CREATE VIEW stats_incidents AS
SELECT id, kind, source, severity, place, category, grid_small, grid_middle, grid_large, state,
    opened_at, confirmed_at, harmless_at, closed_at, verification, verdict, cause,
    verdict IN ('false', 'unfounded') AS false_alarm,
    own, respond_by, arrive_by, support_by,
    CASE WHEN kind NOT IN ('fire', 'manual') OR NOT own THEN NULL
        WHEN own_responded_at <= respond_by THEN true
        WHEN harmless_at <= respond_by THEN NULL
        ELSE false END AS minute_1,
    CASE WHEN kind NOT IN ('fire', 'manual') THEN NULL
        WHEN first_arrival_at <= arrive_by THEN true
        WHEN harmless_at <= arrive_by THEN NULL
        ELSE false END AS minute_3,
    CASE WHEN kind NOT IN ('fire', 'manual') THEN NULL
        WHEN second_arrival_at <= support_by THEN true
        WHEN harmless_at <= support_by THEN NULL
        ELSE false END AS minute_5,
    date_part('epoch', own_responded_at - opened_at) AS own_response_s,
    date_part('epoch', acknowledged_at - opened_at) AS first_acknowledge_s,
    date_part('epoch', turned_out_at - opened_at) AS first_turn_out_s,
    date_part('epoch', first_arrival_at - opened_at) AS first_arrival_s,
    date_part('epoch', second_arrival_at - opened_at) AS second_arrival_s,
    date_part('epoch', controlled_at - opened_at) AS control_s,
    date_part('epoch', confirmed_at - opened_at) AS confirm_s,
    date_part('epoch', closed_at - opened_at) AS close_s
FROM incidents WHERE drill IS NULL AND merged_into IS NULL;

CREATE VIEW stats_orders AS
SELECT id, incident, recipient, station, kind, priority, reason, state, grid_small, grid_middle, grid_large,
    drafted_at, ended_at, acknowledge_by, turn_out_by, arrive_by, support_by,
    date_part('epoch', sent_at - drafted_at) AS send_s,
    date_part('epoch', delivered_at - drafted_at) AS deliver_s,
    date_part('epoch', acknowledged_at - drafted_at) AS acknowledge_s,
    date_part('epoch', turned_out_at - drafted_at) AS turn_out_s,
    date_part('epoch', arrived_at - drafted_at) AS arrive_s,
    date_part('epoch', controlled_at - drafted_at) AS control_s,
    date_part('epoch', closed_at - drafted_at) AS close_s,
    date_part('epoch', ended_at - least(acknowledged_at, turned_out_at, arrived_at)) AS engaged_s,
    lapsed_at IS NOT NULL AS lapsed, lapsed_at,
    declined_at IS NOT NULL AS declined, declined_at, decline_reason,
    eta_s, date_part('epoch', arrived_at - drafted_at) - eta_s AS eta_error_s
FROM orders WHERE drill IS NULL;

CREATE VIEW stats_days AS
SELECT opened_at::date AS day, count(*) AS incidents,
    count(*) FILTER (WHERE kind IN ('fire', 'manual')) AS fire_incidents,
    count(*) FILTER (WHERE verdict = 'real') AS found_real,
    count(*) FILTER (WHERE false_alarm) AS false_alarms,
    count(*) FILTER (WHERE verdict = 'test') AS tests,
    count(*) FILTER (WHERE false_alarm) > 5 AS false_alarms_over_limit,
    count(minute_1) AS minute_1_due, count(*) FILTER (WHERE minute_1) AS minute_1_met,
    count(minute_3) AS minute_3_due, count(*) FILTER (WHERE minute_3) AS minute_3_met,
    count(minute_5) AS minute_5_due, count(*) FILTER (WHERE minute_5) AS minute_5_met
FROM stats_incidents GROUP BY 1;

CREATE VIEW stats_station_days AS
SELECT station, drafted_at::date AS day, count(*) AS orders,
    count(*) FILTER (WHERE lapsed) AS lapsed, count(*) FILTER (WHERE declined) AS declined,
    count(deliver_s) AS delivered, percentile_cont(0.5) WITHIN GROUP (ORDER BY deliver_s) AS deliver_p50_s,
    count(acknowledge_s) AS acknowledged,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY acknowledge_s) AS acknowledge_p50_s,
    count(turn_out_s) AS turned_out, percentile_cont(0.5) WITHIN GROUP (ORDER BY turn_out_s) AS turn_out_p50_s,
    count(arrive_s) AS arrived, percentile_cont(0.5) WITHIN GROUP (ORDER BY arrive_s) AS arrive_p50_s,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY arrive_s) AS arrive_p90_s
FROM stats_orders WHERE kind = 'respond' AND station IS NOT NULL GROUP BY 1, 2;

CREATE VIEW stats_ten_minutes AS
SELECT date_bin('10 minutes', at, '2000-01-01 00:00Z') AS at, count(*) AS raised,
    count(*) FILTER (WHERE priority = 1) AS raised_fire, count(*) > 10 AS more_than_10
FROM stats_alarm_changes WHERE raised GROUP BY 1;

-- rates and floods look for raises by time, chattering by device; others' changes and exercises are in neither
DROP INDEX alarm_changes_by_device, alarms_by_time;
CREATE INDEX alarm_raises_by_time ON alarm_changes (at) INCLUDE (priority, device) WHERE raised AND drill IS NULL;
CREATE INDEX alarm_raises_by_device ON alarm_changes (device, kind, at) WHERE raised AND drill IS NULL;
CREATE INDEX alarms_by_time ON alarms (raised_at)
    INCLUDE (kind, incident, grid_small, grid_middle, grid_large) WHERE drill IS NULL AND was_on;
CREATE INDEX alarms_by_incident ON alarms (incident);
CREATE INDEX alarms_on ON alarms (raised_at) WHERE cleared_at IS NULL;
CREATE INDEX incidents_false ON incidents (opened_at) WHERE verdict IN ('false', 'unfounded');
CREATE INDEX orders_declined ON orders (drafted_at) WHERE decline_reason IS NOT NULL;
