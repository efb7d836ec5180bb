-- why: who was heard when, and how long was listened; silence counts only while ingest heard everything

-- told offline since then (its last word), or null; the desk has a signal of it
CREATE TABLE device_seen (
    device          integer PRIMARY KEY,
    received_at     timestamptz NOT NULL,
    clock_offset_us bigint,
    offline_since   timestamptz
) WITH (fillfactor = 50);

-- received_at: what was heard besides readings; gone_at: its last will, or its own goodbye
CREATE TABLE gateway_seen (
    gateway       text PRIMARY KEY,
    received_at   timestamptz,
    gone_at       timestamptz,
    offline_since timestamptz,
    back_at       timestamptz
) WITH (fillfactor = 50);

-- each MQTT session of ingest: everything sent between since and until has been heard; null while that is not known
CREATE TABLE ingest_sessions (
    client      text PRIMARY KEY,
    since       timestamptz,
    until       timestamptz,
    reported_at timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE listening (
    since timestamptz PRIMARY KEY,
    until timestamptz NOT NULL CHECK (until > since)
);
