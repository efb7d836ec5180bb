-- why: signals the desk decided long ago are found and dropped
CREATE INDEX signals_handled ON signals (handled_at) WHERE handled_at IS NOT NULL;
