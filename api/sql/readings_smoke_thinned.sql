-- why: a range of a smoke device's readings with more of them than the screen has points; extremes are kept beside the means
WITH every AS (
    SELECT ts, seq, received_at,
        smoke_db_m, temperature_c, chamber_pct, battery_v, battery_pct, rssi_dbm
    FROM readings_smoke
    WHERE device = %(device)s AND ts BETWEEN %(from)s AND %(to)s
    UNION ALL
    SELECT ts, seq, received_at,
        ("values" ->> 'smoke_db_m')::double precision AS smoke_db_m,
        ("values" ->> 'temperature_c')::double precision AS temperature_c,
        ("values" ->> 'chamber_pct')::double precision AS chamber_pct,
        ("values" ->> 'battery_v')::double precision AS battery_v,
        ("values" ->> 'battery_pct')::double precision AS battery_pct,
        ("values" ->> 'rssi_dbm')::double precision AS rssi_dbm
    FROM readings_misdated
    WHERE device = %(device)s AND ts BETWEEN %(from)s AND %(to)s
)
SELECT
    time_bucket(%(width)s::interval, ts, %(origin)s::timestamptz) AS ts,
    max(received_at) AS received_at,
    count(*) AS count,
    avg(smoke_db_m) AS smoke_db_m,
    avg(temperature_c) AS temperature_c,
    avg(chamber_pct) AS chamber_pct,
    avg(battery_v) AS battery_v,
    avg(battery_pct) AS battery_pct,
    avg(rssi_dbm) AS rssi_dbm,
    jsonb_build_object(
        'smoke_db_m', min(smoke_db_m),
        'temperature_c', min(temperature_c),
        'chamber_pct', min(chamber_pct),
        'battery_v', min(battery_v),
        'battery_pct', min(battery_pct),
        'rssi_dbm', min(rssi_dbm)
    ) AS min,
    jsonb_build_object(
        'smoke_db_m', max(smoke_db_m),
        'temperature_c', max(temperature_c),
        'chamber_pct', max(chamber_pct),
        'battery_v', max(battery_v),
        'battery_pct', max(battery_pct),
        'rssi_dbm', max(rssi_dbm)
    ) AS max
FROM every
GROUP BY 1
ORDER BY 1
