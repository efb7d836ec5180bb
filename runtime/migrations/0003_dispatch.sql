-- why: the ledger is the truth; alarms, incidents and orders are projections written in the same transaction
CREATE TABLE ledger (
    entry  bigint PRIMARY KEY,
    at     timestamptz NOT NULL,
    kind   text NOT NULL,
    body   bytea NOT NULL,
    prev   bytea NOT NULL,
    digest bytea NOT NULL
);
REVOKE UPDATE, DELETE, TRUNCATE ON ledger FROM PUBLIC;

-- which frame sequence the ledger's frame numbers belong to
CREATE TABLE ledger_head (
    sole   boolean PRIMARY KEY DEFAULT true CHECK (sole),
    stream text NOT NULL
);

-- free text named by its salted digest in the ledger; kept beside it so that it can be erased without breaking the chain
CREATE TABLE ledger_notes (
    digest text PRIMARY KEY,
    salt   bytea NOT NULL,
    note   text NOT NULL
);

CREATE TABLE alarms (
    id         text PRIMARY KEY,
    device     text NOT NULL,
    kind       text NOT NULL,
    place      text NOT NULL,
    state      text NOT NULL,
    drill      text,
    incident   text,
    raised_at  timestamptz NOT NULL,
    cleared_at timestamptz,
    body       jsonb NOT NULL
);
CREATE INDEX alarms_by_device ON alarms (device, raised_at);
CREATE INDEX alarms_by_place ON alarms (place, raised_at);

CREATE TABLE incidents (
    id        text PRIMARY KEY,
    place     text,
    kind      text NOT NULL,
    state     text NOT NULL CHECK (state IN ('open', 'closed')),
    severity  smallint NOT NULL,
    drill     text,
    verdict   text,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    body      jsonb NOT NULL
);
CREATE INDEX incidents_by_time ON incidents (opened_at);

CREATE TABLE orders (
    id         text PRIMARY KEY,
    incident   text NOT NULL,
    recipient  text NOT NULL,
    kind       text NOT NULL,
    state      text NOT NULL,
    priority   smallint NOT NULL,
    drill      text,
    reason     text NOT NULL,
    drafted_at timestamptz NOT NULL,
    ended_at   timestamptz,
    body       jsonb NOT NULL
);
CREATE INDEX orders_by_recipient ON orders (recipient, drafted_at);
CREATE INDEX orders_by_incident ON orders (incident);

-- which ledger entries belong to an incident's timeline
CREATE TABLE incident_entries (
    incident text NOT NULL,
    entry    bigint NOT NULL,
    PRIMARY KEY (incident, entry)
);
