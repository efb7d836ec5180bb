-- why: minutes of some devices, made from their readings; each device's lie together, for they are read together
INSERT INTO smoke_1m (
    device, bucket, count, received_at,
    smoke_db_m_count, smoke_db_m_min, smoke_db_m_max, smoke_db_m_mean, smoke_db_m_last,
    temperature_c_count, temperature_c_min, temperature_c_max, temperature_c_mean, temperature_c_last,
    chamber_pct_count, chamber_pct_min, chamber_pct_max, chamber_pct_mean, chamber_pct_last,
    battery_v_count, battery_v_min, battery_v_max, battery_v_mean, battery_v_last,
    battery_pct_count, battery_pct_min, battery_pct_max, battery_pct_mean, battery_pct_last,
    rssi_dbm_count, rssi_dbm_min, rssi_dbm_max, rssi_dbm_mean, rssi_dbm_last
)
SELECT
    r.device, time_bucket(interval '1 minute', r.ts) AS bucket, count(*), max(r.received_at),
    count(r.smoke_db_m), min(r.smoke_db_m), max(r.smoke_db_m), avg(r.smoke_db_m),
    last(r.smoke_db_m, r.ts) FILTER (WHERE r.smoke_db_m IS NOT NULL),
    count(r.temperature_c), min(r.temperature_c), max(r.temperature_c), avg(r.temperature_c),
    last(r.temperature_c, r.ts) FILTER (WHERE r.temperature_c IS NOT NULL),
    count(r.chamber_pct), min(r.chamber_pct), max(r.chamber_pct), avg(r.chamber_pct),
    last(r.chamber_pct, r.ts) FILTER (WHERE r.chamber_pct IS NOT NULL),
    count(r.battery_v), min(r.battery_v), max(r.battery_v), avg(r.battery_v),
    last(r.battery_v, r.ts) FILTER (WHERE r.battery_v IS NOT NULL),
    count(r.battery_pct), min(r.battery_pct), max(r.battery_pct), avg(r.battery_pct),
    last(r.battery_pct, r.ts) FILTER (WHERE r.battery_pct IS NOT NULL),
    count(r.rssi_dbm), min(r.rssi_dbm), max(r.rssi_dbm), avg(r.rssi_dbm),
    last(r.rssi_dbm, r.ts) FILTER (WHERE r.rssi_dbm IS NOT NULL)
FROM unnest(%(devices)s::integer[]) AS d (device)
JOIN readings_smoke AS r ON r.device = d.device AND r.ts >= %(from)s AND r.ts < %(to)s
GROUP BY r.device, 2
ORDER BY r.device, 2
