-- why: the exact path, second half: a reading is stored once per key, within the batch too
INSERT INTO readings_electrical SELECT * FROM staged_electrical ON CONFLICT DO NOTHING
