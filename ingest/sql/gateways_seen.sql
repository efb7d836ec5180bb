-- why: the same of gateways; few
SELECT gateway, received_at, gone_at, offline_since, back_at FROM gateway_seen
