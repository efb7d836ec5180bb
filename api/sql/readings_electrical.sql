-- why: every reading of a electrical device in a range of time, whichever table its clock put it in
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
SELECT * FROM every ORDER BY ts, seq LIMIT %(most)s
