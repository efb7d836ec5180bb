-- why: which PostgreSQL and which edition of TimescaleDB answer
SELECT current_setting('server_version'),
    (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'),
    current_setting('timescaledb.license', true);
