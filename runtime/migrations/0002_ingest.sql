-- why: what arrives; hypertables are partitioned by device time, wide, one per device kind
CREATE TABLE readings_smoke (
    ts            timestamptz NOT NULL,
    device        integer NOT NULL,
    seq           bigint NOT NULL,
    received_at   timestamptz NOT NULL,
    smoke_db_m    double precision,
    temperature_c double precision,
    chamber_pct   double precision,
    battery_v     double precision,
    battery_pct   double precision,
    rssi_dbm      double precision
);
SELECT create_hypertable('readings_smoke', 'ts', chunk_time_interval => interval '1 day', create_default_indexes => false);
CREATE UNIQUE INDEX readings_smoke_key ON readings_smoke (device, ts, seq);

CREATE TABLE readings_electrical (
    ts                    timestamptz NOT NULL,
    device                integer NOT NULL,
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
SELECT create_hypertable('readings_electrical', 'ts', chunk_time_interval => interval '1 day', create_default_indexes => false);
CREATE UNIQUE INDEX readings_electrical_key ON readings_electrical (device, ts, seq);

-- readings more than 30 days old at receipt (a clock at 1970): they must not make a chunk of their own each
CREATE TABLE readings_misdated (
    device      integer NOT NULL,
    ts          timestamptz NOT NULL,
    seq         bigint NOT NULL,
    received_at timestamptz NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('smoke', 'electrical')),
    "values"    jsonb NOT NULL,
    PRIMARY KEY (device, ts, seq)
);

CREATE TABLE events (
    ts          timestamptz NOT NULL,
    device      text NOT NULL,
    event       text NOT NULL,
    seq         bigint NOT NULL,
    received_at timestamptz NOT NULL,
    gateway     text NOT NULL,
    place       text NOT NULL,
    value       jsonb,
    flags       text[] NOT NULL DEFAULT '{}',
    signal      text NOT NULL,
    drill       text
);
SELECT create_hypertable('events', 'ts', chunk_time_interval => interval '7 days', create_default_indexes => false);
CREATE UNIQUE INDEX events_key ON events (device, event, ts, seq);
CREATE INDEX events_signal ON events (signal, received_at);

-- what may change an alarm, written with its batch; the desk marks handled_at in its own transaction
CREATE TABLE signals (
    id          text NOT NULL,
    received_at timestamptz NOT NULL,
    body        bytea NOT NULL,
    handled_at  timestamptz,
    PRIMARY KEY (id, received_at)
);
CREATE INDEX signals_open ON signals (received_at) WHERE handled_at IS NULL;

CREATE TABLE gateway_status (
    gateway     text PRIMARY KEY,
    state       text NOT NULL CHECK (state IN ('online', 'offline')),
    ts          timestamptz NOT NULL,
    received_at timestamptz NOT NULL
);

CREATE TABLE quarantine (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at timestamptz NOT NULL,
    gateway     text NOT NULL,
    topic       text NOT NULL,
    device      text,
    reason      text NOT NULL,
    detail      text NOT NULL,
    payload     bytea NOT NULL
);
CREATE INDEX quarantine_by_gateway ON quarantine (gateway, received_at);

-- every refused item is counted, kept or not
CREATE TABLE quarantine_counts (
    gateway text NOT NULL,
    reason  text NOT NULL,
    day     date NOT NULL,
    count   bigint NOT NULL,
    PRIMARY KEY (gateway, reason, day)
);
