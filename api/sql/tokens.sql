-- why: what was given out and has not expired, the newest first; the tokens themselves are kept nowhere
SELECT t.id, t.role, t.scope, t.name, t.issued_at, t.expires_at, t.issued_by, r.id IS NOT NULL AS revoked
FROM issued_tokens AS t
LEFT JOIN revoked_tokens AS r ON r.id = t.id
WHERE t.expires_at > %(now)s AND (%(at)s::timestamptz IS NULL OR (t.issued_at, t.id) < (%(at)s, %(id)s))
ORDER BY t.issued_at DESC, t.id DESC
LIMIT %(most)s
