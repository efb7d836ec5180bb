-- why: the broker's files depend on which gateways there are
UPDATE access_version SET version = version + 1 RETURNING version
