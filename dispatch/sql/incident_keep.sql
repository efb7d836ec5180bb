-- why: incidents as they stand after these entries
INSERT INTO incidents SELECT * FROM jsonb_populate_recordset(NULL::incidents, %(rows)s::jsonb)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, severity = excluded.severity,
    verdict = excluded.verdict, closed_at = excluded.closed_at, body = excluded.body;
