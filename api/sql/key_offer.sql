-- why: the first role to start makes the key that signs tokens; all others find it
INSERT INTO token_keys (key) VALUES (%(key)s) ON CONFLICT DO NOTHING
