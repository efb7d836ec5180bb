-- why: an entry is added; the same number twice is an error that must be seen
INSERT INTO ledger (entry, at, kind, body, prev, digest)
VALUES (%(entry)s, %(at)s, %(kind)s, %(body)s, %(prev)s, %(digest)s);
