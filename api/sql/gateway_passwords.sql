-- why: which gateways have a password, since when; what it is, nobody knows
SELECT gateway, set_at FROM gateway_passwords
