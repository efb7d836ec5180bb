-- why: `firegrid user` makes a user or gives one a new password and role
INSERT INTO users (name, role, scope, password_hash) VALUES (%(name)s, %(role)s, %(scope)s, %(password_hash)s)
ON CONFLICT (name) DO UPDATE SET role = excluded.role, scope = excluded.scope, password_hash = excluded.password_hash
