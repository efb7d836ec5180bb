-- why: does the database answer
SELECT 1 AS alive
