-- why: alarms as they stand after these entries
INSERT INTO alarms SELECT * FROM jsonb_populate_recordset(NULL::alarms, %(rows)s::jsonb)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, incident = excluded.incident,
    cleared_at = excluded.cleared_at, body = excluded.body;
