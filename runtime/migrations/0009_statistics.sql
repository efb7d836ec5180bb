-- why: what statistics count stands in plain columns, and every change of an alarm in a table of its own

ALTER TABLE alarms
    ADD priority smallint, ADD restored_at timestamptz, ADD changes integer NOT NULL DEFAULT 0,
    ADD grid_small text, ADD grid_middle text, ADD grid_large text;

ALTER TABLE orders
    ADD station text, ADD eta_s integer,
    ADD acknowledge_by timestamptz, ADD turn_out_by timestamptz, ADD arrive_by timestamptz, ADD support_by timestamptz,
    ADD sent_at timestamptz, ADD delivered_at timestamptz, ADD acknowledged_at timestamptz,
    ADD turned_out_at timestamptz, ADD arrived_at timestamptz, ADD controlled_at timestamptz, ADD closed_at timestamptz,
    ADD lapsed_at timestamptz, ADD declined_at timestamptz, ADD decline_reason text,
    ADD grid_small text, ADD grid_middle text, ADD grid_large text;

ALTER TABLE incidents
    ADD source text, ADD verification text, ADD confirmed_at timestamptz, ADD cause text, ADD category text,
    ADD grid_small text, ADD grid_middle text, ADD grid_large text,
    ADD own boolean NOT NULL DEFAULT false,
    ADD respond_by timestamptz, ADD arrive_by timestamptz, ADD support_by timestamptz,
    ADD own_responded_at timestamptz, ADD acknowledged_at timestamptz, ADD turned_out_at timestamptz,
    ADD first_arrival_at timestamptz, ADD second_arrival_at timestamptz, ADD controlled_at timestamptz,
    ADD harmless_at timestamptz;

-- one row for each fact that raised or changed an alarm; `raised`: from here on somebody is told that it is on
CREATE TABLE alarm_changes (
    entry       bigint NOT NULL,
    nr          smallint NOT NULL,
    at          timestamptz NOT NULL,
    alarm       text NOT NULL,
    device      text NOT NULL,
    kind        text NOT NULL,
    priority    smallint NOT NULL,
    place       text NOT NULL,
    incident    text,
    state       text NOT NULL,
    raised      boolean NOT NULL,
    drill       text,
    grid_small  text,
    grid_middle text,
    grid_large  text,
    PRIMARY KEY (entry, nr)
);

-- what is there already: grids from the rows themselves, moments from the ledger
CREATE TEMPORARY TABLE told ON COMMIT DROP AS
SELECT ledger.entry, ledger.at, one.nr - 1 AS nr, one.fact ->> 'fact' AS name, one.fact
FROM ledger CROSS JOIN LATERAL jsonb_array_elements(convert_from(body, 'UTF8')::jsonb -> 'facts')
    WITH ORDINALITY AS one (fact, nr);
CREATE INDEX ON told (name);
ANALYZE told;

CREATE FUNCTION pg_temp.grid(body jsonb, level text) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT above ->> 'code' FROM jsonb_array_elements(body -> 'grid') AS above WHERE above ->> 'level' = level LIMIT 1
$$;

UPDATE alarms SET
    priority = CASE WHEN kind IN ('fire', 'manual') THEN 1
        WHEN kind IN ('residual', 'cable_temperature', 'arc', 'overcurrent', 'voltage') THEN 2
        WHEN kind = 'prealarm' THEN 3 ELSE 4 END,
    grid_small = pg_temp.grid(body, '3'), grid_middle = pg_temp.grid(body, '2'), grid_large = pg_temp.grid(body, '1');

INSERT INTO alarm_changes
SELECT told.entry, told.nr, told.at, alarms.id, alarms.device, alarms.kind, alarms.priority, alarms.place,
    alarms.incident, now.state, now.state = 'active', alarms.drill,
    alarms.grid_small, alarms.grid_middle, alarms.grid_large
FROM told JOIN alarms ON alarms.id = told.fact ->> 'alarm'
    CROSS JOIN LATERAL (SELECT coalesce(told.fact ->> 'state', 'active') AS state) AS now
WHERE told.name IN ('alarm_raised', 'alarm_changed');

UPDATE alarms SET changes = known.changes, restored_at = known.restored_at
FROM (
    SELECT alarm, count(*) AS changes, max(at) FILTER (WHERE state = 'restored') AS restored_at
    FROM alarm_changes GROUP BY alarm
) AS known
WHERE known.alarm = alarms.id;

