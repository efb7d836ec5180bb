-- why: every role polls which tokens count no longer
SELECT id FROM revoked_tokens WHERE expires_at > %(now)s
