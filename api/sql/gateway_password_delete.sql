-- why: the gateway is to log in no more
DELETE FROM gateway_passwords WHERE gateway = %(gateway)s
