-- why: how many readings a range holds (counted no further than is needed to know that it must be thinned), and its ends
WITH ranged AS (
    SELECT ts FROM readings_smoke WHERE device = %(device)s AND ts BETWEEN %(from)s AND %(to)s
    UNION ALL
    SELECT ts FROM readings_misdated WHERE device = %(device)s AND ts BETWEEN %(from)s AND %(to)s
)
SELECT
    (SELECT count(*) FROM (SELECT FROM ranged LIMIT %(most)s) AS few) AS count,
    (SELECT min(ts) FROM ranged) AS first,
    (SELECT max(ts) FROM ranged) AS last
