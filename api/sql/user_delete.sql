-- why: somebody is to sign in no more
DELETE FROM users WHERE name = %(name)s
