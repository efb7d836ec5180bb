-- why: one fire lane
INSERT INTO lanes (code, geometry, properties) VALUES (%(code)s, %(geometry)s::jsonb, %(properties)s::jsonb)
