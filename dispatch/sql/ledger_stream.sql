-- why: outside readers learn which frame sequence the numbers belong to
INSERT INTO ledger_head (stream) VALUES (%(stream)s)
ON CONFLICT (sole) DO UPDATE SET stream = excluded.stream;
