-- why: which entries make an incident's timeline
INSERT INTO incident_entries (incident, entry) VALUES (%(incident)s, %(entry)s)
ON CONFLICT (incident, entry) DO NOTHING;
