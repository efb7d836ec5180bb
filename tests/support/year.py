"""A year of a district's rows as the desk would have left them, made in the database itself from dice that always fall
alike: so many incidents a day, each with five orders and ten alarms.
"""

from datetime import datetime

import psycopg

STATIONS, PLACES, SMALL_GRIDS = 40, 1000, 60

DICE = """
CREATE OR REPLACE FUNCTION pg_temp.dice(of text) RETURNS double precision IMMUTABLE LANGUAGE sql AS
$$ SELECT (hashtext(of)::double precision + 2147483648) / 4294967296 $$
"""

INCIDENTS = """
INSERT INTO incidents (id, place, kind, state, severity, drill, verdict, opened_at, closed_at, source, verification,
    confirmed_at, cause, category, grid_small, grid_middle, grid_large, own, respond_by, arrive_by, support_by,
    own_responded_at, acknowledged_at, turned_out_at, first_arrival_at, second_arrival_at, controlled_at, harmless_at,
    body)
SELECT id, 'P-' || place, CASE WHEN what < 0.8 THEN 'fire' ELSE 'electrical' END, 'closed', 1 + (what * 4)::int %% 4,
    CASE WHEN number %% 50 = 0 THEN 'D-000001' END, verdict, at, at + interval '40 min', 'device',
    CASE verdict WHEN 'real' THEN 'confirmed' ELSE 'unverified' END,
    CASE WHEN verdict = 'real' THEN at + interval '2 min' END,
    CASE WHEN verdict = 'false' THEN (ARRAY['cooking', 'steam', 'dust', 'fault'])[1 + (what * 100)::int %% 4] END,
    (ARRAY['shop', 'residential', 'mall', 'school'])[1 + place %% 4], 'S-' || small, 'M-' || small / 6,
    'L-' || small / 30, place %% 2 = 0, at + interval '60 s', at + interval '180 s', at + interval '300 s',
    CASE WHEN place %% 2 = 0 THEN at + interval '120 s' * pg_temp.dice('o' || id) END,
    at + interval '20 s' * pg_temp.dice('k' || id), at + interval '90 s' * pg_temp.dice('t' || id),
    at + interval '100 s' + interval '160 s' * pg_temp.dice('a' || id),
    CASE WHEN what < 0.6 THEN at + interval '260 s' + interval '100 s' * pg_temp.dice('b' || id) END,
    at + interval '600 s', CASE WHEN verdict <> 'real' THEN at + interval '5 min' * pg_temp.dice('h' || id) END,
    jsonb_build_object('id', id, 'timeline', repeat(md5(id), 100))
FROM (
    SELECT number, 'I-' || lpad(number::text, 6, '0') AS id, pg_temp.dice('w' || number) AS what,
        1 + (%(places)s * pg_temp.dice('p' || number))::int %% %(places)s AS place,
        (%(small)s * pg_temp.dice('g' || number))::int %% %(small)s AS small,
        (ARRAY['real', 'false', 'false', 'false', 'test', 'unfounded'])[1 + (6 * pg_temp.dice('v' || number))::int %% 6]
            AS verdict,
        %(start)s::timestamptz + (number + pg_temp.dice('m' || number)) * interval '1 day' / %(per_day)s AS at
    FROM generate_series(0, %(days)s * %(per_day)s - 1) AS number
) AS made
"""

