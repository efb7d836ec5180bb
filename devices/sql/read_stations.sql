-- why: the registry's stations
SELECT code, name, kind, lon, lat, grid, phone, crew_min, muster_s, mode, capacity, fallback FROM stations ORDER BY code
