-- why: a code keeps its row
INSERT INTO grids (code, name, level, parent, polygon)
VALUES (%(code)s, %(name)s, %(level)s, %(parent)s, %(polygon)s)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, level = excluded.level, parent = excluded.parent, polygon = excluded.polygon
