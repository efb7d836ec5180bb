-- why: first, follow-up and final reports of incidents as people wrote them; each saving is a row, none is ever changed
CREATE TABLE incident_reports (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident text NOT NULL,
    ref      text NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('first', 'followup', 'final')),
    language text NOT NULL CHECK (language IN ('zh', 'en')),
    text     text NOT NULL,
    signed   text,
    entry    bigint,
    saved_by text NOT NULL,
    saved_as text,
    saved_at timestamptz NOT NULL,
    UNIQUE (incident, ref)
);
REVOKE UPDATE, DELETE, TRUNCATE ON incident_reports FROM PUBLIC;
