-- why: how far the rollups reach, and from when on readings, minutes and hours are kept; not beyond an hour into which
-- the device has sent late and which has not been rolled up anew, unless its readings may have been dropped
SELECT
    least(r.minutes_before, late.first) AS minutes_before, least(r.days_before, late.first) AS days_before,
    r.raw_from, r.minutes_from, r.hours_from
FROM rollups AS r
CROSS JOIN LATERAL (
    SELECT min(hour) AS first FROM rollups_late
    WHERE kind = r.kind AND device = %(device)s
        AND hour >= greatest(r.raw_from, %(from)s::timestamptz - interval '1 hour') AND hour <= %(to)s::timestamptz
) AS late
WHERE r.kind = %(kind)s
