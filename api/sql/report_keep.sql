-- why: a report is saved once, however often the same saving is said
INSERT INTO incident_reports (incident, ref, kind, language, text, signed, entry, saved_by, saved_as, saved_at)
VALUES (%(incident)s, %(ref)s, %(kind)s, %(language)s, %(text)s, %(signed)s, %(entry)s, %(by)s, %(user)s, %(at)s)
ON CONFLICT (incident, ref) DO NOTHING
RETURNING id
