-- why: the registry's sources of water
SELECT code, kind, lon, lat, state FROM water ORDER BY code
