-- why: the registry's closed roads and lifts
SELECT code, kind, place, lon, lat, starts, until, modes, note FROM closures ORDER BY code
