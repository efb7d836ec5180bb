-- why: only a registered gateway with a password may log in to the broker
SELECT gateway, hash FROM gateway_passwords JOIN gateways ON gateways.code = gateway_passwords.gateway
