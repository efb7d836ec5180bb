-- why: only a registered gateway can have a password
SELECT 1 FROM gateways WHERE code = %(gateway)s;
