-- why: afterwards somebody asks who changed what; and access that was given out must be seen to be ended
CREATE TABLE admin_log (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL,
    who     text NOT NULL,
    what    text NOT NULL,
    noun    text,
    code    text,
    -- of a change: the columns that differ, and the SHA-256 of what was and what is; a null: there was or is nothing
    changed text[] NOT NULL,
    before  bytea,
    after   bytea,
    detail  jsonb
);
CREATE INDEX admin_log_of ON admin_log (noun, code);

-- what was given out, without the token itself: that is kept nowhere
CREATE TABLE issued_tokens (
    id         text PRIMARY KEY,
    role       text NOT NULL,
    scope      text,
    name       text,
    issued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    issued_by  text NOT NULL
);
CREATE INDEX issued_tokens_of ON issued_tokens (name, expires_at);
