-- why: every reading of a smoke device in a range of time, whichever table its clock put it in
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
SELECT * FROM every ORDER BY ts, seq LIMIT %(most)s
