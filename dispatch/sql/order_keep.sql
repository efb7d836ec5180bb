-- why: orders as they stand after these entries
INSERT INTO orders SELECT * FROM jsonb_populate_recordset(NULL::orders, %(rows)s::jsonb)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at, body = excluded.body;
