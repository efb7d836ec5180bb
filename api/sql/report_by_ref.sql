-- why: what a saving has left, said for the first time or again
SELECT id, incident, kind, language, text, signed, entry, saved_by, saved_as, saved_at
FROM incident_reports WHERE incident = %(incident)s AND ref = %(ref)s
