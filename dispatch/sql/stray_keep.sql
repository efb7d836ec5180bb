-- why: entries of a desk that was followed by another, for whoever leads to record
INSERT INTO ledger_strays (digest, stream, entry, kind, at, body)
VALUES (%(digest)s, %(stream)s, %(entry)s, %(kind)s, %(at)s, %(body)s)
ON CONFLICT (digest) DO NOTHING;
