-- why: a range of a smoke device's readings with more of them than the screen has points; extremes are kept beside the means.
-- Pieces of the range come from the rollups, its ragged ends from the readings (api/span.py); a reading is a rollup of one
WITH single AS (
        SELECT ts, received_at,
            smoke_db_m, temperature_c, chamber_pct, battery_v, battery_pct, rssi_dbm
        FROM readings_smoke WHERE device = %(device)s AND ts >= %(from_raw_1)s AND ts < %(to_raw_1)s
        UNION ALL
        SELECT ts, received_at,
            smoke_db_m, temperature_c, chamber_pct, battery_v, battery_pct, rssi_dbm
        FROM readings_smoke WHERE device = %(device)s AND ts >= %(from_raw_2)s AND ts < %(to_raw_2)s
        UNION ALL
        SELECT ts, received_at,
            ("values" ->> 'smoke_db_m')::double precision AS smoke_db_m,
            ("values" ->> 'temperature_c')::double precision AS temperature_c,
            ("values" ->> 'chamber_pct')::double precision AS chamber_pct,
            ("values" ->> 'battery_v')::double precision AS battery_v,
            ("values" ->> 'battery_pct')::double precision AS battery_pct,
            ("values" ->> 'rssi_dbm')::double precision AS rssi_dbm
        FROM readings_misdated WHERE device = %(device)s AND ts BETWEEN %(from)s AND %(to)s
), part AS (
    SELECT
        ts AS bucket, received_at, 1 AS count,
        (smoke_db_m IS NOT NULL)::integer AS smoke_db_m_count,
        smoke_db_m AS smoke_db_m_min, smoke_db_m AS smoke_db_m_max, smoke_db_m AS smoke_db_m_mean,
        (temperature_c IS NOT NULL)::integer AS temperature_c_count,
        temperature_c AS temperature_c_min, temperature_c AS temperature_c_max, temperature_c AS temperature_c_mean,
        (chamber_pct IS NOT NULL)::integer AS chamber_pct_count,
        chamber_pct AS chamber_pct_min, chamber_pct AS chamber_pct_max, chamber_pct AS chamber_pct_mean,
        (battery_v IS NOT NULL)::integer AS battery_v_count,
        battery_v AS battery_v_min, battery_v AS battery_v_max, battery_v AS battery_v_mean,
        (battery_pct IS NOT NULL)::integer AS battery_pct_count,
        battery_pct AS battery_pct_min, battery_pct AS battery_pct_max, battery_pct AS battery_pct_mean,
        (rssi_dbm IS NOT NULL)::integer AS rssi_dbm_count,
        rssi_dbm AS rssi_dbm_min, rssi_dbm AS rssi_dbm_max, rssi_dbm AS rssi_dbm_mean
    FROM single
    UNION ALL
    SELECT
        bucket, received_at, count,
        smoke_db_m_count, smoke_db_m_min, smoke_db_m_max, smoke_db_m_mean,
        temperature_c_count, temperature_c_min, temperature_c_max, temperature_c_mean,
        chamber_pct_count, chamber_pct_min, chamber_pct_max, chamber_pct_mean,
        battery_v_count, battery_v_min, battery_v_max, battery_v_mean,
        battery_pct_count, battery_pct_min, battery_pct_max, battery_pct_mean,
        rssi_dbm_count, rssi_dbm_min, rssi_dbm_max, rssi_dbm_mean
    FROM (
        SELECT * FROM smoke_1m WHERE device = %(device)s AND bucket >= %(from_1m_1)s AND bucket < %(to_1m_1)s
        UNION ALL
        SELECT * FROM smoke_1m WHERE device = %(device)s AND bucket >= %(from_1m_2)s AND bucket < %(to_1m_2)s
        UNION ALL
        SELECT * FROM smoke_1h WHERE device = %(device)s AND bucket >= %(from_1h_1)s AND bucket < %(to_1h_1)s
        UNION ALL
        SELECT * FROM smoke_1h WHERE device = %(device)s AND bucket >= %(from_1h_2)s AND bucket < %(to_1h_2)s
        UNION ALL
        SELECT * FROM smoke_1d WHERE device = %(device)s AND bucket >= %(from_1d_1)s AND bucket < %(to_1d_1)s
    ) AS rolled
)
SELECT
    time_bucket(%(width)s::interval, bucket, %(origin)s::timestamptz) AS ts,
    max(received_at) AS received_at,
    sum(count) AS count,
    sum(smoke_db_m_mean * smoke_db_m_count) / nullif(sum(smoke_db_m_count), 0) AS smoke_db_m,
    sum(temperature_c_mean * temperature_c_count) / nullif(sum(temperature_c_count), 0) AS temperature_c,
    sum(chamber_pct_mean * chamber_pct_count) / nullif(sum(chamber_pct_count), 0) AS chamber_pct,
    sum(battery_v_mean * battery_v_count) / nullif(sum(battery_v_count), 0) AS battery_v,
    sum(battery_pct_mean * battery_pct_count) / nullif(sum(battery_pct_count), 0) AS battery_pct,
    sum(rssi_dbm_mean * rssi_dbm_count) / nullif(sum(rssi_dbm_count), 0) AS rssi_dbm,
    min(smoke_db_m_min) AS smoke_db_m_min,
    min(temperature_c_min) AS temperature_c_min,
    min(chamber_pct_min) AS chamber_pct_min,
    min(battery_v_min) AS battery_v_min,
    min(battery_pct_min) AS battery_pct_min,
    min(rssi_dbm_min) AS rssi_dbm_min,
    max(smoke_db_m_max) AS smoke_db_m_max,
    max(temperature_c_max) AS temperature_c_max,
    max(chamber_pct_max) AS chamber_pct_max,
    max(battery_v_max) AS battery_v_max,
    max(battery_pct_max) AS battery_pct_max,
    max(rssi_dbm_max) AS rssi_dbm_max
FROM part
GROUP BY 1
ORDER BY 1
