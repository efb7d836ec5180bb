-- why: a range of a electrical device's readings with more of them than the screen has points; extremes are kept beside the means
WITH every AS (
    SELECT ts, seq, received_at,
        residual_ma, cable_temperature_1_c, cable_temperature_2_c, cable_temperature_3_c, cable_temperature_4_c,
        current_l1_a, current_l2_a, current_l3_a, voltage_l1_v, voltage_l2_v, voltage_l3_v,
        power_w, arc_half_cycles, rssi_dbm
    FROM readings_electrical
    WHERE device = %(device)s AND ts BETWEEN %(from)s AND %(to)s
    UNION ALL
    SELECT ts, seq, received_at,
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
    FROM readings_misdated
    WHERE device = %(device)s AND ts BETWEEN %(from)s AND %(to)s
)
SELECT
    time_bucket(%(width)s::interval, ts, %(origin)s::timestamptz) AS ts,
    max(received_at) AS received_at,
    count(*) AS count,
    avg(residual_ma) AS residual_ma,
    avg(cable_temperature_1_c) AS cable_temperature_1_c,
    avg(cable_temperature_2_c) AS cable_temperature_2_c,
    avg(cable_temperature_3_c) AS cable_temperature_3_c,
    avg(cable_temperature_4_c) AS cable_temperature_4_c,
    avg(current_l1_a) AS current_l1_a,
    avg(current_l2_a) AS current_l2_a,
    avg(current_l3_a) AS current_l3_a,
    avg(voltage_l1_v) AS voltage_l1_v,
    avg(voltage_l2_v) AS voltage_l2_v,
    avg(voltage_l3_v) AS voltage_l3_v,
    avg(power_w) AS power_w,
    avg(arc_half_cycles) AS arc_half_cycles,
    avg(rssi_dbm) AS rssi_dbm,
    jsonb_build_object(
        'residual_ma', min(residual_ma),
        'cable_temperature_1_c', min(cable_temperature_1_c),
        'cable_temperature_2_c', min(cable_temperature_2_c),
        'cable_temperature_3_c', min(cable_temperature_3_c),
        'cable_temperature_4_c', min(cable_temperature_4_c),
        'current_l1_a', min(current_l1_a),
        'current_l2_a', min(current_l2_a),
        'current_l3_a', min(current_l3_a),
        'voltage_l1_v', min(voltage_l1_v),
        'voltage_l2_v', min(voltage_l2_v),
        'voltage_l3_v', min(voltage_l3_v),
        'power_w', min(power_w),
        'arc_half_cycles', min(arc_half_cycles),
        'rssi_dbm', min(rssi_dbm)
    ) AS min,
    jsonb_build_object(
        'residual_ma', max(residual_ma),
        'cable_temperature_1_c', max(cable_temperature_1_c),
        'cable_temperature_2_c', max(cable_temperature_2_c),
        'cable_temperature_3_c', max(cable_temperature_3_c),
        'cable_temperature_4_c', max(cable_temperature_4_c),
        'current_l1_a', max(current_l1_a),
        'current_l2_a', max(current_l2_a),
        'current_l3_a', max(current_l3_a),
        'voltage_l1_v', max(voltage_l1_v),
        'voltage_l2_v', max(voltage_l2_v),
        'voltage_l3_v', max(voltage_l3_v),
        'power_w', max(power_w),
        'arc_half_cycles', max(arc_half_cycles),
        'rssi_dbm', max(rssi_dbm)
    ) AS max
FROM every
GROUP BY 1
ORDER BY 1