ORDERS = """
INSERT INTO orders (id, incident, recipient, kind, state, priority, drill, reason, drafted_at, ended_at, station, eta_s,
    acknowledge_by, turn_out_by, arrive_by, support_by, sent_at, delivered_at, acknowledged_at, turned_out_at,
    arrived_at, controlled_at, closed_at, lapsed_at, declined_at, decline_reason, grid_small, grid_middle, grid_large,
    body)
SELECT id, incident, CASE WHEN crew THEN 'station:ST-' || station ELSE 'person:W-' || station END,
    (ARRAY['respond', 'respond', 'attend', 'inform', 'verify'])[nth],
    CASE WHEN luck < 0.05 THEN 'lapsed' WHEN luck < 0.08 THEN 'declined' ELSE 'closed' END,
    1, drill, CASE nth WHEN 1 THEN 'own_unit' ELSE 'soonest' END, at, at + interval '40 min',
    CASE WHEN crew THEN 'ST-' || station END, 90, at + interval '60 s', at + interval '60 s',
    at + interval '180 s', at + interval '300 s', at + interval '5 ms',
    at + interval '500 ms' * pg_temp.dice('d' || id),
    CASE WHEN luck >= 0.05 THEN at + interval '1 s' + interval '40 s' * pg_temp.dice('k' || id) END,
    CASE WHEN crew AND luck >= 0.08 THEN at + interval '41 s' + interval '60 s' * pg_temp.dice('t' || id) END,
    CASE WHEN crew AND luck >= 0.08 THEN at + interval '101 s' + interval '200 s' * pg_temp.dice('a' || id) END,
    CASE WHEN crew AND luck >= 0.08 THEN at + interval '600 s' END,
    CASE WHEN luck >= 0.08 THEN at + interval '40 min' END,
    CASE WHEN luck < 0.05 THEN at + interval '60 s' END,
    CASE WHEN luck >= 0.05 AND luck < 0.08 THEN at + interval '50 s' END,
    CASE WHEN luck >= 0.05 AND luck < 0.08 THEN 'no_crew' END, grid_small, grid_middle, grid_large,
    jsonb_build_object('id', id, 'rest', (SELECT string_agg(md5(id || part), '') FROM generate_series(1, 40) AS part))
FROM (
    SELECT 'O-' || lpad((row_number() OVER (ORDER BY incidents.id, nth))::text, 7, '0') AS id, incidents.id AS incident,
        nth, nth <= 2 AS crew, incidents.drill, grid_small, grid_middle, grid_large,
        (%(stations)s * pg_temp.dice('s' || nth || incidents.id))::int %% %(stations)s AS station,
        pg_temp.dice('l' || nth || incidents.id) AS luck,
        opened_at + interval '10 ms' * nth AS at
    FROM incidents CROSS JOIN generate_series(1, 5) AS nth
) AS made
"""

ALARMS = """
INSERT INTO alarms (id, device, kind, place, state, drill, incident, raised_at, cleared_at, body, priority, restored_at,
    changes, grid_small, grid_middle, grid_large)
SELECT id, 'D-' || place || '-' || nth %% 4, kind, 'P-' || place, 'cleared', drill, incident, at, cleared,
    jsonb_build_object('id', id, 'rest', (SELECT string_agg(md5(id || part), '') FROM generate_series(1, 20) AS part)),
    CASE kind WHEN 'fire' THEN 1 WHEN 'residual' THEN 2 ELSE 4 END, restored, 3, grid_small, grid_middle, grid_large
FROM (
    SELECT *, at + interval '3 min' * pg_temp.dice('r' || id) AS restored,
        CASE WHEN pg_temp.dice('q' || id) < 0.01 THEN at + interval '30 h' ELSE at + interval '4 min' END AS cleared
    FROM (
        SELECT 'A-' || lpad((row_number() OVER (ORDER BY incidents.id, nth))::text, 7, '0') AS id,
            incidents.id AS incident, nth, substr(place, 3) AS place, drill, grid_small, grid_middle, grid_large,
            CASE WHEN nth %% 3 = 0 THEN 'fault' WHEN incidents.kind = 'fire' THEN 'fire' ELSE 'residual' END AS kind,
            opened_at + interval '8 min' * pg_temp.dice('x' || nth || incidents.id) AS at
        FROM incidents CROSS JOIN generate_series(0, 9) AS nth
    ) AS raised
) AS made
"""

CHANGES = """
INSERT INTO alarm_changes (entry, nr, at, alarm, device, kind, priority, place, state, raised, drill,
    grid_small, grid_middle, grid_large)
SELECT row_number() OVER (ORDER BY change.at, id), 0, change.at, id, device, kind, priority, place,
    change.state, change.state = 'active', drill, grid_small, grid_middle, grid_large
FROM alarms CROSS JOIN LATERAL (
    VALUES (raised_at, 'active'), (restored_at, 'restored'), (cleared_at, 'cleared')
) AS change (at, state)
"""


def fill(connection: psycopg.Connection, start: datetime, days: int, per_day: int = 60) -> None:
    """The projections hold that many days of rows from `start` on, and the planner knows of them."""
    values = {
        "start": start,
        "days": days,
        "per_day": per_day,
        "places": PLACES,
        "small": SMALL_GRIDS,
        "stations": STATIONS,
    }
    connection.execute(DICE)
    for statement in (INCIDENTS, ORDERS, ALARMS, CHANGES):
        connection.execute(statement, values)
    for table in ("incidents", "orders", "alarms", "alarm_changes"):
        connection.execute(f"ANALYZE {table}")
