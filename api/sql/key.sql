-- why: the key every role verifies tokens with
SELECT key FROM token_keys
