-- why: sources of water are replaced whole
DELETE FROM water
