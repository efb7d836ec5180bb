-- why: FireGrid's readings tables as a flow would have them: the device by its code, nothing else that points to them
CREATE EXTENSION IF NOT EXISTS timescaledb;

CREATE TABLE IF NOT EXISTS readings_smoke (
    ts            timestamptz NOT NULL,
    device        text NOT NULL,
    seq           bigint NOT NULL,
    received_at   timestamptz NOT NULL,
    smoke_db_m    double precision,
    temperature_c double precision,
    chamber_pct   double precision,
    battery_v     double precision,
    battery_pct   double precision,
    rssi_dbm      double precision
);
SELECT create_hypertable('readings_smoke', 'ts', chunk_time_interval => interval '1 day',
                         create_default_indexes => false, if_not_exists => true);
CREATE UNIQUE INDEX IF NOT EXISTS readings_smoke_key ON readings_smoke (device, ts, seq);

CREATE TABLE IF NOT EXISTS readings_electrical (
    ts                    timestamptz NOT NULL,
    device                text NOT NULL,
    seq                   bigint NOT NULL,
    received_at           timestamptz NOT NULL,
    residual_ma           double precision,
    cable_temperature_1_c double precision,
    cable_temperature_2_c double precision,
    cable_temperature_3_c double precision,
    cable_temperature_4_c double precision,
    current_l1_a          double precision,
    current_l2_a          double precision,
    current_l3_a          double precision,
    voltage_l1_v          double precision,
    voltage_l2_v          double precision,
    voltage_l3_v          double precision,
    power_w               double precision,
    arc_half_cycles       double precision,
    rssi_dbm              double precision
);
SELECT create_hypertable('readings_electrical', 'ts', chunk_time_interval => interval '1 day',
                         create_default_indexes => false, if_not_exists => true);
CREATE UNIQUE INDEX IF NOT EXISTS readings_electrical_key ON readings_electrical (device, ts, seq);
