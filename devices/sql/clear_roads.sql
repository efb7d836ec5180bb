-- why: a pack without streets has none: distances are then by line
DELETE FROM roads
