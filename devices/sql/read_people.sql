-- why: the registry's people
SELECT code, name, phone, station, fallback FROM people ORDER BY code
