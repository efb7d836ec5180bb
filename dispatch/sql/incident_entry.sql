-- why: which entries make incidents' timelines
INSERT INTO incident_entries (incident, entry) SELECT * FROM unnest(%(incidents)s::text[], %(entries)s::bigint[])
ON CONFLICT (incident, entry) DO NOTHING;
