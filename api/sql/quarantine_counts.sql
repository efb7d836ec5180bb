-- why: how much of what was refused of late, kept or only counted
SELECT gateway, reason, sum(count)::bigint AS count, max(day) AS last_day
FROM quarantine_counts
WHERE day >= %(since)s
GROUP BY gateway, reason
ORDER BY count DESC
LIMIT 200
