-- why: what was refused and why, the newest first
SELECT id, received_at, gateway, topic, device, reason, detail, payload
FROM quarantine
WHERE (%(gateway)s::text IS NULL OR gateway = %(gateway)s)
    AND (%(reason)s::text IS NULL OR reason = %(reason)s)
    AND (%(from)s::timestamptz IS NULL OR received_at >= %(from)s)
    AND (%(to)s::timestamptz IS NULL OR received_at <= %(to)s)
    AND (%(below)s::bigint IS NULL OR id < %(below)s)
ORDER BY id DESC
LIMIT %(most)s
