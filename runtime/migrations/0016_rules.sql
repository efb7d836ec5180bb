-- why: what a place or a device has otherwise than its profile: levels, delays, a second detector
CREATE TABLE rules (
    code              text PRIMARY KEY,
    alarm             text NOT NULL,
    place             text,
    device            text,
    measured          text,
    level             text,
    at_least          double precision,
    at_most           double precision,
    clear_below       double precision,
    clear_above       double precision,
    delay_s           double precision,
    off_delay_s       double precision,
    latching          boolean,
    confirm           text,
    confirm_within_s  double precision,
    alone_s           double precision,
    escalates_after_s double precision,
    escalates_to      text,
    CHECK ((place IS NULL) <> (device IS NULL))
);
