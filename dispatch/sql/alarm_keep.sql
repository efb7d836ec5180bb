-- why: alarms as they stand after these entries; their grids as they were when each was first written
INSERT INTO alarms
SELECT alarm.* FROM jsonb_array_elements(%(rows)s::jsonb) AS given
    CROSS JOIN LATERAL (SELECT count(*) AS changes FROM alarm_changes WHERE alarm = given ->> 'id') AS known
    CROSS JOIN LATERAL jsonb_populate_record(NULL::alarms, given || to_jsonb(known)) AS alarm
ON CONFLICT (id) DO UPDATE SET
    state = excluded.state, incident = excluded.incident, priority = excluded.priority,
    restored_at = coalesce(excluded.restored_at, alarms.restored_at), cleared_at = excluded.cleared_at,
    changes = excluded.changes, was_on = excluded.was_on OR alarms.was_on, body = excluded.body;