UPDATE orders SET
    station = CASE WHEN recipient LIKE 'station:%' THEN substr(recipient, 9) END,
    eta_s = (body ->> 'eta_s')::integer,
    acknowledge_by = (body #>> '{deadlines,acknowledge_by}')::timestamptz,
    turn_out_by = (body #>> '{deadlines,turn_out_by}')::timestamptz,
    arrive_by = (body #>> '{deadlines,arrive_by}')::timestamptz,
    support_by = (body #>> '{deadlines,support_by}')::timestamptz,
    grid_small = pg_temp.grid(body, '3'), grid_middle = pg_temp.grid(body, '2'), grid_large = pg_temp.grid(body, '1');

UPDATE orders SET
    sent_at = known.sent_at, delivered_at = known.delivered_at, acknowledged_at = known.acknowledged_at,
    turned_out_at = known.turned_out_at, arrived_at = known.arrived_at, controlled_at = known.controlled_at,
    closed_at = known.closed_at, lapsed_at = known.lapsed_at, declined_at = known.declined_at,
    decline_reason = known.decline_reason
FROM (
    SELECT fact ->> 'order' AS id,
        min(at) FILTER (WHERE fact ->> 'event' = 'send') AS sent_at,
        min(at) FILTER (WHERE fact ->> 'event' = 'deliver') AS delivered_at,
        min(at) FILTER (WHERE fact ->> 'event' = 'acknowledge') AS acknowledged_at,
        min(at) FILTER (WHERE fact ->> 'event' = 'turn_out') AS turned_out_at,
        min(at) FILTER (WHERE fact ->> 'event' = 'arrive') AS arrived_at,
        min(at) FILTER (WHERE fact ->> 'event' = 'control') AS controlled_at,
        min(at) FILTER (WHERE fact ->> 'event' = 'close') AS closed_at,
        min(at) FILTER (WHERE fact ->> 'event' = 'lapse') AS lapsed_at,
        min(at) FILTER (WHERE fact ->> 'event' = 'decline') AS declined_at,
        min(fact #>> '{value,reason}') FILTER (WHERE fact ->> 'event' = 'decline') AS decline_reason
    FROM told WHERE name = 'order_changed' GROUP BY fact ->> 'order'
) AS known
WHERE known.id = orders.id;

UPDATE incidents SET
    source = body ->> 'source', verification = body ->> 'verification', cause = body ->> 'cause',
    category = body #>> '{place,category}',
    grid_small = pg_temp.grid(body, '3'), grid_middle = pg_temp.grid(body, '2'), grid_large = pg_temp.grid(body, '1'),
    respond_by = opened_at + interval '60 s', arrive_by = opened_at + interval '180 s',
    support_by = opened_at + interval '300 s';

UPDATE incidents SET
    own = known.own, own_responded_at = known.own_responded_at, acknowledged_at = known.acknowledged_at,
    turned_out_at = known.turned_out_at, first_arrival_at = known.first_arrival_at, controlled_at = known.controlled_at,
    arrive_by = coalesce(known.arrive_by, incidents.arrive_by),
    support_by = coalesce(known.support_by, incidents.support_by),
    second_arrival_at = (
        SELECT min(least(other.arrived_at, other.controlled_at)) FROM orders AS other
        WHERE other.incident = known.incident AND other.kind = 'respond'
          AND other.recipient <> known.first_there)
FROM (
    SELECT incident, bool_or(reason = 'own_unit') AS own,
        min(least(acknowledged_at, turned_out_at, arrived_at, controlled_at))
            FILTER (WHERE reason = 'own_unit') AS own_responded_at,
        min(acknowledged_at) AS acknowledged_at, min(turned_out_at) AS turned_out_at,
        min(least(arrived_at, controlled_at)) AS first_arrival_at, min(controlled_at) AS controlled_at,
        min(arrive_by) AS arrive_by, min(support_by) AS support_by,
        (array_agg(recipient ORDER BY least(arrived_at, controlled_at) NULLS LAST))[1] AS first_there
    FROM orders WHERE kind = 'respond' GROUP BY incident
) AS known
WHERE known.incident = incidents.id;

UPDATE incidents SET
    confirmed_at = known.confirmed_at,
    harmless_at = CASE WHEN verdict IS DISTINCT FROM 'real' THEN least(known.judged_at,
        CASE WHEN verification = 'false' THEN known.denied_at END) END
FROM (
    SELECT fact ->> 'incident' AS id,
        min(at) FILTER (WHERE name = 'incident_verified' AND fact ->> 'verification' = 'confirmed') AS confirmed_at,
        min(at) FILTER (WHERE name = 'incident_verified' AND fact ->> 'verification' = 'false') AS denied_at,
        max(at) FILTER (WHERE name = 'verdict_given') AS judged_at
    FROM told WHERE name IN ('incident_verified', 'verdict_given') GROUP BY fact ->> 'incident'
) AS known
WHERE known.id = incidents.id;

ALTER TABLE alarms ALTER priority SET NOT NULL;

CREATE INDEX alarms_by_time ON alarms (raised_at);
CREATE INDEX orders_by_time ON orders (drafted_at);
CREATE INDEX alarm_changes_by_time ON alarm_changes (at);
CREATE INDEX alarm_changes_by_alarm ON alarm_changes (alarm);
CREATE INDEX alarm_changes_by_device ON alarm_changes (device, kind, at);
