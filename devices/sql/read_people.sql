-- why: the registry's people
SELECT code, name, phone, station FROM people ORDER BY code
