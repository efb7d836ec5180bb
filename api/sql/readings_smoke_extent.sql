-- why: how many readings a range holds (counted no further than is needed to know that it must be thinned), its ends,
-- and how far the rollups reach; each part looks at one end of an index only
WITH few AS (
    SELECT ts FROM readings_smoke WHERE device = %(device)s AND ts BETWEEN %(from)s AND %(to)s ORDER BY ts LIMIT %(most)s
), odd AS (
    SELECT ts FROM readings_misdated WHERE device = %(device)s AND ts BETWEEN %(from)s AND %(to)s ORDER BY ts LIMIT %(most)s
), ends AS (
    SELECT
        (SELECT min(ts) FROM few) AS raw_first,
        (SELECT ts FROM readings_smoke WHERE device = %(device)s AND ts BETWEEN %(from)s AND %(to)s ORDER BY ts DESC LIMIT 1) AS raw_last,
        (SELECT min(ts) FROM odd) AS odd_first,
        (SELECT ts FROM readings_misdated WHERE device = %(device)s AND ts BETWEEN %(from)s AND %(to)s ORDER BY ts DESC LIMIT 1) AS odd_last,
        least(
            (SELECT bucket FROM smoke_1m WHERE device = %(device)s AND bucket BETWEEN %(from)s AND %(to)s ORDER BY bucket LIMIT 1),
            (SELECT bucket FROM smoke_1h WHERE device = %(device)s AND bucket BETWEEN %(from)s AND %(to)s ORDER BY bucket LIMIT 1),
            (SELECT bucket FROM smoke_1d WHERE device = %(device)s AND bucket BETWEEN %(from)s AND %(to)s ORDER BY bucket LIMIT 1)
        ) AS rolled_first,
        greatest(
            (SELECT bucket FROM smoke_1m WHERE device = %(device)s AND bucket BETWEEN %(from)s AND %(to)s ORDER BY bucket DESC LIMIT 1),
            (SELECT bucket FROM smoke_1h WHERE device = %(device)s AND bucket BETWEEN %(from)s AND %(to)s ORDER BY bucket DESC LIMIT 1),
            (SELECT bucket FROM smoke_1d WHERE device = %(device)s AND bucket BETWEEN %(from)s AND %(to)s ORDER BY bucket DESC LIMIT 1)
        ) AS rolled_last
)
SELECT
    (SELECT count(*) FROM few) + (SELECT count(*) FROM odd) AS count,
    coalesce(ends.rolled_first < rollups.raw_from, false) AS aged,
    least(ends.raw_first, ends.odd_first, CASE WHEN ends.rolled_first < rollups.raw_from THEN ends.rolled_first END) AS first,
    greatest(ends.raw_last, ends.odd_last, CASE WHEN ends.rolled_first < rollups.raw_from THEN ends.rolled_last END) AS last,
    rollups.minutes_before, rollups.days_before, rollups.raw_from, rollups.minutes_from, rollups.hours_from
FROM ends CROSS JOIN rollups
WHERE rollups.kind = 'smoke'
