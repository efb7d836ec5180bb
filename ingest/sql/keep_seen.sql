-- why: several workers may hear a device; the latest word counts. In order, so that two never wait for one another
INSERT INTO device_seen AS s (device, received_at, clock_offset_us)
SELECT n.device, n.received_at, n.clock_offset_us FROM staged_seen AS n ORDER BY n.device
ON CONFLICT (device) DO UPDATE
SET received_at = excluded.received_at, clock_offset_us = coalesce(excluded.clock_offset_us, s.clock_offset_us)
WHERE s.received_at < excluded.received_at
