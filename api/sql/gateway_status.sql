-- why: what gateways last said of themselves
SELECT gateway, state, received_at FROM gateway_status WHERE gateway = ANY (%(codes)s)
