-- why: equipment is replaced whole
DELETE FROM equipment
