-- why: the registry's gateways
SELECT code, name, place FROM gateways ORDER BY code
