-- why: the command room's log (值班日志): who wrote what when, and what was open at each handover; only ever added to

CREATE TABLE command_log (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref       text NOT NULL UNIQUE,
    at        timestamptz NOT NULL,
    by        text NOT NULL,
    name      text NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('entry', 'handover', 'correction')),
    text      text NOT NULL,
    incident  text,
    taken_by  text,
    corrects  bigint REFERENCES command_log (id),
    matters   jsonb
);
CREATE INDEX command_log_by_time ON command_log (at);
REVOKE UPDATE, DELETE, TRUNCATE ON command_log FROM PUBLIC;
