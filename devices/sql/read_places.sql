-- why: the registry's places
SELECT code, name, category, address, lon, lat, floors, grid, station, risk, hazards, vulnerable, keyholder,
    plan
FROM places ORDER BY code
