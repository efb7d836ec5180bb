-- why: a code keeps its row
INSERT INTO places
    (code, name, category, address, lon, lat, floors, grid, station, risk, hazards, vulnerable, keyholder, plan)
VALUES (
    %(code)s, %(name)s, %(category)s, %(address)s, %(lon)s, %(lat)s, %(floors)s, %(grid)s, %(station)s, %(risk)s,
    %(hazards)s, %(vulnerable)s, %(keyholder)s, %(plan)s
)
ON CONFLICT (code) DO UPDATE SET
    name = excluded.name, category = excluded.category, address = excluded.address, lon = excluded.lon,
    lat = excluded.lat, floors = excluded.floors, grid = excluded.grid, station = excluded.station,
    risk = excluded.risk, hazards = excluded.hazards, vulnerable = excluded.vulnerable, keyholder = excluded.keyholder,
    plan = excluded.plan
