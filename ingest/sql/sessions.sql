-- why: silence counts only while all of them heard
SELECT client, since, until FROM ingest_sessions WHERE reported_at > %(since)s
