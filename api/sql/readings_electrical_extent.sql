-- why: about how many readings a range holds, and its ends, from the same pieces as its thinned form; readings themselves
-- are counted no further than is needed to know that there are too many. rolled: the first that is in a rollup
SELECT coalesce(sum(part.count), 0)::bigint AS count, min(part.first) AS first, max(part.last) AS last,
    min(part.rolled) AS rolled
FROM (
    SELECT count(*) AS count, min(ts) AS first, NULL::timestamptz AS last, NULL::timestamptz AS rolled FROM (
        SELECT ts FROM readings_electrical
        WHERE device = %(device)s AND ts >= %(from_raw_1)s AND ts < %(to_raw_1)s
        ORDER BY ts LIMIT %(most)s
    ) AS few
    UNION ALL
    (
        SELECT 0, NULL, ts, NULL FROM readings_electrical
        WHERE device = %(device)s AND ts >= %(from_raw_1)s AND ts < %(to_raw_1)s
        ORDER BY ts DESC LIMIT 1
    )
    UNION ALL
    SELECT count(*) AS count, min(ts) AS first, NULL::timestamptz AS last, NULL::timestamptz AS rolled FROM (
        SELECT ts FROM readings_electrical
        WHERE device = %(device)s AND ts >= %(from_raw_2)s AND ts < %(to_raw_2)s
        ORDER BY ts LIMIT %(most)s
    ) AS few
    UNION ALL
    (
        SELECT 0, NULL, ts, NULL FROM readings_electrical
        WHERE device = %(device)s AND ts >= %(from_raw_2)s AND ts < %(to_raw_2)s
        ORDER BY ts DESC LIMIT 1
    )
    UNION ALL
    SELECT count(*), min(ts), NULL, NULL FROM (
        SELECT ts FROM readings_misdated
        WHERE device = %(device)s AND ts BETWEEN %(from)s AND %(to)s
        ORDER BY ts LIMIT %(most)s
    ) AS few
    UNION ALL
    (
        SELECT 0, NULL, ts, NULL FROM readings_misdated
        WHERE device = %(device)s AND ts BETWEEN %(from)s AND %(to)s
        ORDER BY ts DESC LIMIT 1
    )
    UNION ALL
    SELECT sum(count), min(bucket), max(bucket) + interval '1 minute', min(bucket)
    FROM electrical_1m WHERE device = %(device)s AND bucket >= %(from_1m_1)s AND bucket < %(to_1m_1)s
    UNION ALL
    SELECT sum(count), min(bucket), max(bucket) + interval '1 minute', min(bucket)
    FROM electrical_1m WHERE device = %(device)s AND bucket >= %(from_1m_2)s AND bucket < %(to_1m_2)s
    UNION ALL
    SELECT sum(count), min(bucket), max(bucket) + interval '1 hour', min(bucket)
    FROM electrical_1h WHERE device = %(device)s AND bucket >= %(from_1h_1)s AND bucket < %(to_1h_1)s
    UNION ALL
    SELECT sum(count), min(bucket), max(bucket) + interval '1 hour', min(bucket)
    FROM electrical_1h WHERE device = %(device)s AND bucket >= %(from_1h_2)s AND bucket < %(to_1h_2)s
    UNION ALL
    SELECT sum(count), min(bucket), max(bucket) + interval '1 day', min(bucket)
    FROM electrical_1d WHERE device = %(device)s AND bucket >= %(from_1d_1)s AND bucket < %(to_1d_1)s
) AS part
