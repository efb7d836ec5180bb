-- why: a code keeps its row
INSERT INTO people (code, name, phone, station, fallback)
VALUES (%(code)s, %(name)s, %(phone)s, %(station)s, %(fallback)s)
ON CONFLICT (code) DO UPDATE SET
    name = excluded.name, phone = excluded.phone, station = excluded.station, fallback = excluded.fallback
