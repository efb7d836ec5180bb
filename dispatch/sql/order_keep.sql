-- why: the order as it stands after this entry
INSERT INTO orders (id, incident, recipient, kind, state, priority, drill, reason, drafted_at, ended_at, body)
VALUES (%(id)s, %(incident)s, %(recipient)s, %(kind)s, %(state)s, %(priority)s, %(drill)s, %(reason)s, %(drafted_at)s, %(ended_at)s, %(body)s)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at, body = excluded.body;
