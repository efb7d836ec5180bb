-- why: the alarm as it stands after this entry
INSERT INTO alarms (id, device, kind, place, state, drill, incident, raised_at, cleared_at, body)
VALUES (%(id)s, %(device)s, %(kind)s, %(place)s, %(state)s, %(drill)s, %(incident)s, %(raised_at)s, %(cleared_at)s, %(body)s)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, incident = excluded.incident,
    cleared_at = excluded.cleared_at, body = excluded.body;
