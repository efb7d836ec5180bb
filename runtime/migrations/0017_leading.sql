-- why: what a desk decided after another had followed it is kept until whoever leads has recorded it
CREATE TABLE ledger_strays (
    digest      bytea PRIMARY KEY,
    stream      text NOT NULL,
    entry       bigint NOT NULL,
    kind        text NOT NULL,
    at          timestamptz NOT NULL,
    body        bytea NOT NULL,
    imported_at timestamptz
);
CREATE INDEX ledger_led ON ledger (entry) WHERE kind = 'led';
