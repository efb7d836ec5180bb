-- why: who may come in; secrets are kept only as hashes, but for the key that signs tokens
CREATE TABLE gateway_passwords (
    gateway text PRIMARY KEY,
    hash    text NOT NULL,
    set_at  timestamptz NOT NULL
);

CREATE TABLE users (
    name          text PRIMARY KEY,
    role          text NOT NULL CHECK (role IN ('station', 'person', 'control_room', 'command', 'admin', 'viewer')),
    scope         text,
    password_hash text NOT NULL
);

CREATE TABLE token_keys (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    key  bytea NOT NULL
);

CREATE TABLE revoked_tokens (
    id         text PRIMARY KEY,
    expires_at timestamptz NOT NULL
);

-- grows with every change to a password or a gateway, so that the broker's files are written again
CREATE TABLE access_version (
    sole    boolean PRIMARY KEY DEFAULT true CHECK (sole),
    version bigint NOT NULL
);
INSERT INTO access_version (version) VALUES (0);
