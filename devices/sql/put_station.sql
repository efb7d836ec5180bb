-- why: a code keeps its row
INSERT INTO stations (code, name, kind, lon, lat, grid, phone, crew_min, muster_s, mode, capacity, fallback)
VALUES (
    %(code)s, %(name)s, %(kind)s, %(lon)s, %(lat)s, %(grid)s, %(phone)s, %(crew_min)s, %(muster_s)s, %(mode)s,
    %(capacity)s, %(fallback)s
)
ON CONFLICT (code) DO UPDATE SET
    name = excluded.name, kind = excluded.kind, lon = excluded.lon, lat = excluded.lat, grid = excluded.grid,
    phone = excluded.phone, crew_min = excluded.crew_min, muster_s = excluded.muster_s, mode = excluded.mode,
    capacity = excluded.capacity, fallback = excluded.fallback
