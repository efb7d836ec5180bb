-- why: one that was given out
SELECT id, role, scope, name, expires_at FROM issued_tokens WHERE id = %(id)s
