-- why: the incident as it stands after this entry
INSERT INTO incidents (id, place, kind, state, severity, drill, verdict, opened_at, closed_at, body)
VALUES (%(id)s, %(place)s, %(kind)s, %(state)s, %(severity)s, %(drill)s, %(verdict)s, %(opened_at)s, %(closed_at)s, %(body)s)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, severity = excluded.severity,
    verdict = excluded.verdict, closed_at = excluded.closed_at, body = excluded.body;
