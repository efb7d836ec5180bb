-- why: fire lanes
SELECT code, geometry, properties FROM lanes ORDER BY code
