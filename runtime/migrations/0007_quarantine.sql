-- why: what is kept of refused items is bounded in bytes, so each row and each count says how many it takes
ALTER TABLE quarantine ADD COLUMN bytes integer;
UPDATE quarantine SET bytes = octet_length(topic) + octet_length(detail) + octet_length(payload) + 200;
ALTER TABLE quarantine ALTER COLUMN bytes SET NOT NULL;
-- rows are deleted oldest first, and the room they leave is to be used again before the table grows
ALTER TABLE quarantine SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1);

ALTER TABLE quarantine_counts ADD COLUMN bytes bigint NOT NULL DEFAULT 0;
UPDATE quarantine_counts AS c SET bytes = s.bytes
FROM (
    SELECT gateway, reason, (received_at AT TIME ZONE 'UTC')::date AS day, sum(bytes) AS bytes
    FROM quarantine
    GROUP BY 1, 2, 3
) AS s
WHERE (c.gateway, c.reason, c.day) = (s.gateway, s.reason, s.day);
-- the names that gateways nobody registered have given themselves today
CREATE INDEX quarantine_strangers ON quarantine_counts (day) WHERE reason = 'unknown_gateway';
