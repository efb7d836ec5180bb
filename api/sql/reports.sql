-- why: all versions of an incident's reports, newest first
SELECT id, incident, kind, language, text, signed, entry, saved_by, saved_as, saved_at
FROM incident_reports
WHERE incident = %(incident)s AND (%(before)s::bigint IS NULL OR id < %(before)s::bigint)
ORDER BY id DESC
LIMIT %(limit)s
