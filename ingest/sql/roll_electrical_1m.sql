-- why: minutes of some devices, made from their readings; each device's lie together, for they are read together
INSERT INTO electrical_1m (
    device, bucket, count, received_at,
    residual_ma_count, residual_ma_min, residual_ma_max, residual_ma_mean, residual_ma_last,
    cable_temperature_1_c_count, cable_temperature_1_c_min, cable_temperature_1_c_max, cable_temperature_1_c_mean, cable_temperature_1_c_last,
    cable_temperature_2_c_count, cable_temperature_2_c_min, cable_temperature_2_c_max, cable_temperature_2_c_mean, cable_temperature_2_c_last,
    cable_temperature_3_c_count, cable_temperature_3_c_min, cable_temperature_3_c_max, cable_temperature_3_c_mean, cable_temperature_3_c_last,
    cable_temperature_4_c_count, cable_temperature_4_c_min, cable_temperature_4_c_max, cable_temperature_4_c_mean, cable_temperature_4_c_last,
    current_l1_a_count, current_l1_a_min, current_l1_a_max, current_l1_a_mean, current_l1_a_last,
    current_l2_a_count, current_l2_a_min, current_l2_a_max, current_l2_a_mean, current_l2_a_last,
    current_l3_a_count, current_l3_a_min, current_l3_a_max, current_l3_a_mean, current_l3_a_last,
    voltage_l1_v_count, voltage_l1_v_min, voltage_l1_v_max, voltage_l1_v_mean, voltage_l1_v_last,
    voltage_l2_v_count, voltage_l2_v_min, voltage_l2_v_max, voltage_l2_v_mean, voltage_l2_v_last,
    voltage_l3_v_count, voltage_l3_v_min, voltage_l3_v_max, voltage_l3_v_mean, voltage_l3_v_last,
    power_w_count, power_w_min, power_w_max, power_w_mean, power_w_last,
    arc_half_cycles_count, arc_half_cycles_min, arc_half_cycles_max, arc_half_cycles_mean, arc_half_cycles_last,
    rssi_dbm_count, rssi_dbm_min, rssi_dbm_max, rssi_dbm_mean, rssi_dbm_last
)
SELECT
    r.device, time_bucket(interval '1 minute', r.ts) AS bucket, count(*), max(r.received_at),
    count(r.residual_ma), min(r.residual_ma), max(r.residual_ma), avg(r.residual_ma),
    last(r.residual_ma, r.ts) FILTER (WHERE r.residual_ma IS NOT NULL),
    count(r.cable_temperature_1_c), min(r.cable_temperature_1_c), max(r.cable_temperature_1_c), avg(r.cable_temperature_1_c),
    last(r.cable_temperature_1_c, r.ts) FILTER (WHERE r.cable_temperature_1_c IS NOT NULL),
    count(r.cable_temperature_2_c), min(r.cable_temperature_2_c), max(r.cable_temperature_2_c), avg(r.cable_temperature_2_c),
    last(r.cable_temperature_2_c, r.ts) FILTER (WHERE r.cable_temperature_2_c IS NOT NULL),
    count(r.cable_temperature_3_c), min(r.cable_temperature_3_c), max(r.cable_temperature_3_c), avg(r.cable_temperature_3_c),
    last(r.cable_temperature_3_c, r.ts) FILTER (WHERE r.cable_temperature_3_c IS NOT NULL),
    count(r.cable_temperature_4_c), min(r.cable_temperature_4_c), max(r.cable_temperature_4_c), avg(r.cable_temperature_4_c),
    last(r.cable_temperature_4_c, r.ts) FILTER (WHERE r.cable_temperature_4_c IS NOT NULL),
    count(r.current_l1_a), min(r.current_l1_a), max(r.current_l1_a), avg(r.current_l1_a),
    last(r.current_l1_a, r.ts) FILTER (WHERE r.current_l1_a IS NOT NULL),
    count(r.current_l2_a), min(r.current_l2_a), max(r.current_l2_a), avg(r.current_l2_a),
    last(r.current_l2_a, r.ts) FILTER (WHERE r.current_l2_a IS NOT NULL),
    count(r.current_l3_a), min(r.current_l3_a), max(r.current_l3_a), avg(r.current_l3_a),
    last(r.current_l3_a, r.ts) FILTER (WHERE r.current_l3_a IS NOT NULL),
    count(r.voltage_l1_v), min(r.voltage_l1_v), max(r.voltage_l1_v), avg(r.voltage_l1_v),
    last(r.voltage_l1_v, r.ts) FILTER (WHERE r.voltage_l1_v IS NOT NULL),
    count(r.voltage_l2_v), min(r.voltage_l2_v), max(r.voltage_l2_v), avg(r.voltage_l2_v),
    last(r.voltage_l2_v, r.ts) FILTER (WHERE r.voltage_l2_v IS NOT NULL),
    count(r.voltage_l3_v), min(r.voltage_l3_v), max(r.voltage_l3_v), avg(r.voltage_l3_v),
    last(r.voltage_l3_v, r.ts) FILTER (WHERE r.voltage_l3_v IS NOT NULL),
    count(r.power_w), min(r.power_w), max(r.power_w), avg(r.power_w),
    last(r.power_w, r.ts) FILTER (WHERE r.power_w IS NOT NULL),
    count(r.arc_half_cycles), min(r.arc_half_cycles), max(r.arc_half_cycles), avg(r.arc_half_cycles),
    last(r.arc_half_cycles, r.ts) FILTER (WHERE r.arc_half_cycles IS NOT NULL),
    count(r.rssi_dbm), min(r.rssi_dbm), max(r.rssi_dbm), avg(r.rssi_dbm),
    last(r.rssi_dbm, r.ts) FILTER (WHERE r.rssi_dbm IS NOT NULL)
FROM unnest(%(devices)s::integer[]) AS d (device)
JOIN readings_electrical AS r ON r.device = d.device AND r.ts >= %(from)s AND r.ts < %(to)s
GROUP BY r.device, 2
ORDER BY r.device, 2
