-- why: a bearer signs out; the token must not count for whoever kept a copy
INSERT INTO revoked_tokens (id, expires_at) VALUES (%(id)s, %(expires_at)s) ON CONFLICT DO NOTHING
