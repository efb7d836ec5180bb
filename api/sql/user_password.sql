-- why: a new password; the old one counts no longer
UPDATE users SET password_hash = %(password_hash)s WHERE name = %(name)s
