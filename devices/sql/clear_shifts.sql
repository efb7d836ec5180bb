-- why: rosters are replaced whole
DELETE FROM shifts
