-- why: who was heard when, and who is told offline; as arrays, for there may be a hundred thousand
SELECT
    array_agg(s.device),
    array_agg(s.received_at),
    array_agg(coalesce(s.offline_since, 'epoch')),
    array_agg(coalesce(s.clock_offset_us, 0))
FROM device_seen AS s
