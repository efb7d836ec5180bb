-- why: what the database is, how large, and when ingest last wrote something down
SELECT
    current_setting('server_version') AS server,
    (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS timescale,
    pg_database_size(current_database()) AS bytes,
    (SELECT max(reported_at) FROM ingest_sessions) AS ingest_at,
    (SELECT count(*)::int FROM ingest_sessions WHERE reported_at > %(lately)s) AS sessions,
    (SELECT max(received_at) FROM device_seen) AS heard_at,
    (SELECT count(*)::int FROM device_seen WHERE abs(clock_offset_us) > %(clock_off_us)s) AS clocks_off,
    (SELECT coalesce(sum(count), 0)::bigint FROM quarantine_counts WHERE day >= %(day)s) AS refused,
    (SELECT count(*)::int FROM gateways WHERE NOT EXISTS
        (SELECT 1 FROM gateway_passwords WHERE gateway = gateways.code)) AS without_password
