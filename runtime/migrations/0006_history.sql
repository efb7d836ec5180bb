-- why: history that answers quickly: what each device measured by the minute, the hour and the day (docs/decisions/0018-history.md)
-- A mean is over the readings that have the value, of which there are *_count; *_last is the last of them.

CREATE TABLE smoke_1m (
    device      integer NOT NULL,
    bucket      timestamptz NOT NULL,
    count       integer NOT NULL,
    received_at timestamptz NOT NULL,
    smoke_db_m_count integer NOT NULL,
    smoke_db_m_min double precision, smoke_db_m_max double precision,
    smoke_db_m_mean double precision, smoke_db_m_last double precision,
    temperature_c_count integer NOT NULL,
    temperature_c_min double precision, temperature_c_max double precision,
    temperature_c_mean double precision, temperature_c_last double precision,
    chamber_pct_count integer NOT NULL,
    chamber_pct_min double precision, chamber_pct_max double precision,
    chamber_pct_mean double precision, chamber_pct_last double precision,
    battery_v_count integer NOT NULL,
    battery_v_min double precision, battery_v_max double precision,
    battery_v_mean double precision, battery_v_last double precision,
    battery_pct_count integer NOT NULL,
    battery_pct_min double precision, battery_pct_max double precision,
    battery_pct_mean double precision, battery_pct_last double precision,
    rssi_dbm_count integer NOT NULL,
    rssi_dbm_min double precision, rssi_dbm_max double precision,
    rssi_dbm_mean double precision, rssi_dbm_last double precision
);
CREATE TABLE smoke_1h (LIKE smoke_1m);
CREATE TABLE smoke_1d (LIKE smoke_1m);
SELECT create_hypertable('smoke_1m', 'bucket', chunk_time_interval => interval '7 days', create_default_indexes => false);
SELECT create_hypertable('smoke_1h', 'bucket', chunk_time_interval => interval '90 days', create_default_indexes => false);
SELECT create_hypertable('smoke_1d', 'bucket', chunk_time_interval => interval '1000 days', create_default_indexes => false);
CREATE UNIQUE INDEX smoke_1m_key ON smoke_1m (device, bucket);
CREATE UNIQUE INDEX smoke_1h_key ON smoke_1h (device, bucket);
CREATE UNIQUE INDEX smoke_1d_key ON smoke_1d (device, bucket);

