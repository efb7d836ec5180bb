-- why: somebody signs in
SELECT name, role, scope, password_hash FROM users WHERE name = %(name)s
