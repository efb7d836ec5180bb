-- why: hours of some devices, made from their minutes
INSERT INTO smoke_1h (
    device, bucket, count, received_at,
    smoke_db_m_count, smoke_db_m_min, smoke_db_m_max, smoke_db_m_mean, smoke_db_m_last,
    temperature_c_count, temperature_c_min, temperature_c_max, temperature_c_mean, temperature_c_last,
    chamber_pct_count, chamber_pct_min, chamber_pct_max, chamber_pct_mean, chamber_pct_last,
    battery_v_count, battery_v_min, battery_v_max, battery_v_mean, battery_v_last,
    battery_pct_count, battery_pct_min, battery_pct_max, battery_pct_mean, battery_pct_last,
    rssi_dbm_count, rssi_dbm_min, rssi_dbm_max, rssi_dbm_mean, rssi_dbm_last
)
SELECT
    r.device, time_bucket(interval '1 hour', r.bucket) AS bucket, sum(r.count), max(r.received_at),
    sum(r.smoke_db_m_count), min(r.smoke_db_m_min), max(r.smoke_db_m_max),
    sum(r.smoke_db_m_mean * r.smoke_db_m_count) / nullif(sum(r.smoke_db_m_count), 0),
    last(r.smoke_db_m_last, r.bucket) FILTER (WHERE r.smoke_db_m_last IS NOT NULL),
    sum(r.temperature_c_count), min(r.temperature_c_min), max(r.temperature_c_max),
    sum(r.temperature_c_mean * r.temperature_c_count) / nullif(sum(r.temperature_c_count), 0),
    last(r.temperature_c_last, r.bucket) FILTER (WHERE r.temperature_c_last IS NOT NULL),
    sum(r.chamber_pct_count), min(r.chamber_pct_min), max(r.chamber_pct_max),
    sum(r.chamber_pct_mean * r.chamber_pct_count) / nullif(sum(r.chamber_pct_count), 0),
    last(r.chamber_pct_last, r.bucket) FILTER (WHERE r.chamber_pct_last IS NOT NULL),
    sum(r.battery_v_count), min(r.battery_v_min), max(r.battery_v_max),
    sum(r.battery_v_mean * r.battery_v_count) / nullif(sum(r.battery_v_count), 0),
    last(r.battery_v_last, r.bucket) FILTER (WHERE r.battery_v_last IS NOT NULL),
    sum(r.battery_pct_count), min(r.battery_pct_min), max(r.battery_pct_max),
    sum(r.battery_pct_mean * r.battery_pct_count) / nullif(sum(r.battery_pct_count), 0),
    last(r.battery_pct_last, r.bucket) FILTER (WHERE r.battery_pct_last IS NOT NULL),
    sum(r.rssi_dbm_count), min(r.rssi_dbm_min), max(r.rssi_dbm_max),
    sum(r.rssi_dbm_mean * r.rssi_dbm_count) / nullif(sum(r.rssi_dbm_count), 0),
    last(r.rssi_dbm_last, r.bucket) FILTER (WHERE r.rssi_dbm_last IS NOT NULL)
FROM unnest(%(devices)s::integer[]) AS d (device)
JOIN smoke_1m AS r ON r.device = d.device AND r.bucket >= %(from)s AND r.bucket < %(to)s
GROUP BY r.device, 2
ORDER BY r.device, 2