CREATE TABLE electrical_1m (
    device      integer NOT NULL,
    bucket      timestamptz NOT NULL,
    count       integer NOT NULL,
    received_at timestamptz NOT NULL,
    residual_ma_count integer NOT NULL,
    residual_ma_min double precision, residual_ma_max double precision,
    residual_ma_mean double precision, residual_ma_last double precision,
    cable_temperature_1_c_count integer NOT NULL,
    cable_temperature_1_c_min double precision, cable_temperature_1_c_max double precision,
    cable_temperature_1_c_mean double precision, cable_temperature_1_c_last double precision,
    cable_temperature_2_c_count integer NOT NULL,
    cable_temperature_2_c_min double precision, cable_temperature_2_c_max double precision,
    cable_temperature_2_c_mean double precision, cable_temperature_2_c_last double precision,
    cable_temperature_3_c_count integer NOT NULL,
    cable_temperature_3_c_min double precision, cable_temperature_3_c_max double precision,
    cable_temperature_3_c_mean double precision, cable_temperature_3_c_last double precision,
    cable_temperature_4_c_count integer NOT NULL,
    cable_temperature_4_c_min double precision, cable_temperature_4_c_max double precision,
    cable_temperature_4_c_mean double precision, cable_temperature_4_c_last double precision,
    current_l1_a_count integer NOT NULL,
    current_l1_a_min double precision, current_l1_a_max double precision,
    current_l1_a_mean double precision, current_l1_a_last double precision,
    current_l2_a_count integer NOT NULL,
    current_l2_a_min double precision, current_l2_a_max double precision,
    current_l2_a_mean double precision, current_l2_a_last double precision,
    current_l3_a_count integer NOT NULL,
    current_l3_a_min double precision, current_l3_a_max double precision,
    current_l3_a_mean double precision, current_l3_a_last double precision,
    voltage_l1_v_count integer NOT NULL,
    voltage_l1_v_min double precision, voltage_l1_v_max double precision,
    voltage_l1_v_mean double precision, voltage_l1_v_last double precision,
    voltage_l2_v_count integer NOT NULL,
    voltage_l2_v_min double precision, voltage_l2_v_max double precision,
    voltage_l2_v_mean double precision, voltage_l2_v_last double precision,
    voltage_l3_v_count integer NOT NULL,
    voltage_l3_v_min double precision, voltage_l3_v_max double precision,
    voltage_l3_v_mean double precision, voltage_l3_v_last double precision,
    power_w_count integer NOT NULL,
    power_w_min double precision, power_w_max double precision,
    power_w_mean double precision, power_w_last double precision,
    arc_half_cycles_count integer NOT NULL,
    arc_half_cycles_min double precision, arc_half_cycles_max double precision,
    arc_half_cycles_mean double precision, arc_half_cycles_last double precision,
    rssi_dbm_count integer NOT NULL,
    rssi_dbm_min double precision, rssi_dbm_max double precision,
    rssi_dbm_mean double precision, rssi_dbm_last double precision
);
CREATE TABLE electrical_1h (LIKE electrical_1m);
CREATE TABLE electrical_1d (LIKE electrical_1m);
SELECT create_hypertable('electrical_1m', 'bucket', chunk_time_interval => interval '7 days', create_default_indexes => false);
SELECT create_hypertable('electrical_1h', 'bucket', chunk_time_interval => interval '90 days', create_default_indexes => false);
SELECT create_hypertable('electrical_1d', 'bucket', chunk_time_interval => interval '1000 days', create_default_indexes => false);
CREATE UNIQUE INDEX electrical_1m_key ON electrical_1m (device, bucket);
CREATE UNIQUE INDEX electrical_1h_key ON electrical_1h (device, bucket);
CREATE UNIQUE INDEX electrical_1d_key ON electrical_1d (device, bucket);

-- how far they have come. Whoever stores a reading older than late_before marks its hour in rollups_late;
-- before minutes_before (and days_before, for hours and days) they are complete but for what is marked;
-- of the hour or day that begins there, devices up to minutes_after (days_after) are done;
-- before raw_from (minutes_from, hours_from) readings (minutes, hours) may have been dropped for their age.
CREATE TABLE rollups (
    kind           text PRIMARY KEY CHECK (kind IN ('smoke', 'electrical')),
    late_before    timestamptz NOT NULL DEFAULT '1970-01-01 00:00Z',
    minutes_before timestamptz NOT NULL DEFAULT '1970-01-01 00:00Z',
    minutes_after  integer NOT NULL DEFAULT 0,
    days_before    timestamptz NOT NULL DEFAULT '1970-01-01 00:00Z',
    days_after     integer NOT NULL DEFAULT 0,
    raw_from       timestamptz NOT NULL DEFAULT '1970-01-01 00:00Z',
    minutes_from   timestamptz NOT NULL DEFAULT '1970-01-01 00:00Z',
    hours_from     timestamptz NOT NULL DEFAULT '1970-01-01 00:00Z'
);
INSERT INTO rollups (kind) VALUES ('smoke'), ('electrical');

-- no key: a mark that is there may be taken away before the reading that would rely on it is committed
CREATE TABLE rollups_late (
    kind   text NOT NULL,
    hour   timestamptz NOT NULL,
    device integer NOT NULL
);
CREATE INDEX rollups_late_by_hour ON rollups_late (kind, hour, device);

-- they are dropped by the time of their receipt, for their own says nothing
CREATE INDEX readings_misdated_by_receipt ON readings_misdated (received_at);
