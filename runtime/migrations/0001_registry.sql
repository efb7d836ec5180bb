-- why: who and where; the tables mirror a district pack (docs/district-pack.md), codes are keys
CREATE EXTENSION IF NOT EXISTS timescaledb;

CREATE TABLE registry_version (
    sole    boolean PRIMARY KEY DEFAULT true CHECK (sole),
    version bigint NOT NULL
);
INSERT INTO registry_version (version) VALUES (0);

CREATE TABLE grids (
    code    text PRIMARY KEY,
    name    text NOT NULL,
    level   smallint NOT NULL CHECK (level BETWEEN 1 AND 3),
    parent  text REFERENCES grids DEFERRABLE INITIALLY DEFERRED,
    polygon jsonb NOT NULL
);

CREATE TABLE stations (
    code     text PRIMARY KEY,
    name     text NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('unit', 'community', 'township', 'brigade')),
    lon      double precision NOT NULL,
    lat      double precision NOT NULL,
    grid     text NOT NULL REFERENCES grids DEFERRABLE INITIALLY DEFERRED,
    phone    text NOT NULL,
    crew_min integer NOT NULL CHECK (crew_min >= 0),
    muster_s integer NOT NULL CHECK (muster_s >= 0),
    mode     text NOT NULL CHECK (mode IN ('foot', 'ebike', 'motorcycle', 'vehicle')),
    capacity integer NOT NULL DEFAULT 1 CHECK (capacity >= 1)
);

CREATE TABLE places (
    code       text PRIMARY KEY,
    name       text NOT NULL,
    category   text NOT NULL,
    address    text NOT NULL,
    lon        double precision NOT NULL,
    lat        double precision NOT NULL,
    floors     integer NOT NULL,
    grid       text NOT NULL REFERENCES grids DEFERRABLE INITIALLY DEFERRED,
    station    text REFERENCES stations DEFERRABLE INITIALLY DEFERRED,
    risk       text,
    hazards    text,
    vulnerable text,
    keyholder  text
);

CREATE TABLE people (
    code    text PRIMARY KEY,
    name    text NOT NULL,
    phone   text NOT NULL,
    station text REFERENCES stations DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE duties (
    position integer NOT NULL,
    person   text NOT NULL REFERENCES people DEFERRABLE INITIALLY DEFERRED,
    duty     text NOT NULL CHECK (duty IN (
        'leader', 'deputy', 'member', 'patron', 'police',
        'warden', 'manager', 'contractor', 'contact', 'control_room',
        'chief', 'duty_officer', 'crew', 'commander'
    )),
    scope    text NOT NULL,
    PRIMARY KEY (person, duty, scope)
);

CREATE TABLE shifts (
    station text NOT NULL REFERENCES stations DEFERRABLE INITIALLY DEFERRED,
    weekday smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    start   time NOT NULL,
    until   time NOT NULL,
    person  text NOT NULL REFERENCES people DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (station, weekday, start, until, person)
);

CREATE TABLE gateways (
    code  text PRIMARY KEY CHECK (code <> '_'),
    name  text NOT NULL,
    place text NOT NULL REFERENCES places DEFERRABLE INITIALLY DEFERRED
);

-- a device's id stays with its code for good, so that history survives a new pack; a code no longer registered is retired
CREATE TABLE devices (
    id           integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    code         text PRIMARY KEY,
    profile      text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('smoke', 'electrical')),
    gateway      text NOT NULL,
    place        text NOT NULL,
    floor        integer,
    room         text,
    lon          double precision,
    lat          double precision,
    installed_on date,
    retired      boolean NOT NULL DEFAULT false
);

CREATE TABLE water (
    code  text PRIMARY KEY,
    kind  text NOT NULL,
    lon   double precision NOT NULL,
    lat   double precision NOT NULL,
    state text NOT NULL
);

CREATE TABLE lanes (
    code       text PRIMARY KEY,
    geometry   jsonb NOT NULL,
    properties jsonb NOT NULL
);

CREATE TABLE equipment (
    station    text NOT NULL REFERENCES stations DEFERRABLE INITIALLY DEFERRED,
    item       text NOT NULL,
    count      integer NOT NULL,
    checked_on date,
    expires_on date,
    PRIMARY KEY (station, item)
);

-- the pack's street file as it came (name tells osm or osm.pbf), and the network read from it (a numpy .npz, devices/streets)
CREATE TABLE roads (
    sole    boolean PRIMARY KEY DEFAULT true CHECK (sole),
    name    text NOT NULL,
    source  bytea NOT NULL,
    network bytea NOT NULL
);
