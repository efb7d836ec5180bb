-- why: how far the rollups of a kind have come, and the oldest hour that is to be made again
SELECT
    late_before, minutes_before, minutes_after, days_before, days_after, raw_from, minutes_from,
    (SELECT min(l.hour) FROM rollups_late AS l WHERE l.kind = rollups.kind) AS late_hour
FROM rollups WHERE kind = %(kind)s
