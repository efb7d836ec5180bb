-- why: the exact path, second half: a reading is stored once per key, within the batch too
INSERT INTO readings_smoke SELECT * FROM staged_smoke ON CONFLICT DO NOTHING
