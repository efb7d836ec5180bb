-- why: a code keeps its row, and beside it its password
INSERT INTO gateways (code, name, place) VALUES (%(code)s, %(name)s, %(place)s)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, place = excluded.place
