-- why: in the migration's own transaction, so that it is applied and known to be, or neither
INSERT INTO migrations (number, name, digest, applied_at) VALUES (%s, %s, %s, %s)
