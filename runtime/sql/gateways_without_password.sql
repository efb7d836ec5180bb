-- why: the simulator makes passwords only where nobody has set one
SELECT code FROM gateways WHERE code NOT IN (SELECT gateway FROM gateway_passwords) ORDER BY code;
