-- why: what was given out can be ended, by its id
INSERT INTO issued_tokens (id, role, scope, name, issued_at, expires_at, issued_by)
VALUES (%(id)s, %(role)s, %(scope)s, %(name)s, %(issued_at)s, %(expires_at)s, %(issued_by)s)
ON CONFLICT DO NOTHING
