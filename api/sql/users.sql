-- why: who can sign in, and how many of their tokens still count
SELECT u.name, u.role, u.scope, count(t.id)::int AS tokens, max(t.issued_at) AS signed_in_at
FROM users AS u
LEFT JOIN issued_tokens AS t ON t.name = u.name AND t.expires_at > %(now)s
    AND NOT EXISTS (SELECT 1 FROM revoked_tokens AS r WHERE r.id = t.id)
GROUP BY u.name, u.role, u.scope
ORDER BY u.name
