-- why: roads that are closed and lifts out of order, which change travel times and stand in orders

CREATE TABLE closures (
    code   text PRIMARY KEY,
    kind   text NOT NULL CHECK (kind IN ('road', 'lift')),
    place  text REFERENCES places DEFERRABLE INITIALLY DEFERRED,
    lon    double precision,
    lat    double precision,
    starts timestamptz,
    until  timestamptz,
    modes  text,
    note   text
);
