-- why: with a user's access end all tokens that were given to them
INSERT INTO revoked_tokens (id, expires_at)
SELECT id, expires_at FROM issued_tokens WHERE name = %(name)s AND expires_at > %(now)s
ON CONFLICT DO NOTHING
RETURNING id
