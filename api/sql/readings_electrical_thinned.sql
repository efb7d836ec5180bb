-- why: a range of an electrical device's readings with more of them than the screen has points; extremes are kept beside the means.
-- Pieces of the range come from the rollups, its ragged ends from the readings (api/span.py); a reading is a rollup of one
WITH single AS (
        SELECT ts, received_at,
            residual_ma, cable_temperature_1_c, cable_temperature_2_c, cable_temperature_3_c, cable_temperature_4_c,
            current_l1_a, current_l2_a, current_l3_a, voltage_l1_v, voltage_l2_v, voltage_l3_v, power_w,
            arc_half_cycles, rssi_dbm
        FROM readings_electrical WHERE device = %(device)s AND ts >= %(from_raw_1)s AND ts < %(to_raw_1)s
        UNION ALL
        SELECT ts, received_at,
            residual_ma, cable_temperature_1_c, cable_temperature_2_c, cable_temperature_3_c, cable_temperature_4_c,
            current_l1_a, current_l2_a, current_l3_a, voltage_l1_v, voltage_l2_v, voltage_l3_v, power_w,
            arc_half_cycles, rssi_dbm
        FROM readings_electrical WHERE device = %(device)s AND ts >= %(from_raw_2)s AND ts < %(to_raw_2)s
        UNION ALL
        SELECT ts, received_at,
            ("values" ->> 'residual_ma')::double precision AS residual_ma,
            ("values" ->> 'cable_temperature_1_c')::double precision AS cable_temperature_1_c,
            ("values" ->> 'cable_temperature_2_c')::double precision AS cable_temperature_2_c,
            ("values" ->> 'cable_temperature_3_c')::double precision AS cable_temperature_3_c,
            ("values" ->> 'cable_temperature_4_c')::double precision AS cable_temperature_4_c,
            ("values" ->> 'current_l1_a')::double precision AS current_l1_a,
            ("values" ->> 'current_l2_a')::double precision AS current_l2_a,
            ("values" ->> 'current_l3_a')::double precision AS current_l3_a,
            ("values" ->> 'voltage_l1_v')::double precision AS voltage_l1_v,
            ("values" ->> 'voltage_l2_v')::double precision AS voltage_l2_v,
            ("values" ->> 'voltage_l3_v')::double precision AS voltage_l3_v,
            ("values" ->> 'power_w')::double precision AS power_w,
            ("values" ->> 'arc_half_cycles')::double precision AS arc_half_cycles,
            ("values" ->> 'rssi_dbm')::double precision AS rssi_dbm
        FROM readings_misdated WHERE device = %(device)s AND ts BETWEEN %(from)s AND %(to)s
), part AS (
    SELECT
        ts AS bucket, received_at, 1 AS count,
        (residual_ma IS NOT NULL)::integer AS residual_ma_count,
        residual_ma AS residual_ma_min, residual_ma AS residual_ma_max, residual_ma AS residual_ma_mean,
        (cable_temperature_1_c IS NOT NULL)::integer AS cable_temperature_1_c_count,
        cable_temperature_1_c AS cable_temperature_1_c_min, cable_temperature_1_c AS cable_temperature_1_c_max, cable_temperature_1_c AS cable_temperature_1_c_mean,
        (cable_temperature_2_c IS NOT NULL)::integer AS cable_temperature_2_c_count,
        cable_temperature_2_c AS cable_temperature_2_c_min, cable_temperature_2_c AS cable_temperature_2_c_max, cable_temperature_2_c AS cable_temperature_2_c_mean,
        (cable_temperature_3_c IS NOT NULL)::integer AS cable_temperature_3_c_count,
        cable_temperature_3_c AS cable_temperature_3_c_min, cable_temperature_3_c AS cable_temperature_3_c_max, cable_temperature_3_c AS cable_temperature_3_c_mean,
        (cable_temperature_4_c IS NOT NULL)::integer AS cable_temperature_4_c_count,
        cable_temperature_4_c AS cable_temperature_4_c_min, cable_temperature_4_c AS cable_temperature_4_c_max, cable_temperature_4_c AS cable_temperature_4_c_mean,
        (current_l1_a IS NOT NULL)::integer AS current_l1_a_count,
        current_l1_a AS current_l1_a_min, current_l1_a AS current_l1_a_max, current_l1_a AS current_l1_a_mean,
        (current_l2_a IS NOT NULL)::integer AS current_l2_a_count,
        current_l2_a AS current_l2_a_min, current_l2_a AS current_l2_a_max, current_l2_a AS current_l2_a_mean,
        (current_l3_a IS NOT NULL)::integer AS current_l3_a_count,
        current_l3_a AS current_l3_a_min, current_l3_a AS current_l3_a_max, current_l3_a AS current_l3_a_mean,
        (voltage_l1_v IS NOT NULL)::integer AS voltage_l1_v_count,
        voltage_l1_v AS voltage_l1_v_min, voltage_l1_v AS voltage_l1_v_max, voltage_l1_v AS voltage_l1_v_mean,
        (voltage_l2_v IS NOT NULL)::integer AS voltage_l2_v_count,
        voltage_l2_v AS voltage_l2_v_min, voltage_l2_v AS voltage_l2_v_max, voltage_l2_v AS voltage_l2_v_mean,
        (voltage_l3_v IS NOT NULL)::integer AS voltage_l3_v_count,
        voltage_l3_v AS voltage_l3_v_min, voltage_l3_v AS voltage_l3_v_max, voltage_l3_v AS voltage_l3_v_mean,
        (power_w IS NOT NULL)::integer AS power_w_count,
        power_w AS power_w_min, power_w AS power_w_max, power_w AS power_w_mean,
        (arc_half_cycles IS NOT NULL)::integer AS arc_half_cycles_count,
        arc_half_cycles AS arc_half_cycles_min, arc_half_cycles AS arc_half_cycles_max, arc_half_cycles AS arc_half_cycles_mean,
        (rssi_dbm IS NOT NULL)::integer AS rssi_dbm_count,
        rssi_dbm AS rssi_dbm_min, rssi_dbm AS rssi_dbm_max, rssi_dbm AS rssi_dbm_mean
    FROM single
    UNION ALL
    SELECT
        bucket, received_at, count,
        residual_ma_count, residual_ma_min, residual_ma_max, residual_ma_mean,
        cable_temperature_1_c_count, cable_temperature_1_c_min, cable_temperature_1_c_max, cable_temperature_1_c_mean,
        cable_temperature_2_c_count, cable_temperature_2_c_min, cable_temperature_2_c_max, cable_temperature_2_c_mean,
        cable_temperature_3_c_count, cable_temperature_3_c_min, cable_temperature_3_c_max, cable_temperature_3_c_mean,
        cable_temperature_4_c_count, cable_temperature_4_c_min, cable_temperature_4_c_max, cable_temperature_4_c_mean,
        current_l1_a_count, current_l1_a_min, current_l1_a_max, current_l1_a_mean,
        current_l2_a_count, current_l2_a_min, current_l2_a_max, current_l2_a_mean,
        current_l3_a_count, current_l3_a_min, current_l3_a_max, current_l3_a_mean,
        voltage_l1_v_count, voltage_l1_v_min, voltage_l1_v_max, voltage_l1_v_mean,
        voltage_l2_v_count, voltage_l2_v_min, voltage_l2_v_max, voltage_l2_v_mean,
        voltage_l3_v_count, voltage_l3_v_min, voltage_l3_v_max, voltage_l3_v_mean,
        power_w_count, power_w_min, power_w_max, power_w_mean,
        arc_half_cycles_count, arc_half_cycles_min, arc_half_cycles_max, arc_half_cycles_mean,
        rssi_dbm_count, rssi_dbm_min, rssi_dbm_max, rssi_dbm_mean
    FROM (
        SELECT * FROM electrical_1m WHERE device = %(device)s AND bucket >= %(from_1m_1)s AND bucket < %(to_1m_1)s
        UNION ALL
        SELECT * FROM electrical_1m WHERE device = %(device)s AND bucket >= %(from_1m_2)s AND bucket < %(to_1m_2)s
        UNION ALL
        SELECT * FROM electrical_1h WHERE device = %(device)s AND bucket >= %(from_1h_1)s AND bucket < %(to_1h_1)s
        UNION ALL
        SELECT * FROM electrical_1h WHERE device = %(device)s AND bucket >= %(from_1h_2)s AND bucket < %(to_1h_2)s
        UNION ALL
        SELECT * FROM electrical_1d WHERE device = %(device)s AND bucket >= %(from_1d_1)s AND bucket < %(to_1d_1)s
    ) AS rolled
)
SELECT
    time_bucket(%(width)s::interval, bucket, %(origin)s::timestamptz) AS ts,
    max(received_at) AS received_at,
    sum(count) AS count,
    sum(residual_ma_mean * residual_ma_count) / nullif(sum(residual_ma_count), 0) AS residual_ma,
    sum(cable_temperature_1_c_mean * cable_temperature_1_c_count) / nullif(sum(cable_temperature_1_c_count), 0) AS cable_temperature_1_c,
    sum(cable_temperature_2_c_mean * cable_temperature_2_c_count) / nullif(sum(cable_temperature_2_c_count), 0) AS cable_temperature_2_c,
    sum(cable_temperature_3_c_mean * cable_temperature_3_c_count) / nullif(sum(cable_temperature_3_c_count), 0) AS cable_temperature_3_c,
    sum(cable_temperature_4_c_mean * cable_temperature_4_c_count) / nullif(sum(cable_temperature_4_c_count), 0) AS cable_temperature_4_c,
    sum(current_l1_a_mean * current_l1_a_count) / nullif(sum(current_l1_a_count), 0) AS current_l1_a,
    sum(current_l2_a_mean * current_l2_a_count) / nullif(sum(current_l2_a_count), 0) AS current_l2_a,
    sum(current_l3_a_mean * current_l3_a_count) / nullif(sum(current_l3_a_count), 0) AS current_l3_a,
    sum(voltage_l1_v_mean * voltage_l1_v_count) / nullif(sum(voltage_l1_v_count), 0) AS voltage_l1_v,
    sum(voltage_l2_v_mean * voltage_l2_v_count) / nullif(sum(voltage_l2_v_count), 0) AS voltage_l2_v,
    sum(voltage_l3_v_mean * voltage_l3_v_count) / nullif(sum(voltage_l3_v_count), 0) AS voltage_l3_v,
    sum(power_w_mean * power_w_count) / nullif(sum(power_w_count), 0) AS power_w,
    sum(arc_half_cycles_mean * arc_half_cycles_count) / nullif(sum(arc_half_cycles_count), 0) AS arc_half_cycles,
    sum(rssi_dbm_mean * rssi_dbm_count) / nullif(sum(rssi_dbm_count), 0) AS rssi_dbm,
    min(residual_ma_min) AS residual_ma_min,
    min(cable_temperature_1_c_min) AS cable_temperature_1_c_min,
    min(cable_temperature_2_c_min) AS cable_temperature_2_c_min,
    min(cable_temperature_3_c_min) AS cable_temperature_3_c_min,
    min(cable_temperature_4_c_min) AS cable_temperature_4_c_min,
    min(current_l1_a_min) AS current_l1_a_min,
    min(current_l2_a_min) AS current_l2_a_min,
    min(current_l3_a_min) AS current_l3_a_min,
    min(voltage_l1_v_min) AS voltage_l1_v_min,
    min(voltage_l2_v_min) AS voltage_l2_v_min,
    min(voltage_l3_v_min) AS voltage_l3_v_min,
    min(power_w_min) AS power_w_min,
    min(arc_half_cycles_min) AS arc_half_cycles_min,
    min(rssi_dbm_min) AS rssi_dbm_min,
    max(residual_ma_max) AS residual_ma_max,
    max(cable_temperature_1_c_max) AS cable_temperature_1_c_max,
    max(cable_temperature_2_c_max) AS cable_temperature_2_c_max,
    max(cable_temperature_3_c_max) AS cable_temperature_3_c_max,
    max(cable_temperature_4_c_max) AS cable_temperature_4_c_max,
    max(current_l1_a_max) AS current_l1_a_max,
    max(current_l2_a_max) AS current_l2_a_max,
    max(current_l3_a_max) AS current_l3_a_max,
    max(voltage_l1_v_max) AS voltage_l1_v_max,
    max(voltage_l2_v_max) AS voltage_l2_v_max,
    max(voltage_l3_v_max) AS voltage_l3_v_max,
    max(power_w_max) AS power_w_max,
    max(arc_half_cycles_max) AS arc_half_cycles_max,
    max(rssi_dbm_max) AS rssi_dbm_max
FROM part
GROUP BY 1
ORDER BY 1
