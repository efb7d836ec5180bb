-- why: fire lanes are replaced whole
DELETE FROM lanes
