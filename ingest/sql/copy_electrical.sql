-- why: the fast path; a batch that meets a repeat fails whole and is staged instead
COPY readings_electrical (
    ts, device, seq, received_at,
    residual_ma, cable_temperature_1_c, cable_temperature_2_c, cable_temperature_3_c, cable_temperature_4_c,
    current_l1_a, current_l2_a, current_l3_a, voltage_l1_v, voltage_l2_v, voltage_l3_v, power_w, arc_half_cycles, rssi_dbm
) FROM STDIN (FORMAT binary)
