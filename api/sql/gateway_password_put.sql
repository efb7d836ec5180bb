-- why: a gateway logs in with its newest password only
INSERT INTO gateway_passwords (gateway, hash, set_at) VALUES (%(gateway)s, %(hash)s, %(set_at)s)
ON CONFLICT (gateway) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at
