-- why: pictures that people hand in from an incident, beside the ledger, which names each by its digest
CREATE TABLE photos (
    id       text PRIMARY KEY,
    incident text NOT NULL,
    of_order text,
    by       text NOT NULL,
    at       timestamptz NOT NULL,
    taken_at timestamptz,
    type     text NOT NULL CHECK (type IN ('image/jpeg', 'image/png', 'image/webp')),
    digest   text NOT NULL,
    content  bytea NOT NULL
);
CREATE INDEX photos_at ON photos (at);
