-- why: free text beside the ledger
INSERT INTO ledger_notes (digest, salt, note) VALUES (%(digest)s, %(salt)s, %(note)s)
ON CONFLICT (digest) DO NOTHING;
