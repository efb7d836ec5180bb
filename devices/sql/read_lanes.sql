-- why: fire lanes as canonical text
SELECT code, geometry::text, properties::text FROM lanes ORDER BY code
